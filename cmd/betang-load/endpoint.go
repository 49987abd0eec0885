package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

var errNotLoopback = errors.New("only loopback addresses are allowed")

// checkURL refuses what cannot be a server on this machine. The dialer looks again at the address it really gets.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q: not an http or https URL", s)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s: %w", u.Host, errNotLoopback)
	}
	return nil
}

// newClient makes an HTTP client that cannot leave this machine.
func newClient() *http.Client {
	d := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			return errNotLoopback
		}
		return nil
	}}
	return &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DialContext:         d.DialContext,
			MaxIdleConnsPerHost: 64,
			// A development server signs its own certificate; nobody but this machine can answer.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends an offer to a WHIP or WHEP endpoint and gives the answer and the session's URL (RFC 9725 section 4.2).
func post(ctx context.Context, c *http.Client, endpoint, token, offer string) (answer, session string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(offer))
	if err != nil {
		return "", "", err
	}
	req.Header.Set("Content-Type", "application/sdp")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "", "", err
	}
	if res.StatusCode != http.StatusCreated {
		return "", "", fmt.Errorf("POST %s: %s: %s", endpoint, res.Status, bytes.TrimSpace(body[:min(len(body), 200)]))
	}
	loc, err := res.Location()
	if err != nil {
		return "", "", fmt.Errorf("POST %s: %w", endpoint, err)
	}
	return string(body), loc.String(), nil
}

// hangUp ends a session. What the server says to it changes nothing for us.
func hangUp(ctx context.Context, c *http.Client, session, token string) {
	if checkURL(session) != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, session, nil)
	if err != nil {
		return
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if res, err := c.Do(req); err == nil {
		_ = res.Body.Close()
	}
}
