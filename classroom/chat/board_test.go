package chat

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func say(t testing.TB, b *Board, now int64, who, text string) error {
	t.Helper()
	step, err := b.Plan(now, Change{Op: OpSay, By: Writer{Key: who}, Text: text})
	if err != nil {
		return err
	}
	if err := b.Commit(now, now, *step); err != nil {
		t.Fatalf("commit %+v: %v", *step, err)
	}
	return nil
}

func TestTexts(t *testing.T) {
	for text, want := range map[string]error{
		"Selamat pagi dari Sampit 🙏":               nil,
		"<script>alert(1)</script> & <b>tebal</b>": nil, // text like any other
		"":                               ErrText,
		" depan":                         ErrText,
		"baris\nbaru":                    ErrText,
		"a\xff":                          ErrText,
		strings.Repeat("ab ", 100) + "a": ErrText,
		strings.Repeat("😀🎉", 7):          ErrFlood,
		strings.Repeat("😀🎉", 6):          nil,
		"Mantap" + strings.Repeat("!", maxSame+1):   ErrFlood,
		"Z" + strings.Repeat("\u0301", maxMarks+1):  ErrFlood,
		"👨‍👩‍👧‍👦 sekeluarga menyimak":               nil,
		"NIP saya 199003152015031002":               ErrNIP,
		"1990 0315 2015 03 1 002 mohon dicek":       ErrNIP,
		"19900315.201503.1.002":                     ErrNIP,
		"Nomor surat 800/1234/BPSDM/2026 tanggal 3": nil,
		"Telepon 0812-3456-7890":                    nil,
	} {
		if err := check(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestRates(t *testing.T) {
	b := New(true, true)
	for i := range MaxOwn {
		if err := say(t, b, int64(i), "a", fmt.Sprint("pesan ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := say(t, b, 10, "a", "lagi"); !errors.Is(err, ErrOwnRate) {
		t.Errorf("a fifth message in a moment: %v", err)
	}
	if err := say(t, b, OwnSpan+10, "a", "pesan 1"); !errors.Is(err, ErrRepeat) {
		t.Errorf("said again: %v", err)
	}
	if err := say(t, b, OwnSpan+10, "a", "lagi"); err != nil {
		t.Errorf("after a while: %v", err)
	}
	if err := say(t, b, -OwnSpan, "a", "jam mundur"); err != nil {
		t.Errorf("a clock set back locks out: %v", err)
	}
	b = New(true, true)
	for i := range MaxBusy {
		if err := say(t, b, int64(i), fmt.Sprint("p", i), "halo"); err != nil {
			t.Fatal(err)
		}
	}
	if err := say(t, b, 100, "z", "halo"); !errors.Is(err, ErrBusy) {
		t.Errorf("everybody at once: %v", err)
	}
	if err := say(t, New(false, true), 0, "a", "halo"); !errors.Is(err, ErrOff) {
		t.Errorf("the chat is off: %v", err)
	}
}

// TestBoardProperties plays any requests: the window stays bounded and in order, rates hold over all that was said,
// what was taken down stays so, and replay gives the same chat.
func TestBoardProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, again := New(true, true), New(true, true)
		var said []Line // all of them, though the board forgets
		now := int64(1_000_000)
		for rev := int64(1); rev <= int64(rapid.IntRange(1, 250).Draw(t, "steps")); rev++ {
			now += rapid.SampledFrom([]int64{0, 100, 700, 3000, 25_000}).Draw(t, "pass")
			c := Change{
				Op: OpSay, By: Writer{Key: fmt.Sprint("p", rapid.IntRange(0, 40).Draw(t, "who"))}, Text: fmt.Sprint("pesan ", rev/2),
				N: len(said) - rapid.IntRange(-1, Window+2).Draw(t, "back"), Desk: rapid.Bool().Draw(t, "desk"),
			}
			if kind := rapid.IntRange(0, 9).Draw(t, "op"); kind < 3 {
				c.Op = []Op{OpRemove, OpAsk, OpSet}[kind]
				c.On, c.Wave = rapid.IntRange(0, 4).Draw(t, "on") > 0, rapid.Bool().Draw(t, "wave")
			}
			before := fmt.Sprintf("%+v", *b)
			step, err := b.Plan(now, c)
			if got := fmt.Sprintf("%+v", *b); got != before {
				t.Fatalf("planning changed %s to %s", before, got)
			}
			if err != nil || step == nil {
				continue
			}
			if l, ok := b.Line(c.N); c.Op == OpRemove && !c.Desk && (!ok || l.By.Key != c.By.Key) {
				t.Fatalf("%s took down %+v", c.By.Key, l)
			}
			if err := b.Commit(now, rev, *step); err != nil {
				t.Fatalf("planned, refused: %+v: %v", *step, err)
			}
			if err := again.Commit(now, rev, *step); err != nil {
				t.Fatalf("replay: %+v: %v", *step, err)
			}
			if c.Op == OpSay {
				own, all := 0, 0
				for _, l := range said {
					if l.By == c.By && now-l.At < OwnSpan {
						own++
					}
					if now-l.At < BusySpan {
						all++
					}
				}
				if own >= MaxOwn || all >= MaxBusy {
					t.Fatalf("%d of one's own and %d of all before this one", own, all)
				}
				said = append(said, Line{By: c.By, At: now})
			}
		}
		if !reflect.DeepEqual(b, again) {
			t.Fatalf("replayed %+v, was %+v", again, b)
		}
		lines := b.Lines(nil, 0)
		if len(lines) != min(len(said), Window) {
			t.Fatalf("%d lines of %d said", len(lines), len(said))
		}
		for i, l := range lines {
			if l.N != len(said)-len(lines)+i+1 || l.By != said[l.N-1].By {
				t.Fatalf("line %d is %+v", i, l)
			}
		}
	})
}

// BenchmarkSay must not grow with the number of those who wrote.
func BenchmarkSay(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			board, now := New(true, true), int64(0)
			next := func(i int) {
				now += 1000
				if err := say(b, board, now, fmt.Sprint("p", i%n), fmt.Sprint("pesan ", i)); err != nil {
					b.Fatal(err)
				}
			}
			for i := range n {
				next(i)
			}
			b.ReportAllocs()
			for i := n; b.Loop(); i++ {
				next(i)
			}
		})
	}
}
