package sfu_test

import (
	"sync/atomic"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
	"betang/sfu/sfutest/impair"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// TestNATForgets: a NAT between viewer and server gives the viewer another port in mid-session, without a word to either. The voice
// goes on at the new one, with no ICE restart, and it is the same session.
func TestNATForgets(t *testing.T) {
	eachTransport(t, func(t *testing.T, r *rig) {
		r.tcp.Block() // else the voice comes back over TCP, and no path is mended
		_, came := r.watch(t)
		r.grows(t, came, 50)
		r.udp.Rebind()
		t.Logf("two seconds of voice %v after the binding was forgotten", r.grows(t, came, 100)) // the clock is real: a figure, not a check
		if s := r.e.Stats(); s.Subscribed != 1 || s.Viewers != 1 {
			t.Errorf("%d sessions, %d viewers", s.Subscribed, s.Viewers)
		}
		if r.tcp.Accepted() > 0 {
			t.Error("a connection over TCP came")
		}
	})
}

// TestNATForgetsASpeaker: the same happens to a publisher, whose PeerConnection nominates nothing again. The server must answer at the new
// port, or the speaker's browser takes the path for dead.
func TestNATForgetsASpeaker(t *testing.T) {
	r := newRig(t, false)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "a", "s")
	if err != nil {
		t.Fatal(err)
	}
	speaker := client(t)
	defer func() { _ = speaker.GracefulClose() }()
	sender, err := speaker.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		t.Fatal(err)
	}
	heard := new(atomic.Int64) // RTCP from the server: only that shows where it sends
	read := make(chan struct{})
	go func() {
		defer close(read)
		for buf := make([]byte, 1500); ; heard.Add(1) {
			if _, _, err := sender.Sender().Read(buf); err != nil {
				return
			}
		}
	}()
	call(t, speaker, func(o string) (string, error) {
		answer, err := r.e.Publish(r.ctx, room, "speaker", o)
		return impair.Rewrite(answer, r.udp.Port(), 0), err
	})
	r.e.SetScene(room, sfu.Scene{Audio: []sfu.PeerID{"speaker"}})
	quit, spoken := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(spoken)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := uint16(0); ; i++ {
			select {
			case <-tick.C:
				_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: sfutest.Opus(int(i))})
			case <-quit:
				return
			}
		}
	}()
	defer func() { close(quit); <-spoken }()
	_, came := r.watch(t)
	r.grows(t, came, 50)
	r.grows(t, heard, 2)
	r.udp.Rebind()
	before := r.e.Stats().Published
	t.Logf("the server is heard again %v after the binding was forgotten", r.grows(t, heard, 3))
	r.grows(t, came, 50)
	if s := r.e.Stats(); s.Published != before {
		t.Errorf("%d publishers began, not %d", s.Published, before)
	}
}
