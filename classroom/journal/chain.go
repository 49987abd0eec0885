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

// Chain makes entries one after the other.
type Chain struct {
	seq  int64
	last Hash
}

// NewChain begins the journal of an event.
func NewChain(event string) *Chain { return &Chain{last: Genesis(event)} }

// Resume goes on after the entry numbered seq with the given hash.
func Resume(seq int64, last Hash) *Chain { return &Chain{seq: seq, last: last} }

// Add links the next entry. It keeps body.
func (c *Chain) Add(body []byte) Entry {
	c.seq++
	e := Link(c.last, c.seq, body)
	c.last = e.Hash
	return e
}

// End is the number and the hash of the last entry: 0 and the genesis, if there is none.
func (c *Chain) End() (seq int64, last Hash) { return c.seq, c.last }

// TouchedError names the first entry of a journal that is not as it was written.
type TouchedError struct {
	Seq int64
	Why string
}

// Error says which entry and why.
func (e *TouchedError) Error() string { return fmt.Sprintf("journal entry %d: %s", e.Seq, e.Why) }

// Verify checks the whole journal of an event, from its first entry. Its error is a *TouchedError that names the
// first entry that was changed, replaced, or is missing.
func Verify(event string, entries []Entry) error {
	c := NewChain(event)
	for i := range entries {
		if err := c.Check(entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// Check verifies that e is the next entry and goes on after it, so that a journal can be verified as it is read.
// After an error the chain is where it was.
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
