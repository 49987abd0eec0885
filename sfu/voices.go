package sfu

import (
	"strconv"
	"strings"
	"time"

	"betang/sfu/codec"
	"betang/sfu/speak"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

const (
	electEvery = 200 * time.Millisecond // a look at who speaks, where there are more voices than slots
	unmeasured = 80                     // loudness of a voice that sends no level (an encoder's): as of one who speaks
)

// loudness is a voice's, in dB above silence times 16, smoothed: quick up, slow down.
func loudness(was int32, level uint8) int32 {
	now := (127 - int32(level&0x7f)) << 4
	if now > was {
		return was + (now-was+1)/2
	}
	return was - (was-now+15)/16
}

// hear notes the level of a packet of voice (RFC 6464).
func (r *reader) hear(h *rtp.Header) {
	id := r.up.levelID.Load()
	if id == 0 || r.layer.format.kind != codec.Opus {
		return
	}
	if ext := h.GetExtension(uint8(id)); len(ext) > 0 {
		r.up.loud.Store(loudness(r.up.loud.Load(), ext[0]))
		if ext[0]&0x7f < 127 || r.up.sounded.Load() == 0 {
			r.up.sounded.Store(r.layer.arrived.Load())
		}
	}
}

// loudness is how loud a voice is now, 0 to 127; of a silent or lost one 0.
func (u *Up) loudness(now int64) int {
	for _, l := range u.all() {
		if now-l.arrived.Load() < int64(time.Second) {
			if u.levelID.Load() == 0 {
				return unmeasured
			}
			return int(u.loud.Load() >> 4)
		}
	}
	return 0
}

// extensionID finds under which number an m-line's packets carry a header extension; 0: they do not.
func extensionID(m *sdp.MediaDescription, uri string) uint8 {
	for _, a := range m.Attributes {
		f := strings.Fields(a.Value)
		if a.Key != "extmap" || len(f) < 2 || f[1] != uri {
			continue
		}
		id, _, _ := strings.Cut(f[0], "/")
		if n, err := strconv.ParseUint(id, 10, 8); err == nil {
			return uint8(n)
		}
	}
	return 0
}

// cast is who of a scene's voices have the slots. Guarded by Router.mu.
type cast struct {
	rule speak.Selector[PeerID]
	now  [audioSlots]PeerID
}

// elect gives the slots to who speaks; it tells whether they changed. Router.mu is held.
func (r *Router) electLocked(c *cast, list []PeerID, now int64) bool {
	voices := make([]speak.Voice[PeerID], 0, len(list))
	for _, id := range list {
		if p := r.pubs[id]; p != nil {
			if u, _ := p.forwarded(); u != nil {
				voices = append(voices, speak.Voice[PeerID]{ID: id, Level: u.loudness(now)})
			}
		}
	}
	was := c.now
	c.now = c.rule.Step(now, voices)
	return c.now != was
}

// elect looks who speaks, for all scenes with more voices than slots; false: there is none.
func (r *Router) elect(now int64) (crowded bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := false
	if len(r.scene.Audio) > audioSlots {
		crowded = true
		changed = r.electLocked(&r.cast, r.scene.Audio, now)
	}
	for _, v := range r.viewers {
		if v.own != nil && len(v.own.Audio) > audioSlots {
			crowded = true
			changed = r.electLocked(&v.cast, v.own.Audio, now) || changed
		}
	}
	if changed {
		r.assignLocked()
	}
	return crowded
}

// runVoices looks who speaks, while any stage is crowded.
func (e *Engine) runVoices() {
	look := time.NewTimer(time.Hour)
	look.Stop()
	defer look.Stop()
	running := false
	for {
		select {
		case <-e.crowd:
			if !running {
				running = true
				look.Reset(electEvery)
			}
		case <-look.C:
			running = false
			for _, r := range e.allRouters() {
				running = r.elect(e.now()) || running
			}
			if running {
				look.Reset(electEvery)
			}
		case <-e.stop:
			return
		}
	}
}

func (e *Engine) allRouters() []*Router {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]*Router, 0, len(e.routers))
	for _, r := range e.routers {
		list = append(list, r)
	}
	return list
}

// crowded wakes runVoices.
func (e *Engine) crowded(s Scene) {
	if len(s.Audio) > audioSlots {
		select {
		case e.crowd <- struct{}{}:
		default:
		}
	}
}

// Voices implements Media.
func (e *Engine) Voices(router RouterID, dst []Loudness) []Loudness {
	r := e.router(router)
	if r == nil {
		return dst
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := e.now()
	for id, p := range r.pubs {
		if u, _ := p.forwarded(); u != nil {
			dst = append(dst, Loudness{id, u.loudness(now)})
		}
	}
	return dst
}
