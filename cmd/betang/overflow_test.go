package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling"
	"betang/signaling/cluster"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// arrive says hello at a server as a page does and follows where it is sent. It gives the addresses of the servers it came by, the
// one that took it in last.
func arrive(t *testing.T, at string, token string) (way []string) {
	t.Helper()
	for placed := false; len(way) < 5; placed = true {
		way = append(way, at)
		ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), strings.Replace(at, "http", "ws", 1)+"/ws", http.Header{})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		hello, err := wire.Encode("hello", 1, wire.Hello{V: wire.Version, Event: demoID, Token: token, Lang: "id", Placed: placed})
		if err == nil {
			err = ws.WriteMessage(websocket.TextMessage, hello)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, data, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		_ = ws.Close()
		env, err := wire.Open(data)
		if err != nil {
			t.Fatal(err)
		}
		var bye wire.Goodbye
		switch {
		case env.T == "welcome":
			return way
		case env.T != "goodbye" || json.Unmarshal(env.D, &bye) != nil || len(bye.Nodes) == 0:
			t.Fatalf("%s refuses a newcomer: %s", at, data)
		}
		at = bye.Nodes[0]
	}
	t.Fatalf("a newcomer is sent from server to server: %v", way)
	return nil
}

// guestAt is a link of a guest who has come through the door.
func guestAt(t *testing.T, s *server) string {
	t.Helper()
	st := openStore(t, s.dir)
	defer st.Close()
	return issuer(t, st, time.Hour)(signaling.Claims{Role: classroom.RoleGuest, Name: "Tamu"})
}

// TestOverflow: newcomers, who all belong to the edge, are served by it until its limit is reached, and by the next one then: whoever
// comes, at whichever server, is taken in. The viewers take some 1.1 times what --max-egress leaves room for, which needs a machine
// that can send it.
func TestOverflow(t *testing.T) {
	needTime(t)
	nodes, redis := startNodes(t, []string{"asal"}, []string{"kotim-1", "--network", "127.0.0.1/32", "--max-egress", "12"},
		[]string{"seruyan", "--network", "127.0.0.0/8"})
	origin, edge, next := nodes[0], nodes[1], nodes[2]
	bus, err := cluster.OpenRedis(redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	guest := guestAt(t, origin)
	if way := arrive(t, "http://"+origin.addr, guest); way[len(way)-1] != "http://"+edge.addr {
		t.Errorf("whom the edge is for is served by %v", way)
	}
	watched := make(chan seen, 1)
	go func() { watched <- edge.watch(origin, 8, 20*time.Second, "--join-rate", "4") }()
	full := func() bool {
		list, err := bus.Nodes(t.Context())
		return err == nil && slices.ContainsFunc(list, func(n cluster.Node) bool { return n.URL == "http://"+edge.addr && n.Load.Full() })
	}
	most, judged := 0.0, 0
	since := time.Now() // that the edge is full
	for end := time.Now().Add(90 * time.Second); judged < 20; runtimeYield() {
		most = max(most, edge.metrics()[`betang_media_load{of="egress"}`])
		if time.Now().After(end) {
			t.Fatalf("the edge was not full for long enough: its load was never above %v", most)
		}
		if !full() {
			since = time.Now()
			continue
		}
		if time.Since(since) < cluster.DefaultTerm/2 { // until all servers have read of it
			continue
		}
		way := arrive(t, "http://"+[]*server{origin, edge}[judged%2].addr, guest)
		if !full() {
			continue
		}
		if judged++; way[len(way)-1] != "http://"+next.addr {
			t.Errorf("the edge is full, and who came to %v was taken in by the last", way)
		}
	}
	// These are players (WHEP), which follow nobody to another server: whom the edge has no room for is told when to come back.
	if got := <-watched; got.Joined < 4 {
		t.Errorf("%d of 8 viewers joined where there is room for 6", got.Joined)
	}
}
