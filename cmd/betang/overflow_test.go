package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/store"
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
	st, err := store.Open(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	return issuer(t, st, time.Hour)(signaling.Claims{Role: classroom.RoleGuest, Name: "Tamu"})
}

// wantOverflow holds that newcomers, who all belong to the edge, are served by it until its limit is reached, and by the next one
// then: whoever came, at whichever server, is taken in, and nobody by the edge that is full but who insists.
func wantOverflow(t *testing.T, bus cluster.Bus, guest string, origin, edge, next *server) {
	t.Helper()
	full := func() bool {
		nodes, err := bus.Nodes(t.Context())
		return err == nil && slices.ContainsFunc(nodes, func(n cluster.Node) bool { return n.URL == "http://"+edge.addr && n.Load.Full() })
	}
	most := 0.0
	for end := time.Now().Add(90 * time.Second); !full(); runtimeYield() { // the generator is built first
		most = max(most, edge.metrics()[`betang_media_load{of="egress"}`])
		if time.Now().After(end) {
			t.Fatalf("the edge is not full: its load was never above %v", most)
		}
	}
	<-time.After(cluster.DefaultTerm / 2) // all servers have read of it
	for range 10 {
		for _, at := range []*server{origin, edge} {
			way := arrive(t, "http://"+at.addr, guest)
			if way[len(way)-1] != "http://"+next.addr {
				t.Errorf("the edge is full, and who came to %v was taken in by the last", way)
			}
		}
	}
	if !full() {
		t.Error("the edge was not full all the time")
	}
}
