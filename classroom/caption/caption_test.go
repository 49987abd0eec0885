package caption

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestVTT(t *testing.T) {
	lines := []Line{
		{N: 1, At: 1_001_000, Text: "Assalamualaikum"},
		{N: 2, At: 1_004_000, Text: "5 < 6 & --> <b>tebal</b>"},
		{N: 3, At: 1_005_000, Text: ""},
		{N: 4, At: 8_000_000, Text: "Terima kasih"},
	}
	want := "WEBVTT\n" +
		"\n1\n00:00:00.000 --> 00:00:01.500\nAssalamualaikum\n" +
		"\n2\n00:00:02.000 --> 00:00:03.680\n5 &lt; 6 &amp; --&gt; &lt;b&gt;tebal&lt;/b&gt;\n" +
		"\n4\n01:56:38.000 --> 01:56:39.500\nTerima kasih\n"
	if got := string(VTT(lines, 1_000_000)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestCaptionProperties: the window is the end of all that was typed, replay gives the same, and in the file no cue holds
// a line of its own making or stands when the next one begins.
func TestCaptionProperties(t *testing.T) {
	texts := []string{"Halo", "a --> b", "<i>x</i>", "", " ", "Baris\nbaru", strings.Repeat("a", MaxText+1), "WEBVTT"}
	rapid.Check(t, func(t *rapid.T) {
		var b, again Board
		var all []Line
		at := int64(0)
		for rev := int64(1); rev < 40; rev++ {
			at += rapid.Int64Range(0, 9000).Draw(t, "pass")
			n, text := rapid.IntRange(-1, 8).Draw(t, "n"), rapid.SampledFrom(texts).Draw(t, "text")
			if n > 0 {
				n = len(all) - n + 2
			}
			as, ok, err := b.Plan(n, text)
			if err != nil || !ok {
				continue
			}
			if as != n && n != 0 || text != "" && errors.Is(check(text), ErrText) {
				t.Fatalf("%d %q became line %d", n, text, as)
			}
			for _, x := range []*Board{&b, &again} {
				if err := x.Commit(at, rev, as, text); err != nil {
					t.Fatalf("planned, refused: %v", err)
				}
			}
			if as == len(all)+1 {
				all = append(all, Line{as, text, at, rev})
			} else {
				all[as-1].Text, all[as-1].Rev = text, rev
			}
		}
		if !reflect.DeepEqual(b, again) {
			t.Fatal("replay differs")
		}
		if got, want := b.Lines(nil, 0), all[max(0, len(all)-Window):]; len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("window %+v, want %+v", got, want)
		}
		last := ""
		for _, block := range strings.Split(string(VTT(all, 0)), "\n\n")[1:] {
			rows := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
			if len(rows) != 3 || strings.Count(block, "-->") != 1 {
				t.Fatalf("a cue of its own making: %q", block)
			}
			var from, to string
			if _, err := fmt.Sscanf(rows[1], "%s --> %s", &from, &to); err != nil || from >= to {
				t.Fatalf("%q", rows[1])
			}
			if from < last {
				t.Fatalf("%s begins while the one before stands until %s", from, last)
			}
			last = to
		}
	})
}

func check(s string) error {
	if !printable(s) {
		return ErrText
	}
	return nil
}
