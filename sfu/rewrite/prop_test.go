package rewrite

import (
	"math/rand/v2"
	"testing"

	"betang/sfu/codec"

	"pgregory.net/rapid"
)

// frameID names a frame of the model.
type frameID struct {
	src Source
	n   int
}

// packet is an In that knows its frame.
type packet struct {
	In
	frame frameID
}

// source generates the packets of one publisher, in order, with its own random starting values.
type source struct {
	id    Source
	kind  codec.Kind
	wide  bool
	ext   uint64
	stamp uint32
	pid   int32
	tl0   int16
	n     int
}

func drawSource(t *rapid.T, id Source, kind codec.Kind) *source {
	s := &source{
		id: id, kind: kind, wide: rapid.Bool().Draw(t, "wide"),
		ext:   1<<16 | uint64(rapid.Uint16().Draw(t, "firstSeq")),
		stamp: rapid.Uint32().Draw(t, "firstStamp"),
		pid:   int32(rapid.Uint16().Draw(t, "firstPID") & 0x7fff), tl0: int16(rapid.Uint8().Draw(t, "firstTL0")),
	}
	if !s.wide {
		s.pid &= 0x7f
	}
	return s
}

// frame appends the packets of the next frame.
func (s *source) frame(dst []packet, key bool, tid uint8, packets int, now int64) []packet {
	s.n++
	if tid == 0 {
		s.tl0 = (s.tl0 + 1) & 0xff
	}
	s.pid = (s.pid + 1) & 0x7fff
	if !s.wide {
		s.pid &= 0x7f
	}
	s.stamp += s.kind.Clock() / 30
	for i := range packets {
		in := In{Source: s.id, Ext: s.ext, Timestamp: s.stamp, Arrived: now, Now: now, Info: codec.Info{
			Key: key && i == 0 || s.kind == codec.Opus, Start: i == 0, End: i == packets-1,
			Wide: s.wide, TID: tid, PictureID: -1, TL0: -1,
		}}
		if s.kind == codec.VP8 {
			in.Info.PictureID, in.Info.TL0 = s.pid, s.tl0
		}
		s.ext++
		dst = append(dst, packet{in, frameID{s.id, s.n}})
	}
	return dst
}

// seen is what the checker knows of a sent frame.
type seen struct {
	stamp uint32
	pid   uint16
}

// checker holds what must be true of everything a mapper says.
type checker struct {
	t      *rapid.T
	m      *Mapper
	used   map[uint64]bool // outgoing numbers
	frames map[frameID]seen
	byPID  map[uint16]frameID
	last   Out
	any    bool
	order  map[uint64]uint64 // source number to outgoing number, of the current stretch
}

func (c *checker) sent(p packet, o Out, late bool) {
	c.t.Helper()
	if uint16(o.Ext) != o.Seq {
		c.t.Fatalf("Seq %d is not the low half of Ext %d", o.Seq, o.Ext)
	}
	if c.used[o.Ext] {
		c.t.Fatalf("number %d given twice, now for %+v", o.Ext, p)
	}
	c.used[o.Ext] = true
	if !late {
		if c.any && o.Ext <= c.last.Ext {
			c.t.Fatalf("in-order packet got %d after %d", o.Ext, c.last.Ext)
		}
		if c.any && int32(o.Timestamp-c.last.Timestamp) < 0 {
			c.t.Fatalf("timestamp went back from %d to %d", c.last.Timestamp, o.Timestamp)
		}
		c.last, c.any = o, true
	}
	for ext, out := range c.order {
		if (ext < p.Ext) != (out < o.Ext) {
			c.t.Fatalf("source packets %d and %d became %d and %d (late %v)", ext, p.Ext, out, o.Ext, late)
		}
	}
	c.order[p.Ext] = o.Ext
	if f, ok := c.frames[p.frame]; ok {
		if f.stamp != o.Timestamp || f.pid != o.PictureID {
			c.t.Fatalf("frame %v has stamp %d pid %d and now %d %d (late %v)", p.frame, f.stamp, f.pid, o.Timestamp, o.PictureID, late)
		}
	} else {
		for id, f := range c.frames {
			if f.stamp == o.Timestamp {
				c.t.Fatalf("frames %v and %v share the timestamp %d (late %v)", id, p.frame, o.Timestamp, late)
			}
		}
		c.frames[p.frame] = seen{stamp: o.Timestamp, pid: o.PictureID}
		if p.Info.PictureID >= 0 && p.Info.Wide {
			if other, ok := c.byPID[o.PictureID]; ok {
				c.t.Fatalf("frames %v and %v share the picture id %d (late %v)", other, p.frame, o.PictureID, late)
			}
			c.byPID[o.PictureID] = p.frame
		}
	}
	r, ok := c.m.Reverse(o.Seq)
	if !ok || r.Padding || r.Source != p.Source || r.Ext != p.Ext || r.Out != o {
		c.t.Fatalf("Reverse(%d) = %+v, %v; sent %+v as %+v", o.Seq, r, ok, p.In, o)
	}
}

