package sfu_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"betang/sfu"
)

// A measurement reaches its peer with about the rates it promises, step after step, ends by itself, and leaves nothing.
func TestMeasure(t *testing.T) {
	e, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	type step struct{ packets, bytes, largest int }
	got := make(chan [2]step, 1)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		var steps [2]step
		first, next := true, uint16(0)
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				got <- steps
				return
			}
			if !first && p.SequenceNumber != next {
				t.Errorf("packet %d follows %d", p.SequenceNumber, next-1)
			}
			first, next = false, p.SequenceNumber+1
			s := &steps[min(p.Timestamp/90_000, 1)]
			s.packets++
			s.bytes += 12 + len(p.Payload)
			s.largest = max(s.largest, 12+len(p.Payload))
			if p.Payload[0] != 0 {
				t.Error("a packet that a decoder would look at")
			}
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	text, err := e.Measure(ctx, offer.SDP, []sfu.Step{{Rate: 64_000, For: time.Second}, {Rate: 1_000_000, For: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateClosed || s == webrtc.PeerConnectionStateDisconnected || s == webrtc.PeerConnectionStateFailed {
			select {
			case <-closed:
			default:
				close(closed)
				go pc.Close()
			}
		}
	})
	select {
	case <-closed: // the server ended it
	case <-ctx.Done():
		t.Fatal("the measurement does not end")
	}
	s := <-got
	// The clock of a busy machine may skip: what is owed for more than five ticks is let go.
	for i, want := range []int{8_000, 125_000} {
		if s[i].bytes > want*12/10 || s[i].bytes < want/2 {
			t.Errorf("step %d: %d bytes, not %d", i, s[i].bytes, want)
		}
	}
	if s[0].largest > 200 || s[1].largest < 1000 {
		t.Errorf("packets of %d and %d bytes", s[0].largest, s[1].largest)
	}
}

func code(err error) string {
	e, ok := errors.AsType[*sfu.Error](err)
	if !ok {
		return ""
	}
	return e.Code
}

// So many streams and no more; those that only connect are not held up by them.
func TestMeasuresAreBounded(t *testing.T) {
	e, err := sfu.New(sfu.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Shutdown() }()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	sdp := pc.LocalDescription().SDP
	n := 0
	for range 100 {
		if _, err := e.Measure(t.Context(), sdp, []sfu.Step{{Rate: 64_000, For: time.Second}}); err != nil {
			if code(err) != sfu.MeasureBusy {
				t.Fatal(err)
			}
			break
		}
		n++
	}
	if n == 0 || n == 100 {
		t.Fatalf("%d streams at once", n)
	}
	if _, err := e.Measure(t.Context(), sdp, nil); err != nil {
		t.Errorf("only to connect: %v", err)
	}
	if _, err := e.Measure(t.Context(), "v=0\r\n", nil); code(err) != sfu.SDPInvalid {
		t.Errorf("no offer: %v", err)
	}
}
