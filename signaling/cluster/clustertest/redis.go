// Package clustertest starts a redis-server of a test's own.
package clustertest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// Redis is a redis-server with a folder of its own, on a free port of loopback. It keeps its data over Stop and Start.
type Redis struct {
	t      testing.TB
	folder string
	port   int
	more   []string
	tls    *tls.Config // nil: without
	query  string      // of the URL
	cmd    *exec.Cmd
	out    bytes.Buffer
	ended  chan struct{}
}

// NewRedis starts one, with more settings if wanted, which is stopped with the test. It fails the test where the program is
// missing: `make tools`.
func NewRedis(t testing.TB, more ...string) *Redis {
	t.Helper()
	r := &Redis{t: t, folder: t.TempDir(), port: Port(t, "tcp"), more: more}
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// Password is what a secure one wants.
const Password = "rahasia sekali"

// NewSecureRedis starts one that speaks TLS only, with a certificate of an authority of its own, and wants Password.
func NewSecureRedis(t testing.TB) *Redis {
	t.Helper()
	dir := t.TempDir()
	ca, cert, key := certify(t, dir)
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(ca)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("%s: %v", ca, err)
	}
	r := &Redis{
		t: t, folder: t.TempDir(), port: Port(t, "tcp"), tls: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"},
		query: "?ca=" + url.QueryEscape(ca),
	}
	r.more = []string{
		"--port", "0", "--tls-port", strconv.Itoa(r.port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", ca,
		"--tls-auth-clients", "no", "--requirepass", Password,
	}
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// URL is its address.
func (r *Redis) URL() string {
	if r.tls != nil {
		return "rediss://:" + url.PathEscape(Password) + "@" + r.Addr() + "/0" + r.query
	}
	return "redis://" + r.Addr() + "/0"
}

// Addr is the same as host:port.
func (r *Redis) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// Start starts it, and waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	r.run(append([]string{
		"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--dir", r.folder, "--appendonly", "yes", "--save", "", "--daemonize", "no",
	}, r.more...)...)
}

// run starts redis-server with arguments, and waits until it answers.
func (r *Redis) run(args ...string) {
	r.t.Helper()
	r.out.Reset()
	r.cmd = exec.CommandContext(context.WithoutCancel(r.t.Context()), "redis-server", args...)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
	if err := r.cmd.Start(); err != nil {
		r.t.Fatalf("redis-server (make tools installs it): %v", err)
	}
	r.ended = make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(r.ended) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(20 * time.Second); ; {
		if r.answers() {
			return
		}
		select {
		case <-tick.C:
		case <-r.ended:
			r.t.Fatalf("redis-server ended:\n%s", r.out.String())
		case <-end:
			r.Kill()
			r.t.Fatalf("redis-server does not answer:\n%s", r.out.String())
		}
	}
}

func (r *Redis) answers() bool {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(r.t.Context(), "tcp", r.Addr())
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if r.tls != nil {
		c = tls.Client(c, r.tls)
	}
	_, _ = fmt.Fprint(c, "PING\r\n")
	answer := make([]byte, 7)
	_, err = c.Read(answer)
	return err == nil && (string(answer) == "+PONG\r\n" || string(answer) == "-NOAUTH")
}

// Kill ends it at once, as a power cut does.
func (r *Redis) Kill() {
	_ = r.cmd.Process.Kill()
	<-r.ended
}

// Forget takes its data away; to be called between Kill and Start.
func (r *Redis) Forget() {
	r.t.Helper()
	r.folder = r.t.TempDir()
}
