package signaling

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

// BenchmarkPageTurn turns pages before sockets on loopback and tells when they had it: from the presenter's command,
// with the journal in memory, to the frame read by a client of the same process, whose work is in the figures too.
func BenchmarkPageTurn(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			media := &fakeMedia{peers: map[sfu.PeerID]*fakePeer{}}
			s := New(Config{Store: newStore(), Media: media, Verify: testTokens(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
			media.listener = s
			web := httptest.NewServer(s)
			b.Cleanup(func() { _ = s.Shutdown(context.Background()); web.Close() })
			hub, err := s.Hub(b.Context(), lecture)
			if err != nil {
				b.Fatal(err)
			}
			sum, spk := strings.Repeat("ab", 32), actorOf("spk")
			do := func(cmd classroom.Command) {
				if _, err := hub.Do(b.Context(), spk, cmd); err != nil {
					b.Fatal(err)
				}
			}
			do(classroom.AddDeck{Deck: classroom.Deck{Token: "x", Title: "x", Pages: 300, Bytes: 1, File: sum, Pictures: sum}})

			arrived := make(chan time.Time, n) // a page at each socket
			var readers sync.WaitGroup
			for range n {
				ws := dialGuest(b, web.URL)
				b.Cleanup(func() { _ = ws.Close() })
				readers.Go(func() {
					buf := make([]byte, 4096)
					for {
						_, r, err := ws.NextReader()
						if err != nil {
							return
						}
						if n, _ := io.ReadFull(r, buf); bytes.Contains(buf[:n], []byte(`"page":{`)) {
							arrived <- time.Now()
						}
					}
				})
			}
			var took []time.Duration
			page := 0
			turn := func() {
				page = page%300 + 1
				start := time.Now()
				do(classroom.ShowPage{Deck: "d1", Page: page})
				for range n {
					took = append(took, (<-arrived).Sub(start))
				}
			}
			turn()
			took = took[:0]
			pause := time.NewTicker(3 * tickEvery) // nobody turns faster
			defer pause.Stop()
			for b.Loop() {
				b.StopTimer()
				<-pause.C
				b.StartTimer()
				turn()
			}
			slices.Sort(took)
			at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
			b.ReportMetric(at(0.5), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
			b.ReportMetric(at(1), "max-ms")
		})
	}
}

// dialGuest opens a socket and says hello as a guest.
func dialGuest(b *testing.B, url string) *websocket.Conn {
	b.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http"), nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = resp.Body.Close()
	data, err := wire.Encode("hello", 1, wire.Hello{V: wire.Version, Event: string(lecture), Token: "guest", Lang: "id"})
	if err == nil {
		err = ws.WriteMessage(websocket.TextMessage, data)
	}
	if err == nil {
		_, _, err = ws.ReadMessage() // welcome
	}
	if err != nil {
		b.Fatal(err)
	}
	return ws
}
