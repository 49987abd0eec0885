package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// faceLayers are a participant's camera, as the page sends it with room enough: 180p and 360p at 30 frames a second.
var faceLayers = []struct{ rid, shape string }{{"q", "180p"}, {"h", "360p"}}

// talkFor is how long one of the class has the word.
const talkFor = 5 * time.Second

// talk says who has the word: one after the other, the others are silent.
type talk struct{ people int }

func (t *talk) has(i int, now int64) bool { return int(now/int64(talkFor))%t.people == i }

// face is a participant's camera and microphone.
type face struct {
	*session
	mark mark
	now  func() int64
	talk *talk
	n    int // in the class

	audio  *webrtc.TrackLocalStaticRTP
	layers []*faceLayer

	plis, packets, late atomic.Int64
	wg                  sync.WaitGroup
}

type faceLayer struct {
	rid     string
	track   *webrtc.TrackLocalStaticRTP
	source  pictures
	pkt     *rtp.Packet
	wantKey atomic.Bool
}

func newFace(api *webrtc.API, m mark, now func() int64, t *talk, n int, films string) (*face, error) {
	s, err := newSession(api, nil, "")
	if err != nil {
		return nil, err
	}
	f := &face{session: s, mark: m, now: now, talk: t, n: n}
	if err := f.addTracks(films); err != nil {
		s.close()
		return nil, err
	}
	return f, nil
}

func (f *face) addTracks(films string) error {
	once := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	var err error
	f.audio, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "voice", "face")
	if err != nil {
		return err
	}
	if _, err := f.pc.AddTransceiverFromTrack(f.audio, once); err != nil {
		return err
	}
	var sender *webrtc.RTPSender
	for _, l := range faceLayers {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock}, "picture", "face",
			webrtc.WithRTPStreamID(l.rid))
		if err != nil {
			return err
		}
		source := pictures(newVideo(shapes[l.shape]))
		if films != "" {
			if source, err = readFilm(films, l.rid); err != nil {
				return err
			}
		}
		f.layers = append(f.layers, &faceLayer{
			rid: l.rid, track: track, source: source,
			pkt: &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}},
		})
		if sender != nil {
			if err := sender.AddEncoding(track); err != nil {
				return err
			}
			continue
		}
		tr, err := f.pc.AddTransceiverFromTrack(track, once)
		if err != nil {
			return err
		}
		sender = tr.Sender()
	}
	for _, l := range f.layers {
		f.wg.Go(func() { f.feedback(sender, l) })
	}
	return nil
}

// feedback listens for keyframe requests until the sender ends.
func (f *face) feedback(s *webrtc.RTPSender, l *faceLayer) {
	for {
		packets, _, err := s.ReadSimulcastRTCP(l.rid)
		if err != nil {
			return
		}
		heed(packets, &f.plis, &l.wantKey)
	}
}

// start sends until ctx ends.
func (f *face) start(ctx context.Context) {
	level := f.extensions()
	f.wg.Go(func() { f.sendVideo(ctx) })
	f.wg.Go(func() { f.sendAudio(ctx, level) })
}

// extensions marks the layers' packets as negotiated, and gives the id of the loudness.
func (f *face) extensions() (level uint8) {
	for _, tr := range f.pc.GetTransceivers() {
		for _, ext := range tr.Sender().GetParameters().HeaderExtensions {
			if ext.URI == sdp.AudioLevelURI {
				level = uint8(ext.ID)
			}
			for _, l := range f.layers {
				switch {
				case tr.Kind() != webrtc.RTPCodecTypeVideo:
				case ext.URI == sdp.SDESMidURI:
					_ = l.pkt.SetExtension(uint8(ext.ID), []byte(tr.Mid())) // short enough for any header
				case ext.URI == sdp.SDESRTPStreamIDURI:
					_ = l.pkt.SetExtension(uint8(ext.ID), []byte(l.rid))
				}
			}
		}
	}
	return level
}

// stop hangs up and waits for the goroutines. It may be called twice.
func (f *face) stop() {
	f.close()
	f.wg.Wait()
}

func (f *face) sendVideo(ctx context.Context) {
	every(ctx, time.Second/videoFPS, func(behind time.Duration) bool {
		if behind > 10*time.Millisecond {
			f.late.Add(1)
		}
		for _, l := range f.layers {
			payloads, _ := l.source.frame(l.wantKey.Swap(false))
			l.pkt.Timestamp += videoClock / videoFPS
			for i, p := range payloads {
				l.pkt.Marker, l.pkt.Payload = i == len(payloads)-1, p
				if l.pkt.Marker {
					f.mark.put(p, f.now())
				}
				if l.track.WriteRTP(l.pkt) != nil {
					return false
				}
				l.pkt.SequenceNumber++
				f.packets.Add(1)
			}
		}
		return true
	})
}

func (f *face) sendAudio(ctx context.Context, level uint8) {
	sendVoice(ctx, f.audio, &f.packets, func(pkt *rtp.Packet) {
		now := f.now()
		f.mark.put(pkt.Payload, now)
		if level > 0 {
			loud := byte(127) // RFC 6464: -127 dBov, silence
			if f.talk.has(f.n, now) {
				loud = 0x80 | 25
			}
			_ = pkt.SetExtension(level, []byte{loud})
		}
	})
}
