package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
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
	layers []*sentLayer

	packets, late atomic.Int64
	wg            sync.WaitGroup
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
	for _, l := range faceLayers {
		source := pictures(newVideo(shapes[l.shape]))
		if films != "" {
			if source, err = readFilm(films, l.rid); err != nil {
				return err
			}
		}
		f.layers = append(f.layers, &sentLayer{rid: l.rid, source: source})
	}
	sender, err := addPicture(f.pc, "face", f.layers)
	if err != nil {
		return err
	}
	for _, l := range f.layers {
		f.wg.Go(func() { l.listen(sender) })
	}
	return nil
}

// plis are the keyframe requests it heard.
func (f *face) plis() (n int64) {
	for _, l := range f.layers {
		n += l.plis.Load()
	}
	return n
}

// start sends until ctx ends.
func (f *face) start(ctx context.Context) {
	level := nameLayers(f.pc, f.layers)
	f.wg.Go(func() { f.sendVideo(ctx) })
	f.wg.Go(func() { f.sendAudio(ctx, level) })
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
