package cosign

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"betang/classroom/attend"

	"pgregory.net/rapid"
)

var key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func some() []attend.Span {
	return []attend.Span{
		{Person: "p1", Session: "s1", Class: attend.Socket, From: 1, To: 9},
		{Person: "p1", Session: "s1", Class: attend.Delivered, From: 2, To: 9, Open: true},
		{Person: "p2", Session: "s2", Class: attend.Socket, From: 1, To: 5},
	}
}

// The formula may never change: lists of earlier years must go on verifying.
func TestHashesStay(t *testing.T) {
	h := Next("demo", "kotim-1", nil, 3, some())
	for i, c := range []struct {
		got  Hash
		want string
	}{
		{Genesis("demo", "kotim-1"), "b250b3243270261240540e8d64e359ab9cbffe7b7d4ae6babea8a7b2666a9075"}, {h.Digest, "a5a3d243986b26246b2161c9f63a1d2afff7cc04c5e642572867b7acc8ed63af"}, {h.Hash(), "044e97a05c6ee81c96103d29dad0674ca6c32e747eddb42df65b3bfcc9fccc3a"},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%d: %s", i, got)
		}
	}
}

// Whatever one thing of the evidence is touched, the digest is another; the order in which it is given is none of it.
func TestDigestIsOfEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) attend.Span {
			from := rapid.Int64Range(0, 50).Draw(t, "from")
			return attend.Span{
				Person: rapid.SampledFrom([]string{"", "p", "pq", "q"}).Draw(t, "person"), Session: rapid.SampledFrom([]string{"", "s", "qs"}).Draw(t, "session"),
				Class: attend.Class(1 << rapid.IntRange(0, 2).Draw(t, "class")), From: from, To: from + rapid.Int64Range(0, 9).Draw(t, "length"),
			}
		})
		spans := rapid.SliceOfNDistinct(one, 1, 9, func(s attend.Span) string { return fmt.Sprint(s.Person, "/", s.Session, "/", s.Class, "/", s.From) }).Draw(t, "spans")
		was := Digest(spans)
		mixed := slices.Clone(spans)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if Digest(mixed) != was {
			t.Fatal("the order counts")
		}
		i := rapid.IntRange(0, len(spans)-1).Draw(t, "which")
		touched := slices.Clone(spans)
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			touched[i].Person += "x"
		case 1:
			touched[i].Session += "x"
		case 2:
			touched[i].Class <<= 3
		case 3:
			touched[i].From = -1
		case 4:
			touched[i].To += 100
		case 5:
			touched = slices.Delete(touched, i, i+1)
		}
		if Digest(touched) == was {
			t.Fatalf("%+v and %+v have one digest", spans, touched)
		}
	})
}

func TestChain(t *testing.T) {
	chain := func() (out []Signed) {
		var last *Head
		for i := range 3 {
			h := Next("demo", "kotim-1", last, int64(i+1), some()[:i+1])
			out, last = append(out, Sign(h, key)), &h
		}
		return out
	}
	public := key.Public().(ed25519.PublicKey)
	if err := Check(chain(), public); err != nil {
		t.Fatal(err)
	}
	other := ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))
	for name, touch := range map[string]func(c []Signed) []Signed{
		"a digest":    func(c []Signed) []Signed { c[1].Digest[0] ^= 1; return c },
		"a signature": func(c []Signed) []Signed { c[1].Sig[0] ^= 1; return c },
		"one removed": func(c []Signed) []Signed { return slices.Delete(c, 1, 2) },
		"one made anew": func(c []Signed) []Signed {
			c[1] = Sign(Head{Event: "demo", Node: "kotim-1", K: 2, UpTo: 2, Prev: c[0].Hash()}, key)
			return c
		},
		"another key":          func(c []Signed) []Signed { c[2] = Sign(c[2].Head, other); return c },
		"another node's":       func(c []Signed) []Signed { c[0].Node = "seruyan-1"; return c },
		"numbers that go back": func(c []Signed) []Signed { h := c[2].Head; h.UpTo = 1; c[2] = Sign(h, key); return c },
	} {
		if Check(touch(chain()), public) == nil {
			t.Errorf("%s: it fits", name)
		}
	}
}

// BenchmarkDigest is of an edge with 1,300 viewers.
func BenchmarkDigest(b *testing.B) {
	var spans []attend.Span
	for i := range 1300 {
		for _, c := range []attend.Class{attend.Socket, attend.Delivered, attend.Decoded} {
			spans = append(spans, attend.Span{Person: fmt.Sprint("p", i), Session: fmt.Sprint("s", i*7919), Class: c, From: 1795661474301, To: 1795661574301})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Digest(spans)
	}
}
