package signaling

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"betang/sfu"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// realServer listens on the loopback: for what is about sockets and not about time.
func realServer(t *testing.T, cfg Config) (url string, s *Server) {
	t.Helper()
	cfg.Store, cfg.Verify = newStore(), testTokens()
	media := &fakeMedia{peers: map[sfu.PeerID]*fakePeer{}}
	cfg.Media = media
	cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	s = New(cfg)
	media.listener = s
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return "ws" + strings.TrimPrefix(web.URL, "http"), s
}

func dialReal(url, origin string) (*websocket.Conn, int, error) {
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	ws, resp, err := websocket.DefaultDialer.Dial(url, header)
	status := 0
	if resp != nil {
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
	return ws, status, err
}

func TestOrigins(t *testing.T) {
	url, _ := realServer(t, Config{Origins: []string{"https://kuliah.example/"}})
	own := "http" + strings.TrimPrefix(url, "ws")
	for origin, want := range map[string]bool{
		"": true, own: true, "https://kuliah.example": true, "https://KULIAH.example": true,
		"https://evil.example": false, "https://kuliah.example.evil.example": false, "null": false, "http://": false,
		own + "0": false,
	} {
		ws, status, err := dialReal(url, origin)
		if got := err == nil; got != want {
			t.Errorf("origin %q: let in %v (status %d), want %v", origin, got, status, want)
		}
		if err == nil {
			_ = ws.Close()
		} else if status != http.StatusForbidden {
			t.Errorf("origin %q: status %d", origin, status)
		}
	}
}

func TestFullServerSaysWhenToComeBack(t *testing.T) {
	url, _ := realServer(t, Config{MaxSockets: 1})
	ws, _, err := dialReal(url, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.Close() }()
	_, resp, err := websocket.DefaultDialer.Dial(url, nil)
	if err == nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one socket too many: %v, %+v", err, resp)
	}
	_ = resp.Body.Close()
}

func TestSocketRefusesWhatIsNoMessage(t *testing.T) {
	url, _ := realServer(t, Config{})
	for name, tc := range map[string]struct {
		kind int
		data []byte
		want int // close code; 0: goodbye protocol first
	}{
		"too big": {websocket.TextMessage, make([]byte, wire.MaxMessage+1), websocket.CloseMessageTooBig},
		"binary":  {websocket.BinaryMessage, []byte(`{"t":"ping"}`), 0},
		"noise":   {websocket.TextMessage, []byte(`<xml/>`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			ws, _, err := dialReal(url, "")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ws.Close() }()
			if err := ws.WriteMessage(tc.kind, tc.data); err != nil {
				t.Fatal(err)
			}
			_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
			bye := ""
			for {
				_, data, err := ws.ReadMessage()
				if err != nil {
					e, ok := errors.AsType[*websocket.CloseError](err)
					if tc.want != 0 && (!ok || e.Code != tc.want) {
						t.Errorf("ended with %v, want close code %d", err, tc.want)
					}
					break
				}
				if env, err := wire.Open(data); err == nil {
					bye = env.T
				}
			}
			if tc.want == 0 && bye != "goodbye" {
				t.Errorf("last message %q, want goodbye", bye)
			}
		})
	}
}

// TestManyRealSockets: joins, a broadcast and the end over real connections, all at once.
func TestManyRealSockets(t *testing.T) {
	url, s := realServer(t, Config{})
	const n = 100
	joined := make(chan error, n)
	live := make(chan struct{}, n)
	for i := range n {
		go func() {
			ws, _, err := dialReal(url, "")
			if err != nil {
				joined <- err
				return
			}
			defer func() { _ = ws.Close() }()
			hello, _ := wire.Encode("hello", 1, wire.Hello{V: 1, Event: string(lecture), Token: "guest-" + string(rune('a'+i%26))})
			if err := ws.WriteMessage(websocket.TextMessage, hello); err != nil {
				joined <- err
				return
			}
			for {
				_, data, err := ws.ReadMessage()
				if err != nil {
					return
				}
				if strings.HasPrefix(string(data), `{"t":"welcome"`) {
					joined <- nil
				}
				if strings.Contains(string(data), `"phase":"live"`) {
					live <- struct{}{}
				}
			}
		}()
	}
	wait, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for range n {
		select {
		case err := <-joined:
			if err != nil {
				t.Fatal(err)
			}
		case <-wait.Done():
			t.Fatal("not all were welcomed")
		}
	}
	hub, err := s.Hub(wait, lecture)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Do(wait, actorOf("op"), phaseLive); err != nil {
		t.Fatal(err)
	}
	for range n {
		select {
		case <-live:
		case <-wait.Done():
			t.Fatal("not all heard that the event is live")
		}
	}
}
