package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func write(event string, bodies ...string) []Entry {
	last := Genesis(event)
	var out []Entry
	for i, b := range bodies {
		e := Link(last, int64(i+1), []byte(b))
		out, last = append(out, e), e.Hash
	}
	return out
}

// read checks a whole journal, from its first entry.
func read(event string, entries []Entry) error {
	c := NewChain(event)
	for _, e := range entries {
		if err := c.Check(e); err != nil {
			return err
		}
	}
	return nil
}

// The formula may never change: journals of earlier years must go on verifying.
func TestHashesStay(t *testing.T) {
	e := write("demo", `{"kind":"phase"}`, "")
	for i, want := range []string{
		"400ba8d5c49acfb1bded4c09a3c5387a4507e3f7aec3ecec6e63ac3b7455cdf9",
		"24188aaffbafcff9d5f9e42eb848800a4482a2d0e26dbecf152bc962c85462a3",
		"ba8a231a2c6c5bf85d91997eb68cac8e7638996371ba0b59d9ad3fe0f81b93c0",
	} {
		got := Genesis("demo")
		if i > 0 {
			got = e[i-1].Hash
		}
		if hex.EncodeToString(got[:]) != want {
			t.Errorf("%d: %x", i, got)
		}
	}
}

func TestCheck(t *testing.T) {
	good := func() []Entry { return write("demo", "a", "b", "c", "d") }
	for _, c := range []struct {
		name  string
		touch func(e []Entry) []Entry
		seq   int64 // 0: verifies
	}{
		{"untouched", func(e []Entry) []Entry { return e }, 0},
		{"empty", func([]Entry) []Entry { return nil }, 0},
		{"cut off at the end", func(e []Entry) []Entry { return e[:2] }, 0}, // as the package's text says
		{"body changed", func(e []Entry) []Entry { e[1].Body = []byte("B"); return e }, 2},
		{"hash changed", func(e []Entry) []Entry { e[1].Hash[5] ^= 1; return e }, 2},
		{"link changed", func(e []Entry) []Entry { e[2].Prev[5] ^= 1; return e }, 3},
		{"body and hash changed", func(e []Entry) []Entry { e[1] = Link(e[1].Prev, 2, []byte("B")); return e }, 2},
		{"first body and hash changed", func(e []Entry) []Entry { e[0] = Link(e[0].Prev, 1, []byte("A")); return e }, 1},
		{"body, hash and the next one's link changed", func(e []Entry) []Entry {
			e[1] = Link(e[1].Prev, 2, []byte("B"))
			e[2].Prev = e[1].Hash
			return e
		}, 3}, // the second is now whole; the third is the first that contradicts itself
		{"removed", func(e []Entry) []Entry { return slices.Delete(e, 1, 2) }, 2},
		{"first removed", func(e []Entry) []Entry { return e[1:] }, 1},
		{"removed and renumbered", func(e []Entry) []Entry {
			e = slices.Delete(e, 1, 2)
			e[1].Seq = 2
			return e
		}, 2},
		{"added", func(e []Entry) []Entry { return slices.Insert(e, 2, Link(e[1].Hash, 3, []byte("x"))) }, 4},
		{"swapped", func(e []Entry) []Entry { e[1], e[2] = e[2], e[1]; return e }, 2},
		{"told twice", func(e []Entry) []Entry { return slices.Insert(e, 1, e[0]) }, 2},
		{"another event's", func([]Entry) []Entry { return write("other", "a", "b") }, 1},
	} {
		err := read("demo", c.touch(good()))
		var touched *TouchedError
		switch {
		case c.seq == 0 && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.seq != 0 && (!errors.As(err, &touched) || touched.Seq != c.seq):
			t.Errorf("%s: %v, want entry %d named", c.name, err, c.seq)
		}
	}
}

// Whatever one thing is touched, it does not verify, and what is named is that entry or, if its own hash was made
// anew, still that entry by the one after it.
func TestAnyTouchIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bodies := rapid.SliceOfN(rapid.String(), 2, 8).Draw(t, "bodies")
		e := write("demo", bodies...)
		if err := read("demo", e); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(e)-2).Draw(t, "which")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		if bytes.Equal(body, e[i].Body) {
			body = append(body, 'x')
		}
		if rapid.Bool().Draw(t, "rehash") {
			e[i] = Link(e[i].Prev, e[i].Seq, body)
		} else {
			e[i].Body = body
		}
		var touched *TouchedError
		if err := read("demo", e); !errors.As(err, &touched) || touched.Seq != int64(i+1) {
			t.Fatalf("entry %d was touched: %v", i+1, err)
		}
	})
}

func TestAfterAnError(t *testing.T) {
	e := write("demo", "a", "b", "c")
	c := NewChain("demo")
	if err := c.Check(e[0]); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(e[2]); err == nil {
		t.Fatal("a hole verified")
	}
	if err := c.Check(e[1]); err != nil {
		t.Fatalf("after an error the chain is not where it was: %v", err)
	}
}

func ExampleChain_Check() {
	first := Link(Genesis("demo"), 1, []byte("masuk 09.00"))
	fmt.Println(NewChain("demo").Check(first))
	first.Body = []byte("masuk 08.00")
	fmt.Println(NewChain("demo").Check(first))
	// Output:
	// <nil>
	// journal entry 1: changed
}

func BenchmarkLink(b *testing.B) {
	last := Genesis("demo")
	body := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		last = Link(last, 1, body).Hash
	}
}
