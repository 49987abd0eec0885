// Package cosign is what the nodes that gathered evidence sign of it, so that the one that keeps the list cannot change
// afterwards what they sent.
//
// A head says how all of a node's evidence of one event stood at some moment: a digest of every stretch, and the head
// before it. So the heads are a chain, each signed with the node's own Ed25519 key (RFC 8032):
//
//	genesis = SHA-256("betang cosign 1 genesis" 00 event 00 node)
//	person  = SHA-256("betang cosign 1 person" 00 len person, then of each stretch: len session, class, from, to)
//	digest  = SHA-256("betang cosign 1 evidence" 00, then each person's)      persons and stretches ascending
//	head    = SHA-256("betang cosign 1 head" 00 len event, len node, k, upTo, spans, digest, prev)
//
// Numbers are 8 bytes, big endian; len is the length of the text before it. What is signed is the head.
//
// The limit: a node signs what it says it saw. A node that lies, or whose key was taken with its disk, signs lies. What the
// signature shows is that the list holds what that node sent, whoever keeps the list.
package cosign

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"betang/classroom/attend"
)

// Hash is a digest or a link of a chain.
type Hash = [sha256.Size]byte

// Head is a node's evidence of one event at some moment.
type Head struct {
	Event, Node string
	K           int64 // its number in the chain, from 1
	UpTo        int64 // the node's own number of the last change in it
	Spans       int64
	Digest      Hash
	Prev        Hash // of head K-1, or the genesis
}

// Signed is a head with its node's signature.
type Signed struct {
	Head
	Sig []byte
}

// Genesis is what the first head of a node's chain follows.
func Genesis(event, node string) Hash {
	return sha256.Sum256([]byte("betang cosign 1 genesis\x00" + event + "\x00" + node))
}

// Hash is the head's own.
func (h Head) Hash() Hash {
	b := []byte("betang cosign 1 head\x00")
	b = text(text(b, h.Event), h.Node)
	for _, n := range []int64{h.K, h.UpTo, h.Spans} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return sha256.Sum256(append(append(b, h.Digest[:]...), h.Prev[:]...))
}

func text(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}

// Sign signs a head.
func Sign(h Head, key ed25519.PrivateKey) Signed {
	hash := h.Hash()
	return Signed{h, ed25519.Sign(key, hash[:])}
}

// Fits tells whether it was signed with the key.
func (s Signed) Fits(key ed25519.PublicKey) bool {
	hash := s.Hash()
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, hash[:], s.Sig)
}

// Next is the head that follows last, nil for none, with evidence as it stands.
func Next(event, node string, last *Head, upTo int64, spans []attend.Span) Head {
	h := Head{Event: event, Node: node, K: 1, UpTo: upTo, Spans: int64(len(spans)), Digest: Digest(spans), Prev: Genesis(event, node)}
	if last != nil {
		h.K, h.Prev = last.K+1, last.Hash()
	}
	return h
}

// Digest sums evidence, in whatever order it is given. Whether a stretch still grows is not part of it.
func Digest(spans []attend.Span) Hash {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b attend.Span) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Class, b.Class), cmp.Compare(a.From, b.From))
	})
	all := []byte("betang cosign 1 evidence\x00")
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].Person == spans[0].Person {
			n++
		}
		of := personDigest(spans[:n])
		all, spans = append(all, of[:]...), spans[n:]
	}
	return sha256.Sum256(all)
}

func personDigest(spans []attend.Span) Hash {
	b := text([]byte("betang cosign 1 person\x00"), spans[0].Person)
	for _, sp := range spans {
		b = text(b, sp.Session)
		for _, n := range []int64{int64(sp.Class), sp.From, sp.To} {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
	}
	return sha256.Sum256(b)
}

// Check holds a node's chain to its key: every head signed, and each one after the other from the first.
func Check(heads []Signed, key ed25519.PublicKey) error {
	for i, h := range heads {
		prev, upTo := Genesis(h.Event, h.Node), int64(0)
		if i > 0 {
			prev, upTo = heads[i-1].Hash(), heads[i-1].UpTo
		}
		switch {
		case h.K != int64(i+1):
			return fmt.Errorf("head %d of %s is missing", i+1, h.Node)
		case !h.Fits(key):
			return fmt.Errorf("head %d of %s is not signed with that node's key", h.K, h.Node)
		case h.Prev != prev, h.UpTo < upTo:
			return fmt.Errorf("head %d of %s does not follow the one before", h.K, h.Node)
		}
	}
	return nil
}

// ErrOtherKey says that a node which signed with one key now signs with another, or has two heads of one number.
var ErrOtherKey = errors.New("a node's signature is not the one that it began with")

// Witness is what one node sent of an event.
type Witness struct {
	Node  string
	Key   ed25519.PublicKey // by which it signed first; nil: it never signed
	Heads []Signed          // ascending
	Spans []attend.Span     // as it said them last
	Mark  int64             // up to which of its numbers they are here without holes
}

// Stands gives the head that covers the evidence as it is here: the newest of a whole chain, if the digest fits.
func (w Witness) Stands() (Signed, error) {
	n := len(w.Heads)
	if n == 0 {
		return Signed{}, fmt.Errorf("%s signed nothing", w.Node)
	}
	if err := Check(w.Heads, w.Key); err != nil {
		return Signed{}, err
	}
	switch last := w.Heads[n-1]; {
	case last.UpTo != w.Mark:
		return last, fmt.Errorf("%s signed its evidence up to change %d, and it is here up to %d", w.Node, last.UpTo, w.Mark)
	case last.Digest != Digest(w.Spans):
		return last, fmt.Errorf("the evidence of %s is not what that node signed", w.Node)
	default:
		return last, nil
	}
}
