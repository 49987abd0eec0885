package rewrite

// Origin is where an outgoing number came from.
type Origin struct {
	Source  Source
	Ext     uint64 // the source's extended sequence number: where to look in its ring
	Out     Out    // the numbers it went out with
	Padding bool   // a padding-only packet of our own; Source and Ext mean nothing
}

// Reverse finds the packet that went out under seq, for a NACK. False: never sent, or forgotten.
func (m *Mapper) Reverse(seq uint16) (Origin, bool) {
	e, ext := m.lookup(seq)
	if e == nil || e.state != sent && e.state != padding {
		return Origin{}, false
	}
	o := Origin{Out: Out{Ext: ext, Seq: seq, Timestamp: e.stamp, PictureID: e.pid, TL0: e.tl0}, Padding: e.state == padding}
	if !o.Padding {
		s := &m.past[e.gen%stretches]
		if s.gen != e.gen {
			return Origin{}, false
		}
		last := s.last
		if e.gen == m.gen {
			last = m.high
		}
		o.Source, o.Ext = s.source, widen(last, e.ext)
	}
	return o, true
}

// Again tells whether the packet under seq may be sent again at now (ns), at most once every gap (ns; a round trip,
// say, because a receiver repeats its NACK before the answer can have come). It counts a true as done. The grain is 4 ms.
func (m *Mapper) Again(seq uint16, now, gap int64) bool {
	e, _ := m.lookup(seq)
	if e == nil || e.state != sent && e.state != padding {
		return false
	}
	t := uint16(now >> 22)
	if e.nack != 0 && int64(t-e.nack)<<22 < gap {
		return false
	}
	e.nack = max(t, 1)
	return true
}

// Forget says that the packet under seq never left: it is not to be sent again.
func (m *Mapper) Forget(seq uint16) {
	if e, _ := m.lookup(seq); e != nil && e.state == sent {
		e.state = closed
	}
}

// lookup finds the entry of an outgoing number among the last len(ring).
func (m *Mapper) lookup(seq uint16) (*entry, uint64) {
	back := uint64(uint16(m.next) - 1 - seq) // how far behind the newest
	if back >= uint64(len(m.ring)) || m.next-m.began <= back {
		return nil, 0
	}
	ext := m.next - 1 - back
	return &m.ring[ext&uint64(len(m.ring)-1)], ext
}

func (m *Mapper) put(e entry) {
	m.ring[m.next&uint64(len(m.ring)-1)] = e
	m.next++
}

// reserve leaves holes for what is missing before ext. After a gap of more than half the memory one number stays free
// for good, so that the receiver sees a loss.
func (m *Mapper) reserve(ext uint64) {
	missing := ext - m.high - 1
	if missing == 0 {
		return
	}
	e := entry{stamp: m.offset, pid: m.pidOff, tl0: m.tl0Off, gen: m.gen, state: hole}
	if m.behind && !m.dropped {
		e.stamp = m.in - m.out
	}
	if missing > uint64(len(m.ring)/2) {
		e.ext, e.state = uint32(ext-1), closed
		m.put(e)
		return
	}
	for x := m.high + 1; x < ext; x++ {
		e.ext = uint32(x)
		m.put(e)
	}
}

// late fits a packet that is not newer than the newest into the hole kept for it.
func (m *Mapper) late(in In) (Out, Verdict) {
	at, ok := m.find(in.Ext)
	if !ok {
		return Out{}, TooLate
	}
	e := &m.ring[at&uint64(len(m.ring)-1)]
	if e.state == sent {
		return Out{}, Repeated
	}
	if e.state != hole || m.wasDropped(in.Timestamp) {
		return Out{}, TooLate
	}
	o := Out{Ext: at, Seq: uint16(at), Timestamp: in.Timestamp - e.stamp}
	if in.Timestamp == m.in {
		o.Timestamp = m.out
	}
	o.picture(in.Info, e.pid, e.tl0)
	e.stamp, e.pid, e.tl0, e.state = o.Timestamp, o.PictureID, o.TL0, sent
	e.nack = max(uint16(in.Now>>22), 1) // a NACK for the hole may be on its way: see Again
	if at > m.sentTo {                  // everything behind it was dropped
		m.newest(in.Info, o)
	}
	return o, Send
}

// wasDropped tells whether the frame with this incoming timestamp was dropped: its numbers would be the next frame's.
func (m *Mapper) wasDropped(stamp uint32) bool {
	for _, t := range m.gone[:min(m.goneN, drops)] {
		if t == stamp {
			return true
		}
	}
	return false
}

// find gives the outgoing number of a packet of the current stretch: numbers rise with the source's, so it halves.
func (m *Mapper) find(ext uint64) (uint64, bool) {
	lo := m.next - min(uint64(len(m.ring)), m.next-m.began)
	hi := m.next
	for lo < hi {
		mid := (lo + hi) / 2
		e := &m.ring[mid&uint64(len(m.ring)-1)]
		if e.gen != m.gen || widen(m.high, e.ext) < ext {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == m.next {
		return 0, false
	}
	e := &m.ring[lo&uint64(len(m.ring)-1)]
	return lo, e.gen == m.gen && widen(m.high, e.ext) == ext
}

// widen restores an extended number of a stretch from its low half; entries are never newer than its last nor 2^32 older.
func widen(last uint64, low uint32) uint64 { return last - uint64(uint32(last)-low) }
