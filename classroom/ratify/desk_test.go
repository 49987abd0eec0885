package ratify

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/proof"
)

// archive holds the lists of one event, and counts how often a document is read.
type archive struct {
	Store
	lists []classroom.RatifiedList
	read  atomic.Int64
}

func (a *archive) Ratified(context.Context, classroom.EventID) ([]classroom.RatifiedList, error) {
	heads := make([]classroom.RatifiedList, len(a.lists))
	for i, l := range a.lists {
		l.Document = nil
		heads[i] = l
	}
	return heads, nil
}

func (a *archive) RatifiedByNumber(_ context.Context, number string) (classroom.RatifiedList, error) {
	a.read.Add(1)
	for _, l := range a.lists {
		if l.Number == number {
			return l, nil
		}
	}
	return classroom.RatifiedList{}, classroom.Refuse(classroom.NotFound, "number_unknown")
}

// ratified makes revisions of a list of n people.
func ratified(t testing.TB, revisions, n int) *archive {
	t.Helper()
	a := &archive{}
	for rev := 1; rev <= revisions; rev++ {
		m := proof.Manifest{Number: fmt.Sprint("N", rev), Event: "kuliah", Policy: attend.DefaultPolicy(), Live: [][2]int64{{1000, 7_201_000}}, By: "BPSDM", Reason: "uji"}
		rows := make([]proof.Row, n)
		for i := range rows {
			rows[i] = proof.Row{
				No: i + 1, Person: fmt.Sprint("p", i), Name: fmt.Sprint("Nama ", i), Method: "nip",
				Evidence: []proof.Evidence{{Session: "s", Class: int(attend.Delivered), From: 1000, To: 4_000_000 + int64(i)}},
			}
			rows[i].Credited = proof.Recompute(m, rows[i])
		}
		doc, err := proof.Sign(m, rows, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)))
		if err != nil {
			t.Fatal(err)
		}
		file, err := doc.Encode()
		if err != nil {
			t.Fatal(err)
		}
		a.lists = append(a.lists, classroom.RatifiedList{Event: "kuliah", Number: m.Number, Revision: rev, Document: file})
	}
	return a
}

// TestCrowdReadsOnce: a thousand callers at once cost one reading of the newest document, and none of the others.
func TestCrowdReadsOnce(t *testing.T) {
	a := ratified(t, 3, 50)
	d := New(a, nil)
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			if l, ok, err := d.Newest(t.Context(), "kuliah"); err != nil || !ok || l.Number != "N3" || l.Row("p7") != 8 {
				t.Errorf("got %s, %v, %v", l.Number, ok, err)
			}
		})
	}
	wg.Wait()
	if n := a.read.Load(); n != 1 {
		t.Errorf("%d readings for 1000 callers", n)
	}
	a.lists = append(a.lists, ratified(t, 4, 50).lists[3])
	if l, _, err := d.Newest(t.Context(), "kuliah"); err != nil || l.Number != "N4" {
		t.Errorf("after a revision: %s, %v", l.Number, err)
	}
}

// TestKeptDocumentsAreBounded: what was asked for last stays.
func TestKeptDocumentsAreBounded(t *testing.T) {
	a := ratified(t, 5, 10)
	d := New(a, nil)
	for i := range d.readAll(t, a) {
		d.read[i].Doc.Rows = make([]proof.Row, maxRows/4)
	}
	if _, err := d.open(t.Context(), "N1"); err != nil { // asked for again: N2 is the oldest now
		t.Fatal(err)
	}
	a.lists = append(a.lists, ratified(t, 6, 10).lists[5])
	if _, err := d.open(t.Context(), "N6"); err != nil {
		t.Fatal(err)
	}
	if rows := d.rows(); rows > maxRows {
		t.Errorf("%d rows are kept", rows)
	}
	if _, ok := d.known("N2"); ok {
		t.Error("the oldest was kept")
	}
	if _, ok := d.known("N1"); !ok {
		t.Error("what was asked for last was dropped")
	}
}

// readAll opens every document of an archive.
func (d *Desk) readAll(t *testing.T, a *archive) []List {
	t.Helper()
	for _, l := range a.lists {
		if _, err := d.open(t.Context(), l.Number); err != nil {
			t.Fatal(err)
		}
	}
	return d.read
}

func BenchmarkNewest(b *testing.B) {
	a := ratified(b, 2, 10_000)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := New(a, nil).Newest(b.Context(), "kuliah"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("next", func(b *testing.B) {
		d := New(a, nil)
		if _, _, err := d.Newest(b.Context(), "kuliah"); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, err := d.Newest(b.Context(), "kuliah"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