func (c *checker) padded(o Out) {
	c.t.Helper()
	if c.used[o.Ext] || o.Ext <= c.last.Ext {
		c.t.Fatalf("padding got the used number %d", o.Ext)
	}
	c.used[o.Ext] = true
	c.last.Ext = o.Ext
	if r, ok := c.m.Reverse(o.Seq); !ok || !r.Padding {
		c.t.Fatalf("Reverse of padding = %+v, %v", r, ok)
	}
}

func drawMapper(t *rapid.T, kind codec.Kind, size int) *Mapper {
	return New(Config{
		Kind: kind, Size: size,
		// Near the ends, so that a short run crosses them.
		Sequence:  rapid.Uint16Range(65500, 65535).Draw(t, "seq"),
		Timestamp: rapid.Uint32Range(0xffffffff-100000, 0xffffffff).Draw(t, "stamp"),
		PictureID: rapid.Uint16Range(0x7ff0, 0x7fff).Draw(t, "pid"),
		TL0:       rapid.Uint8().Draw(t, "tl0"),
	})
}

// dice throws with a drawn seed: rapid's own draws favour small numbers, which here would mean losing nearly everything.
type dice struct{ *rand.Rand }

func drawDice(t *rapid.T) dice {
	return dice{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
}

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

// A mapper before a lossy, reordering network, with frames and rests of frames dropped, padding, and switches.
func TestMapperProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]codec.Kind{codec.VP8, codec.H264, codec.Opus}).Draw(t, "kind")
		m := drawMapper(t, kind, 256)
		c := &checker{
			t: t, m: m, used: map[uint64]bool{}, frames: map[frameID]seen{}, byPID: map[uint16]frameID{},
			order: map[uint64]uint64{},
		}
		sources := []*source{drawSource(t, 1, kind), drawSource(t, 2, kind)}
		steps := rapid.IntRange(40, 150).Draw(t, "steps")
		d := drawDice(t)
		var queue []packet // what is on its way
		dropping, dropped := map[frameID]bool{}, map[frameID]bool{}
		highest := map[Source]uint64{}
		now := int64(1e12)
		m.Switch(1)
		for range steps {
			now += second / 30
			for _, s := range sources {
				n := 1
				if kind.Video() {
					n = 1 + d.IntN(4)
				}
				queue = s.frame(queue, s.n == 0 || d.oneIn(10), uint8(s.n&1), n, now)
			}
			switch d.IntN(20) {
			case 0:
				m.Switch(Source(d.IntN(3)))
			case 1:
				if o, ok := m.Pad(); ok {
					c.padded(o)
				}
			}
			for keep := d.IntN(12); len(queue) > keep; {
				i := 0
				if d.oneIn(3) {
					i = d.IntN(min(len(queue), 8))
				}
				p := queue[i]
				queue = append(queue[:i], queue[i+1:]...)
				if d.oneIn(15) {
					continue
				}
				p.Arrived, p.Now = now, now
				cur, _ := m.Source()
				late := p.Source == cur && p.Ext <= highest[cur]
				if _, decided := dropping[p.frame]; !decided {
					dropping[p.frame] = d.oneIn(4)
				} else if d.oneIn(20) {
					dropping[p.frame] = true
				}
				// What is left of a frame dropped from its start is offered all the same now and then: to be refused.
				_, shown := c.frames[p.frame]
				rest := dropped[p.frame] && !shown && p.Source == cur
				if dropping[p.frame] && p.Source == cur && (!rest && !late || !d.oneIn(2)) {
					m.Drop(p.In)
					dropped[p.frame] = dropped[p.frame] || !late
					highest[cur] = max(highest[cur], p.Ext)
					continue
				}
				o, v := m.Next(p.In)
				if rest && v != TooLate && v != Rest {
					t.Fatalf("rest of a dropped frame: verdict %d for %+v", v, p)
				}
				if after, _ := m.Source(); after != cur {
					highest[after], late = p.Ext, false
					clear(c.order)
				} else if p.Source == cur {
					highest[cur] = max(highest[cur], p.Ext)
				}
				switch v {
				case Send:
					c.sent(p, o, late)
					if _, again := m.Next(p.In); again != Repeated {
						t.Fatalf("the same packet again: %d, want Repeated", again)
					}
				case Foreign:
					if p.Source == cur {
						t.Fatalf("packet of the current source called foreign: %+v", p)
					}
				case Repeated:
					t.Fatalf("called repeated, but came once: %+v", p)
				}
			}
		}
	})
}

