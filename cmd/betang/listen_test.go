package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"betang/sfu/icetcp"

	"github.com/pion/stun/v4"
)

// One TCP port: a page comes by HTTP, even where its first bytes trickle in, and a framed STUN request reaches the UDP
// port and is answered on the same connection, in a frame.
func TestOnePortTellsItsCallersApart(t *testing.T) {
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	raw, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := udp.LocalAddr().(*net.UDPAddr).AddrPort()
	media := icetcp.New(netip.AddrPortFrom(addr.Addr(), addr.Port()), 1)
	shared := sharePort(raw, nil, media, nil, slog.New(slog.DiscardHandler))
	web := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "page")
	})}
	served := make(chan error, 1)
	go func() { served <- web.Serve(shared) }()
	defer func() {
		_ = web.Shutdown(context.Background())
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if media.Len() != 0 {
			t.Error("media connections left after Close")
		}
	}()

	silent, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", raw.Addr().String()) // says nothing and must not stand in anybody's way
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()

	slow, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	_ = slow.SetDeadline(time.Now().Add(5 * time.Second))
	for _, part := range []string{"G", "ET / HTTP/1.0\r\n", "\r\n"} {
		if _, err := io.WriteString(slow, part); err != nil {
			t.Fatal(err)
		}
	}
	page, err := io.ReadAll(slow)
	if err != nil || string(page[len(page)-4:]) != "page" {
		t.Fatalf("%q, %v", page, err)
	}

	request := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	caller, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	_ = caller.SetDeadline(time.Now().Add(5 * time.Second))
	for _, b := range append([]byte{0, byte(len(request.Raw))}, request.Raw...) { // byte by byte
		if _, err := caller.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 1500)
	_ = udp.SetDeadline(time.Now().Add(5 * time.Second))
	n, from, err := udp.ReadFrom(buf)
	if err != nil || string(buf[:n]) != string(request.Raw) {
		t.Fatalf("the media port got %x, %v", buf[:n], err)
	}
	if _, err := udp.WriteTo([]byte("answer"), from); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(caller, buf[:8]); err != nil || string(buf[:8]) != "\x00\x06answer" {
		t.Fatalf("the caller got %q, %v", buf[:8], err)
	}

	// The second one is above the bound and is closed.
	second, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	_ = second.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := second.Write(append([]byte{0, byte(len(request.Raw))}, request.Raw...)); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Read(buf); err == nil {
		t.Error("a connection above the bound was served")
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a connection above the bound was left open")
	}
}
