package rewrite

import "betang/sfu/codec"

// Source names one ring: one layer of one publisher's track. 0 names none.
type Source uint32

// Config is how an outgoing stream begins. The starting values should be random (RFC 3550 section 5.1).
type Config struct {
	Kind      codec.Kind // decides the clock rate
	Size      int        // packets remembered for NACK and late arrival, rounded up to a power of two, 16 to 32768
	Sequence  uint16     // of the first packet
	Timestamp uint32     // of the first packet
	PictureID uint16     // of the first frame, 15 bits
	TL0       uint8      // of the first frame
}

// In is one packet of a source.
type In struct {
	Source    Source
	Ext       uint64 // extended sequence number (loss.Unwrapper)
	Timestamp uint32
	Info      codec.Info
	Arrived   int64 // when it reached the server, in ns of any clock
	Now       int64 // when it is forwarded, same clock; later than Arrived where it comes from a cache
}

// Out is what the packet becomes.
type Out struct {
	Ext       uint64 // extended sequence number; Seq is its low half
	Timestamp uint32
	Seq       uint16
	PictureID uint16 // for codec.RewriteVP8; as wide as the source's, 15 or 7 bits
	TL0       uint8
}

// Verdict says what to do with a packet.
type Verdict uint8

// The verdicts. All but Send mean: do not forward.
const (
	Send     Verdict = iota
	Foreign          // from a source that is neither current nor wished for
	NeedKey          // the wished-for source, but a decoder cannot start here
	Rest             // belongs to a frame whose start was dropped
	Repeated         // was sent already
	TooLate          // late, and no number is free for it
)

// entry remembers one outgoing number. While state is hole, stamp, pid and tl0 hold what to subtract from the late
// packet's own numbers; nothing changes them between the two packets around the hole but a frame dropped there.
type entry struct {
	ext   uint32 // low half of the source's extended sequence number
	stamp uint32 // outgoing timestamp
	pid   uint16
	gen   uint16 // which stretch; see Mapper.stretch
	nack  uint16 // when it was last sent again, in units of 2^22 ns; 0: never
	tl0   uint8
	state state
}

type state uint8

const (
	empty   state = iota
	sent          // a packet went out
	padding       // a padding-only packet of our own went out
	hole          // kept for a packet that may come late
	closed        // nothing can fill it
)

// stretch is one uninterrupted use of a source.
type stretch struct {
	source Source
	last   uint64 // highest extended sequence number seen; of the current one it is Mapper.high
	gen    uint16
}

const (
	stretches = 8  // remembered for Reverse
	drops     = 32 // dropped frames remembered, so that a late packet of one is refused
)

// Mapper maps one slot of one viewer. Make one with New. What each packet touches stands together: a viewer's memory has left the
// processor's cache by the next frame, and every further line of it is waited for.
type Mapper struct {
	ring   []entry
	next   uint64 // extended sequence number of the next packet
	sentTo uint64 // highest number a packet went out with, 0: none
	high   uint64 // highest extended sequence number of the current source, sent or dropped

	cur, want Source
	in        uint32 // timestamp of the frame at high, incoming
	out       uint32 // the same, outgoing (when it was not dropped)
	top       uint32 // newest outgoing timestamp
	offset    uint32 // in - outgoing, on the live line
	at        int64  // the live line: the anchor belongs to this arrival
	anchor    uint32 // an outgoing timestamp
	gen       uint16

	pidOff, pidOut uint16 // in - outgoing; last sent
	tl0Off, tl0Out uint8

	dropped  bool // the frame at high was dropped
	behind   bool // the source's frames are still older than the live line
	ended    bool // the packet at sentTo closed its frame
	anchored bool

	clock, step int64  // ticks a second; least ticks between the frames around a switch
	began       uint64 // of the first packet

	past  [stretches]stretch // by gen, the current one included
	gone  [drops]uint32      // incoming timestamps of the last dropped frames of this stretch
	goneN int                // how many there were
}

// New makes a mapper with no source: call Switch.
func New(c Config) *Mapper {
	size := 16
	for size < c.Size && size < 1<<15 {
		size *= 2
	}
	m := &Mapper{
		clock: int64(c.Kind.Clock()), ring: make([]entry, size),
		next: 1<<16 | uint64(c.Sequence), ended: true,
		top: c.Timestamp, out: c.Timestamp,
		pidOut: (c.PictureID - 1) & 0x7fff, tl0Out: c.TL0 - 1,
	}
	m.step = m.clock / 1000
	if c.Kind == codec.Opus {
		m.step = m.clock / 50
	}
	m.began = m.next
	return m
}

// Switch names the source the stream shall come from. The current one goes on until a packet of the new one with Info.Key comes
// to Next. Source 0 stops the stream at once.
func (m *Mapper) Switch(to Source) {
	m.want = to
	if to == 0 {
		m.cur = 0
	}
}

// Source is where the stream comes from now, and where it shall come from; the same when no switch is pending.
func (m *Mapper) Source() (current, wanted Source) { return m.cur, m.want }

// Next gives a packet its outgoing numbers. Only with Send are they to be used.
func (m *Mapper) Next(in In) (Out, Verdict) {
	switch {
	case in.Source == 0 || in.Source != m.cur && in.Source != m.want:
		return Out{}, Foreign
	case in.Source == m.want && m.cur != m.want:
		if !in.Info.Key {
			return Out{}, NeedKey
		}
		m.enter(in)
		return m.send(in), Send
	case in.Ext <= m.high:
		return m.late(in)
	}
	fresh := in.Timestamp != m.in
	if !fresh && m.dropped {
		m.high = in.Ext
		return Out{}, Rest
	}
	m.reserve(in.Ext)
	if fresh {
		m.frame(in)
	}
	return m.send(in), Send
}

