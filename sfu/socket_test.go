package sfu_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Over real sockets, one or several: a client on this machine reaches the engine at 127.0.0.1, and the cheap cipher is chosen.
func TestRealSocketsOnLoopback(t *testing.T) {
	for listen, sockets := range map[string]int{"127.0.0.1:0": 1, ":0": 1, "127.0.0.1:": 3} {
		t.Run(fmt.Sprint(listen, " ", sockets), func(t *testing.T) {
			e, err := sfu.New(sfu.Config{Listen: listen, Sockets: sockets, Shards: sockets, PublicIPs: []string{"203.0.113.9"}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := e.Shutdown(); err != nil {
					t.Error(err)
				}
			}()
			if e.Addr().(*net.UDPAddr).Port == 0 {
				t.Fatal("no port")
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()

			track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "a", "s")
			if err != nil {
				t.Fatal(err)
			}
			pub := client(t)
			defer func() { _ = pub.GracefulClose() }()
			if _, err := pub.AddTransceiverFromTrack(track,
				webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
				t.Fatal(err)
			}
			answer := call(t, pub, func(o string) (string, error) { return e.Publish(ctx, room, "pub", o) })
			for _, want := range []string{" 127.0.0.1 ", " 203.0.113.9 "} {
				if !strings.Contains(answer, want) {
					t.Errorf("no candidate%sin %s", want, answer)
				}
			}
			e.SetScene(room, sfu.Scene{Audio: []sfu.PeerID{"pub"}})

			view := client(t)
			defer func() { _ = view.GracefulClose() }()
			if _, err := view.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio,
				webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				t.Fatal(err)
			}
			came := make(chan *rtp.Packet, 1)
			view.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
				if p, _, err := tr.ReadRTP(); err == nil {
					came <- p
				}
			})
			call(t, view, func(o string) (string, error) { return e.Subscribe(ctx, room, "view", o) })

			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for i := uint16(0); ; i++ {
				select {
				case p := <-came:
					if len(p.Payload) != len(sfutest.Opus(0)) {
						t.Errorf("got %d bytes", len(p.Payload))
					}
					checkCipher(t, view)
					return
				case <-tick.C:
					_ = track.WriteRTP(&rtp.Packet{
						Header: rtp.Header{Version: 2, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: sfutest.Opus(int(i)),
					})
				case <-ctx.Done():
					t.Fatalf("nothing came: %+v", e.Stats())
				}
			}
		})
	}
}

func checkCipher(t *testing.T, pc *webrtc.PeerConnection) {
	t.Helper()
	for _, s := range pc.GetStats() {
		if ts, ok := s.(webrtc.TransportStats); ok && ts.SRTPCipher != "" {
			if ts.SRTPCipher != "SRTP_AEAD_AES_128_GCM" {
				t.Errorf("cipher %s", ts.SRTPCipher)
			}
			return
		}
	}
	t.Error("no cipher")
}

func client(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

func call(t *testing.T, pc *webrtc.PeerConnection, send func(string) (string, error)) string {
	t.Helper()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	answer, err := send(offer.SDP)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	return answer
}
