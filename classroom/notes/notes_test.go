package notes

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPoints(t *testing.T) {
	for name, tc := range map[string]struct {
		note Note
		want error
	}{
		"a remark":              {Note{Kind: Remark, Text: "<b>Pembukaan</b>\noleh MC"}, nil},
		"an action":             {Note{Kind: Action, Text: "Kirim materi", Who: "BPSDM", Due: "Senin"}, nil},
		"a decision by whom?":   {Note{Kind: Decision, Text: "Setuju", Who: "BPSDM"}, ErrKind},
		"nothing":               {Note{Kind: Remark}, ErrText},
		"too much":              {Note{Kind: Remark, Text: strings.Repeat("a", MaxText+1)}, ErrText},
		"control characters":    {Note{Kind: Remark, Text: "a\x07"}, ErrText},
		"no kind":               {Note{Text: "a"}, ErrKind},
		"one that is not there": {Note{N: 3, Kind: Remark, Text: "a"}, ErrUnknown},
	} {
		if _, _, err := new(Board).Plan(tc.note); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestNoteProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b, again Board
		for rev := int64(1); rev < 60; rev++ {
			n := Note{
				N: rapid.IntRange(-1, 6).Draw(t, "n"), Kind: rapid.SampledFrom([]Kind{Remark, Decision, Action, "x"}).Draw(t, "kind"),
				Text: rapid.SampledFrom([]string{"Satu", "Dua", ""}).Draw(t, "text"), Who: rapid.SampledFrom([]string{"", "BPSDM"}).Draw(t, "who"),
				Gone: rapid.IntRange(0, 3).Draw(t, "gone") == 0,
			}
			before := b.Notes(nil, 0)
			as, ok, err := b.Plan(n)
			if !reflect.DeepEqual(before, b.Notes(nil, 0)) {
				t.Fatal("planning changed the notes")
			}
			if err != nil || !ok {
				continue
			}
			if was, had := b.Note(as.N); had && was.Gone {
				t.Fatalf("%+v came back as %+v", was, as)
			}
			for _, x := range []*Board{&b, &again} {
				if err := x.Commit(rev*10, rev, as); err != nil {
					t.Fatalf("planned, refused: %+v: %v", as, err)
				}
			}
			if after, _ := b.Note(as.N); after.Rev != rev || after.Gone != n.Gone || as.N <= len(before) && after.At != before[as.N-1].At {
				t.Fatalf("%+v became %+v", n, after)
			}
		}
		if !reflect.DeepEqual(b, again) {
			t.Fatal("replay differs")
		}
	})
}

func TestText(t *testing.T) {
	at := time.Date(2026, 11, 26, 2, 5, 0, 0, time.UTC).UnixMilli()
	got := string(Text([]string{"Kegiatan: Kuliah Umum"}, []Note{
		{N: 1, Kind: Remark, Text: "Pembukaan\noleh MC", At: at},
		{N: 2, Kind: Action, Text: "Kirim materi", Who: "BPSDM", Due: "Senin"},
		{N: 3, Kind: Decision, Text: "Salah", Gone: true},
	}, time.FixedZone("WIB", 7*3600)))
	want := "NOTULEN\n\nKegiatan: Kuliah Umum\n\nCATATAN\n  1. [09.05] Pembukaan\n     oleh MC\n" +
		"\nTINDAK LANJUT\n  1. Kirim materi\n     Penanggung jawab: BPSDM\n     Tenggat: Senin\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
