package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/codec"

	"github.com/pion/webrtc/v4"
)

// window is the time in which delays and losses count: while it is open.
type window struct{ open atomic.Bool }

// catchUp is how long before a keyframe came a picture must have been taken to be one of those with which a slot catches up with a
// face new in it: the server sends the cached keyframe and all since at once.
const catchUp = 50 * time.Millisecond

// stream is what one viewer measured of one track. Its goroutine owns it until done is closed.
type stream struct {
	kind  codec.Kind
	delay histogram
	live  histogram // of delay, without the pictures that were taken before the last keyframe came
	seq   sequence  // since the window opened
	bytes uint64    // payload, in the window
	last  int64     // when the last packet came, and the longest time without one; light viewers'
	gap   time.Duration
	done  chan struct{}
}

// viewer is one WHEP session.
type viewer struct {
	*session
	endpoint string // "": see deal
	mark     mark
	now      func() int64
	window   *window

	join  time.Duration // from the offer to a connection; 0: never
	began time.Time
	first atomic.Int64 // ns from the offer to the first whole keyframe; 0: none yet

	mu      sync.Mutex
	streams []*stream // guarded by mu
}

func newViewer(api *webrtc.API, c *http.Client, endpoint, token string, m mark, now func() int64, w *window, kinds ...webrtc.RTPCodecType) (*viewer, error) {
	s, err := newSession(api, c, token)
	if err != nil {
		return nil, err
	}
	v := &viewer{session: s, endpoint: endpoint, mark: m, now: now, window: w}
	if len(kinds) == 0 {
		kinds = []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo}
	}
	for _, k := range kinds {
		if _, err := s.pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			s.close()
			return nil, err
		}
	}
	s.pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { v.read(t) })
	return v, nil
}

// watch joins and measures the time it takes.
func (v *viewer) watch(ctx context.Context) error {
	v.began = time.Now()
	if err := v.connect(ctx, v.endpoint); err != nil {
		return err
	}
	v.join = time.Since(v.began)
	return nil
}

// read measures one track until it ends.
func (v *viewer) read(t *webrtc.TrackRemote) {
	st := &stream{kind: codec.Opus, done: make(chan struct{})}
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		st.kind = codec.VP8
	}
	defer close(st.done)
	v.mu.Lock()
	v.streams = append(v.streams, st)
	v.mu.Unlock()

	var all sequence // since the beginning
	var frame firstFrame
	start := v.now()
	keyed := start // when the last keyframe began to come
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		if len(p.Payload) == 0 { // padding only: a number like any other
			if v.window.open.Load() {
				st.seq.observe(p.SequenceNumber)
			}
			continue
		}
		now := v.now()
		if st.kind == codec.VP8 && !frame.done {
			ext, _ := all.observe(p.SequenceNumber)
			if info, err := codec.Inspect(codec.VP8, p.Payload, p.Marker); err == nil && frame.observe(ext, p.Timestamp, info.Key, info.End) {
				v.first.CompareAndSwap(0, int64(time.Since(v.began)))
			}
		}
		if !v.window.open.Load() {
			continue
		}
		if _, fresh := st.seq.observe(p.SequenceNumber); !fresh {
			continue
		}
		st.bytes += uint64(len(p.Payload))
		if st.kind == codec.Opus {
			v.mark.each(p.Payload, func(sent int64) { st.delay.add(time.Duration(now - sent)) })
			continue
		}
		if info, err := codec.Inspect(codec.VP8, p.Payload, p.Marker); err == nil && info.Key && info.Start {
			keyed = now
		}
		if sent, ok := v.mark.last(p.Payload); ok && sent >= start { // older: from the keyframe cache
			st.delay.add(time.Duration(now - sent))
			if sent >= keyed-int64(catchUp) {
				st.live.add(time.Duration(now - sent))
			}
		}
	}
}

// stop hangs up and gives what was measured.
func (v *viewer) stop() []*stream {
	v.close()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.streams {
		<-s.done
	}
	return v.streams
}

func (v *viewer) lost() bool {
	select {
	case <-v.failed:
		return true
	default:
		return false
	}
}

func (v *viewer) missed() uint64 { return 0 } // pion's queues do not say

func (v *viewer) times() (join, first time.Duration) { return v.join, time.Duration(v.first.Load()) }
