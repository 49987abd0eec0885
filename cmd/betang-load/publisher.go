package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// publisher is the synthetic speaker.
type publisher struct {
	*session
	mark         mark
	shape        shape
	now          func() int64
	video, audio *webrtc.TrackLocalStaticRTP
	wantKey      atomic.Bool

	plis, packets, late atomic.Int64 // keyframe requests heard; packets sent; frames sent over 10 ms behind time
	wg                  sync.WaitGroup
}

func newPublisher(api *webrtc.API, c *http.Client, token string, m mark, sh shape, now func() int64) (*publisher, error) {
	s, err := newSession(api, c, token)
	if err != nil {
		return nil, err
	}
	p := &publisher{session: s, mark: m, shape: sh, now: now}
	for _, t := range []struct {
		dst **webrtc.TrackLocalStaticRTP
		cap webrtc.RTPCodecCapability
		id  string
	}{
		{&p.audio, webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "voice"},
		{&p.video, webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock}, "picture"},
	} {
		track, err := webrtc.NewTrackLocalStaticRTP(t.cap, t.id, "load")
		if err != nil {
			s.close()
			return nil, err
		}
		*t.dst = track
		// WHIP wants sendonly (RFC 9725 section 4.2).
		tr, err := s.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			s.close()
			return nil, err
		}
		p.wg.Go(func() { p.feedback(tr.Sender()) })
	}
	return p, nil
}

// feedback listens for keyframe requests until the sender ends.
func (p *publisher) feedback(s *webrtc.RTPSender) {
	for {
		packets, _, err := s.ReadRTCP()
		if err != nil {
			return
		}
		heed(packets, &p.plis, &p.wantKey)
	}
}

// start sends until ctx ends.
func (p *publisher) start(ctx context.Context) {
	p.wg.Go(func() { p.sendVideo(ctx) })
	p.wg.Go(func() { p.sendAudio(ctx) })
}

// stop hangs up and waits for the goroutines.
func (p *publisher) stop() {
	p.close()
	p.wg.Wait()
}

func (p *publisher) sendVideo(ctx context.Context) {
	v := newVideo(p.shape)
	stamp := rand.Uint32()
	pkt := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32())}}
	every(ctx, time.Second/videoFPS, func(behind time.Duration) bool {
		if behind > 10*time.Millisecond {
			p.late.Add(1)
		}
		payloads, _ := v.frame(p.wantKey.Swap(false))
		stamp += videoClock / videoFPS
		for i := range payloads {
			if i > 0 && i%p.shape.frame == 0 { // a keyframe is spread over 5 ms, as a pacer would
				if !pause(ctx, time.Millisecond) {
					return false
				}
			}
			pkt.Timestamp, pkt.Marker, pkt.Payload = stamp, i == len(payloads)-1, payloads[i]
			p.mark.put(pkt.Payload, p.now())
			if p.video.WriteRTP(pkt) != nil {
				return false
			}
			pkt.SequenceNumber++
			p.packets.Add(1)
		}
		return true
	})
}

func (p *publisher) sendAudio(ctx context.Context) {
	sendVoice(ctx, p.audio, &p.packets, func(pkt *rtp.Packet) { p.mark.put(pkt.Payload, p.now()) })
}

// heed counts keyframe requests and notes that one is wanted.
func heed(packets []rtcp.Packet, plis *atomic.Int64, wantKey *atomic.Bool) {
	for _, x := range packets {
		switch x.(type) {
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			plis.Add(1)
			wantKey.Store(true)
		}
	}
}

// sendVoice sends Opus packets at their pace, counting them, until ctx or the track ends. stamp sees each before it goes.
func sendVoice(ctx context.Context, track *webrtc.TrackLocalStaticRTP, sent *atomic.Int64, stamp func(*rtp.Packet)) {
	var buf [opusPayload]byte
	opus(&buf)
	pkt := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32()}, Payload: buf[:]}
	every(ctx, time.Second/opusRate, func(time.Duration) bool {
		stamp(pkt)
		if track.WriteRTP(pkt) != nil {
			return false
		}
		pkt.SequenceNumber++
		pkt.Timestamp += opusStep
		sent.Add(1)
		return true
	})
}

// every calls f at fixed times, saying how far behind it is, until f returns false or ctx ends. After a stall it catches
// up, as an encoder's clock would.
func every(ctx context.Context, step time.Duration, f func(behind time.Duration) bool) {
	start := time.Now()
	for i := time.Duration(0); ; i++ {
		due := start.Add(i * step)
		if !pause(ctx, time.Until(due)) || !f(time.Since(due)) {
			return
		}
	}
}

// pause waits; false: ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
