package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Hash is a link of the chain.
type Hash = [sha256.Size]byte

// Entry is one fact in the chain.
type Entry struct {
	Seq  int64 // from 1, without holes
	Prev Hash  // the hash of the entry before, or the genesis
	Hash Hash
	Body []byte // the encoded fact
}

// Genesis is what the first entry of an event's journal links to.
func Genesis(event string) Hash {
	return sha256.Sum256([]byte("betang journal 1 genesis\x00" + event))
}

// Link makes the entry numbered seq that follows the one whose hash is prev. It keeps body.
func Link(prev Hash, seq int64, body []byte) Entry {
	return Entry{Seq: seq, Prev: prev, Hash: sum(prev, seq, body), Body: body}
}

func sum(prev Hash, seq int64, body []byte) Hash {
	const domain = "betang journal 1 entry\x00"
	b := make([]byte, 0, len(domain)+len(prev)+8+len(body))
	b = append(b, domain...)
	b = append(b, prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	return sha256.Sum256(append(b, body...))
}

// Chain follows a journal from its first entry and checks each.
type Chain struct {
	seq  int64
	last Hash
}

// NewChain begins before the first entry of an event's journal.
func NewChain(event string) *Chain { return &Chain{last: Genesis(event)} }

// TouchedError names the first entry of a journal that is not as it was written.
type TouchedError struct {
	Seq int64
	Why string
}

// Error says which entry and why.
func (e *TouchedError) Error() string { return fmt.Sprintf("journal entry %d: %s", e.Seq, e.Why) }

// Check verifies that e is the next entry and goes on after it, so that a journal is verified as it is read. Its error is a
// *TouchedError that names the first entry that was changed, replaced, or is missing; the chain is then where it was.
func (c *Chain) Check(e Entry) error {
	switch {
	case e.Seq > c.seq+1:
		return &TouchedError{c.seq + 1, "missing"}
	case e.Seq != c.seq+1:
		return &TouchedError{c.seq + 1, fmt.Sprintf("number %d stands in its place", e.Seq)}
	case e.Hash != sum(e.Prev, e.Seq, e.Body):
		return &TouchedError{e.Seq, "changed"}
	case e.Prev != c.last && c.seq == 0:
		return &TouchedError{e.Seq, "not the beginning of this event's journal"}
	case e.Prev != c.last:
		// This entry is whole and does not follow what stands before it: that one was put in another's place.
		return &TouchedError{c.seq, "replaced, together with its hash"}
	}
	c.seq, c.last = e.Seq, e.Hash
	return nil
}
