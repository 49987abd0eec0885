package hop

import "encoding/binary"

// reader takes a message apart. After a fault it gives zeros, and bad says so.
type reader struct {
	b   []byte
	bad bool
}

var zeros [8]byte

func (r *reader) take(n int) []byte {
	if r.bad || len(r.b) < n {
		r.bad = true
		return zeros[:min(n, len(zeros))]
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() uint8   { return r.take(1)[0] }
func (r *reader) u16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

// flag is one byte, 0 or 1, so that a message has one form.
func (r *reader) flag() bool {
	b := r.u8()
	r.bad = r.bad || b > 1
	return b == 1
}

// count is how many follow; more than most is a fault.
func (r *reader) count(most int) int {
	n := int(r.u16())
	if n > most {
		r.bad = true
	}
	if r.bad {
		return 0
	}
	return n
}

func (r *reader) text() string {
	n := int(r.u8())
	if n > MaxName {
		r.bad = true
	}
	if r.bad || n > len(r.b) {
		r.bad = true
		return ""
	}
	return string(r.take(n))
}

// rest is all that follows; more than most is a fault, and so is nothing.
func (r *reader) rest(most int) []byte {
	if len(r.b) == 0 || len(r.b) > most {
		r.bad = true
		return nil
	}
	return append([]byte(nil), r.take(len(r.b))...)
}

func (r *reader) key() Key { return Key{Router: r.text(), Source: r.text()} }

func (r *reader) path() []NodeID {
	var p []NodeID
	for range r.count(MaxHops) {
		p = append(p, NodeID(r.take(8)))
	}
	return p
}

func (r *reader) names(most int) (list []string) {
	for range r.count(most) {
		list = append(list, r.text())
	}
	return list
}

func appendNames(b []byte, list []string, most int) []byte {
	n := min(len(list), most)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	for _, v := range list[:n] {
		b = appendText(b, v)
	}
	return b
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendText writes at most MaxName bytes; longer names are kept out before (Key.Valid).
func appendText(b []byte, s string) []byte {
	s = s[:min(len(s), MaxName)]
	return append(append(b, byte(len(s))), s...)
}

// Valid tells whether a name fits a message.
func (k Key) Valid() bool {
	return k.Router != "" && len(k.Router) <= MaxName && len(k.Source) <= MaxName
}

func appendPath(b []byte, p []NodeID) []byte {
	n := min(len(p), MaxHops)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	for _, id := range p[:n] {
		b = append(b, id[:]...)
	}
	return b
}