// Drop leaves a packet of the current source out of the stream, without a hole. Packets of other sources and packets
// that come late are ignored: the number of a late one is on the wire already, so it is better forwarded.
func (m *Mapper) Drop(in In) {
	if in.Source == 0 || in.Source != m.cur || in.Ext <= m.high {
		return
	}
	fresh := in.Timestamp != m.in
	if fresh || !m.dropped {
		m.reserve(in.Ext) // else what is missing here is of the dropped frame too
	}
	if fresh {
		m.in, m.dropped = in.Timestamp, true
		m.gone[m.goneN%drops] = in.Timestamp
		m.goneN++
		if in.Info.PictureID >= 0 {
			m.pidOff = (m.pidOff + 1) & 0x7fff
		}
		if in.Info.TL0 >= 0 && in.Info.TID == 0 {
			m.tl0Off++
		}
	}
	m.high = in.Ext
}

// Pad gives a padding-only packet (RFC 3550 section 5.1, P bit; no marker) the next number. It is possible only between
// frames and after a first one: false otherwise.
func (m *Mapper) Pad() (Out, bool) {
	if m.sentTo == 0 || !m.ended {
		return Out{}, false
	}
	o := Out{Ext: m.next, Seq: uint16(m.next), Timestamp: m.top}
	m.put(entry{ext: uint32(m.high), stamp: m.top, gen: m.gen, state: padding})
	return o, true
}

// Timestamp maps a timestamp of the current source on the live line, as sender reports need it (RFC 3550 section 6.4.1).
// False while the slot has no source.
func (m *Mapper) Timestamp(in uint32) (uint32, bool) {
	return in - m.offset, m.cur != 0
}

// enter begins a stretch at the keyframe in.
func (m *Mapper) enter(in In) {
	m.past[m.gen%stretches].last = m.high
	m.cur = in.Source
	m.gen++
	m.past[m.gen%stretches] = stretch{source: in.Source, gen: m.gen}

	// The live line says which outgoing timestamp belongs to an arrival. The first frame must not lie before what was
	// sent, nor before the present: then the receiver would show everything that follows late.
	first := m.top
	if m.anchored {
		first = m.anchor + m.ticks(in.Now-m.at)
		if int32(first-(m.top+uint32(m.step))) < 0 {
			first = m.top + uint32(m.step)
		}
	} else {
		m.anchor, m.at, m.anchored = first, in.Now, true
	}
	line := m.anchor + m.ticks(in.Arrived-m.at)
	m.offset = in.Timestamp - line
	// Up to 100 ms the line itself is moved; only a cached keyframe is worth running after.
	m.behind = int32(first-line) > int32(m.clock/10)
	if !m.behind {
		m.offset = in.Timestamp - first
	}
	m.in, m.out, m.dropped = in.Timestamp, first, false
	m.anchor, m.at = in.Timestamp-m.offset, in.Arrived

	m.goneN = 0
	if in.Info.PictureID >= 0 {
		m.pidOff = (uint16(in.Info.PictureID) - m.pidOut - 1) & 0x7fff
	}
	if in.Info.TL0 >= 0 {
		m.tl0Off = uint8(in.Info.TL0) - m.tl0Out - 1
	}
}

// frame begins a frame within a stretch.
func (m *Mapper) frame(in In) {
	out := in.Timestamp - m.offset
	if m.behind {
		if least := m.out + uint32(m.step); int32(out-least) < 0 {
			out = least
		} else {
			m.behind = false
		}
	}
	m.in, m.out, m.dropped = in.Timestamp, out, false
	m.anchor, m.at = in.Timestamp-m.offset, in.Arrived
}

// send numbers an in-order packet of the frame at m.in.
func (m *Mapper) send(in In) Out {
	o := Out{Ext: m.next, Seq: uint16(m.next), Timestamp: m.out}
	o.picture(in.Info, m.pidOff, m.tl0Off)
	m.newest(in.Info, o)
	m.high = in.Ext
	m.put(entry{ext: uint32(in.Ext), stamp: o.Timestamp, pid: o.PictureID, tl0: o.TL0, gen: m.gen, state: sent})
	return o
}

// newest notes what the next stretch has to go on from.
func (m *Mapper) newest(info codec.Info, o Out) {
	if m.sentTo == 0 || int32(o.Timestamp-m.top) > 0 {
		m.top = o.Timestamp
	}
	m.sentTo, m.ended = o.Ext, info.End
	if info.PictureID >= 0 {
		m.pidOut = o.PictureID
	}
	if info.TL0 >= 0 {
		m.tl0Out = o.TL0
	}
}

// picture sets the VP8 numbers; they stay 0 where the packet has none.
func (o *Out) picture(info codec.Info, pidOff uint16, tl0Off uint8) {
	if info.PictureID >= 0 {
		width := uint16(0x7f)
		if info.Wide {
			width = 0x7fff
		}
		o.PictureID = (uint16(info.PictureID) - pidOff) & width
	}
	if info.TL0 >= 0 {
		o.TL0 = uint8(info.TL0) - tl0Off
	}
}

// ticks converts a duration; beyond 2^30 ticks (3 h of video) a receiver could not tell forward from backward.
func (m *Mapper) ticks(ns int64) uint32 {
	const second = 1_000_000_000
	t := ns/second*m.clock + ns%second*m.clock/second
	return uint32(int32(min(max(t, -1<<30), 1<<30)))
}
