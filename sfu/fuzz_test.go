package sfu_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"

	"github.com/pion/sdp/v3"
)

// FuzzOffer gives foreign texts to the whole way of an offer: whatever they are, the engine answers with SDP or with a
// coded error, and goes on.
func FuzzOffer(f *testing.F) {
	for name, text := range offers(f) {
		f.Add(text, name[len(name)-5:] == "watch")
	}
	f.Add(offerVP8, true)
	f.Add("v=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=rid:a send\r\na=simulcast:send a\r\n", false)
	n := sfutest.NewNet(f, 0, 1)
	e, err := sfu.New(sfu.Config{Conn: n.Server, Net: n.VNet, MaxPeers: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Shutdown() })
	ctx := context.Background()
	id := 0
	f.Fuzz(func(t *testing.T, text string, watch bool) {
		id++
		peer := sfu.PeerID(fmt.Sprint(id))
		ask := e.Publish
		if watch {
			ask = e.Subscribe
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		answer, err := ask(ctx, room, peer, text)
		if err != nil {
			var coded *sfu.Error
			if !errors.As(err, &coded) {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		var d sdp.SessionDescription
		if err := d.UnmarshalString(answer); err != nil {
			t.Fatalf("%v in our answer %q", err, answer)
		}
		if _, err := e.Fragment(ctx, room, peer, "a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n"); err != nil {
			t.Fatalf("restart: %v", err)
		}
		e.Close(room, peer)
	})
}

// FuzzFragment gives foreign fragments to a living peer.
func FuzzFragment(f *testing.F) {
	f.Add("a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n" +
		"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\na=end-of-candidates\r\n")
	f.Add("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 x.local 9 typ host\r\n")
	f.Add("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n")
	f.Add("a=ice-ufrag:\r\na=ice-pwd:\x00\r\n\r\nx")
	n := sfutest.NewNet(f, 0, 1)
	e, err := sfu.New(sfu.Config{Conn: n.Server, Net: n.VNet})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Shutdown() })
	f.Fuzz(func(t *testing.T, frag string) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := e.Publish(ctx, room, "p", offerVP8); err != nil {
			var exists *sfu.Error // from the call before
			if !errors.As(err, &exists) || exists.Code != sfu.PeerExists {
				t.Fatal(err)
			}
		}
		answer, err := e.Fragment(ctx, room, "p", frag)
		if err != nil {
			var coded *sfu.Error
			if !errors.As(err, &coded) {
				t.Fatalf("no code: %v", err)
			}
		}
		if err != nil && answer != "" {
			t.Fatalf("both %q and %v", answer, err)
		}
	})
}
