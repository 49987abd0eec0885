package impair

import (
	"encoding/binary"
	"errors"
	"io"
)

var errNotTLS = errors.New("impair: not TLS")

// OnlyTLS makes the proxy a firewall that looks inside: from now on new connections may carry TLS records and nothing
// else, in both directions. Refused tells how many were cut for that.
func (p *TCP) OnlyTLS() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onlyTLS = true
}

// Refused is how many connections spoke something else than TLS.
func (p *TCP) Refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// records lets TLS records pass (RFC 8446 section 5.1) and ends with errNotTLS at anything else.
type records struct {
	from io.Reader
	head [5]byte
	left int // of the record
}

// Read gives bytes of one record at most, header and content apart.
func (r *records) Read(b []byte) (int, error) {
	if r.left == 0 {
		if _, err := io.ReadFull(r.from, r.head[:]); err != nil {
			return 0, err
		}
		r.left = int(binary.BigEndian.Uint16(r.head[3:]))
		if r.head[0] < 20 || r.head[0] > 23 || r.head[1] != 3 || r.left == 0 || r.left > 1<<14+256 {
			return 0, errNotTLS
		}
		return copy(b, r.head[:]), nil
	}
	n, err := r.from.Read(b[:min(len(b), r.left)])
	r.left -= n
	return n, err
}
