package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"
)

// buildOnce makes the real binary for the tests that start, kill and restart it.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "betang-test-*")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "betang")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", bin, ".")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := buildOnce(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// server is a real betang process.
type server struct {
	t     testing.TB
	bin   string
	dir   string
	addr  string
	media string
	more  []string // flags besides those of start
	env   []string // of the process, besides the test's own
	url   string   // the address people type; "": http and addr
	cmd   *exec.Cmd
	log   *lockedBuffer
	links Links
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// startServer starts `betang serve --demo` in a fresh folder on free loopback ports; with may change what it starts.
func startServer(t testing.TB, with ...func(*server)) *server {
	t.Helper()
	bin, err := buildOnce()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	s := &server{t: t, bin: bin, dir: t.TempDir(), addr: freeAddr(t, "tcp"), media: freeAddr(t, "udp"), log: &lockedBuffer{}}
	for _, set := range with {
		set(s)
	}
	s.start()
	t.Cleanup(func() {
		s.end(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("server log:\n%s", tail(s.log.String(), 60))
		}
	})
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.CommandContext(context.WithoutCancel(s.t.Context()), s.bin, "serve", "--demo", "--listen", s.addr, "--media", s.media, "--data", s.dir)
	s.cmd.Args = append(s.cmd.Args, s.more...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	url := s.url
	if url == "" {
		url = "http://" + s.addr
	}
	s.cmd.Env = append(append(os.Environ(), "BETANG_URL="+url), s.env...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	// A server with a certificate of its own sends us to https.
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	deadline := time.Now().Add(time.Minute) // of a machine that others use too
	for {
		req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.addr+"/healthz", nil)
		if err != nil {
			s.t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the server does not answer: %v\n%s", err, s.log)
		}
		runtimeYield()
	}
	body, err := os.ReadFile(filepath.Join(s.dir, "demo-links.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &s.links); err != nil {
		s.t.Fatal(err)
	}
}

// end stops the process with the signal and waits for it.
func (s *server) end(sig syscall.Signal) {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig)
	_ = s.cmd.Wait() // a killed process ends with an error, and that is what was asked for
	s.cmd = nil
}

// betang runs a subcommand of the same binary and gives what it printed.
func (s *server) betang(args ...string) string {
	s.t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(s.t.Context()), s.bin, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("betang %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// freeAddr is an address of loopback for a server that is told where to listen.
func freeAddr(t testing.TB, network string) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(clustertest.Port(t, network)))
}

// runtimeYield waits for 20 ms of real time between two looks at another process: there is nothing to wait on.
func runtimeYield() { <-time.After(20 * time.Millisecond) }

func tail(s string, lines int) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}

func tokenOf(link string) string {
	_, token, _ := strings.Cut(link, "#t=")
	return token
}
