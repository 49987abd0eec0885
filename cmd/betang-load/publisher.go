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
	mark   mark
	now    func() int64
	audio  *webrtc.TrackLocalStaticRTP
	layers []*sentLayer // of the picture, smallest first

	packets, late atomic.Int64 // sent; frames sent over 10 ms behind time
	wg            sync.WaitGroup
}

// layerNames are those the page gives its layers, smallest first.
var layerNames = []string{"q", "h", "f"}

// newPublisher makes one whose picture has these layers; of several the API must know the names (withSimulcast).
func newPublisher(api *webrtc.API, c *http.Client, token string, m mark, picture []shape, now func() int64) (*publisher, error) {
	s, err := newSession(api, c, token)
	if err != nil {
		return nil, err
	}
	p := &publisher{session: s, mark: m, now: now}
	if err := p.addTracks(picture); err != nil {
		s.close()
		return nil, err
	}
	return p, nil
}

func (p *publisher) addTracks(picture []shape) error {
	var err error
	p.audio, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "voice", "load")
	if err != nil {
		return err
	}
	if _, err = p.pc.AddTransceiverFromTrack(p.audio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		return err
	}
	for i, sh := range picture {
		l := &sentLayer{burst: sh.frame}
		v := newVideo(sh)
		if len(picture) > 1 {
			l.rid, v.thirds = layerNames[i], true
		}
		l.source = v
		p.layers = append(p.layers, l)
	}
	sender, err := addPicture(p.pc, "load", p.layers)
	if err != nil {
		return err
	}
	for _, l := range p.layers {
		p.wg.Go(func() { l.listen(sender) })
	}
	return nil
}

// plis are the keyframe requests each layer heard.
func (p *publisher) plis() (n []int64) {
	for _, l := range p.layers {
		n = append(n, l.plis.Load())
	}
	return n
}

// start sends until ctx ends.
func (p *publisher) start(ctx context.Context) {
	nameLayers(p.pc, p.layers)
	for _, l := range p.layers {
		p.wg.Go(func() { p.sendVideo(ctx, l) })
	}
	p.wg.Go(func() { p.sendAudio(ctx) })
}

// stop hangs up and waits for the goroutines.
func (p *publisher) stop() {
	p.close()
	p.wg.Wait()
}

func (p *publisher) sendVideo(ctx context.Context, l *sentLayer) {
	every(ctx, time.Second/videoFPS, func(behind time.Duration) bool {
		if behind > 10*time.Millisecond {
			p.late.Add(1)
		}
		payloads, _ := l.source.frame(l.wantKey.Swap(false))
		l.pkt.Timestamp += videoClock / videoFPS
		for i := range payloads {
			if i > 0 && i%l.burst == 0 { // a keyframe is spread over 5 ms, as a pacer would
				if !pause(ctx, time.Millisecond) {
					return false
				}
			}
			l.pkt.Marker, l.pkt.Payload = i == len(payloads)-1, payloads[i]
			p.mark.put(l.pkt.Payload, p.now())
			if l.track.WriteRTP(l.pkt) != nil {
				return false
			}
			l.pkt.SequenceNumber++
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
