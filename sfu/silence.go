package sfu

import (
	"time"

	"betang/sfu/codec"

	"github.com/pion/rtp"
)

// Where nobody sends anything, in a breakout room of people without microphones or in a class whose trainer silenced all, a viewer
// would get nothing, and nothing would prove that it is there. So its scene may ask for silence (Scene.Hush): Opus that we make
// ourselves, three bytes 50 times a second. It is media like any other: what the viewer reports of it is proof, and what it plays is
// what the room sounds like.

var silentFrame = []byte{0xf8, 0xff, 0xfe} // 20 ms of Opus, CELT, full band

// hush is the engine's silent voice. Made when the first scene wants it; it ends with the engine.
func (e *Engine) hush() *Up {
	e.silence.Do(func() {
		f := format{pt: 111, kind: codec.Opus}
		u := &Up{pub: &publisher{peer: &peer{e: e}}}
		u.setFormats([]format{f})
		r := newReader(u, 0)
		r.begin(f)
		e.silent.Store(u)
		e.serving.Go(func() { e.runHush(r) })
	})
	return e.silent.Load()
}

// runHush feeds it, by the clock.
func (e *Engine) runHush(r *reader) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	defer r.leave()
	h := rtp.Header{Version: 2, PayloadType: 111}
	began := e.now()
	for n := int64(0); ; {
		select {
		case <-tick.C:
		case <-e.stop:
			return
		}
		// A ticker that was kept waiting drops ticks, the stream may not; after a long stop it goes on from now.
		due := (e.now() - began) / int64(20*time.Millisecond)
		for n = max(n, due-5); n < due; n++ {
			h.SequenceNumber, h.Timestamp = uint16(n), uint32(n*960)
			r.packet(&h, silentFrame)
		}
	}
}