// Without loss there is no hole, however much is dropped and switched.
func TestNoHolesWithoutLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMapper(t, codec.VP8, 64)
		sources := []*source{drawSource(t, 1, codec.VP8), drawSource(t, 2, codec.VP8)}
		sources[0].wide, sources[1].wide = true, true
		steps := rapid.IntRange(40, 100).Draw(t, "frames")
		d := drawDice(t)
		m.Switch(1)
		var last Out
		var have bool
		now := int64(0)
		for step := range steps {
			now += second / 30
			if d.oneIn(10) {
				m.Switch(Source(1 + d.IntN(2)))
			}
			for _, s := range sources {
				tid := uint8(step & 1)
				cur, _ := m.Source()
				drop := tid == 1 && d.oneIn(2)
				for _, p := range s.frame(nil, tid == 0 && d.oneIn(4), tid, 3, now) {
					if drop && p.Source == cur {
						m.Drop(p.In)
						continue
					}
					o, v := m.Next(p.In)
					if v == Foreign || v == NeedKey {
						continue
					}
					if v != Send {
						t.Fatalf("verdict %d for %+v", v, p)
					}
					if have {
						follows(t, last, o, p.Info)
					}
					last, have = o, true
				}
			}
		}
	})
}

// follows checks that o comes right after last.
func follows(t *rapid.T, last, o Out, info codec.Info) {
	t.Helper()
	if o.Seq != last.Seq+1 {
		t.Fatalf("number %d after %d", o.Seq, last.Seq)
	}
	want := last.PictureID
	if info.Start {
		want = (want + 1) & 0x7fff
	}
	if o.PictureID != want {
		t.Fatalf("picture %d, want %d", o.PictureID, want)
	}
	if d := o.TL0 - last.TL0; (d == 1) != (info.Start && info.TID == 0) || d > 1 {
		t.Fatalf("TL0 %d after %d in layer %d", o.TL0, last.TL0, info.TID)
	}
	if d := int32(o.Timestamp - last.Timestamp); info.Start != (d > 0) || d < 0 {
		t.Fatalf("timestamp %d after %d, start %v", o.Timestamp, last.Timestamp, info.Start)
	}
}
