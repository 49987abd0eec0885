package attend

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSumsAreThoseOfCredit(t *testing.T) {
	const n = 200_000 // ms, so that rounding is tried too
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{
			Version: rapid.SampledFrom([]int{Rule1, Rule2}).Draw(t, "version"), MinutesPerJP: 1,
			ThresholdPercent: rapid.IntRange(0, 100).Draw(t, "threshold"), BridgeSeconds: rapid.IntRange(0, 12).Draw(t, "bridge"),
			Earns: Class(rapid.IntRange(1, 63).Draw(t, "earns")), Ceremony: rapid.Bool().Draw(t, "ceremony"),
		}
		stretch := rapid.Custom(func(t *rapid.T) Interval {
			from := rapid.Int64Range(0, n).Draw(t, "from")
			return Interval{from, from + rapid.Int64Range(0, n/3).Draw(t, "length")}
		})
		held := Held{
			Live:     rapid.SliceOfN(stretch, 0, 4).Draw(t, "live"),
			Ceremony: rapid.SliceOfN(stretch, 0, 3).Draw(t, "ceremonies"),
		}
		f := NewFrame(p, held)
		for range rapid.IntRange(1, 4).Draw(t, "people") { // one after the other: nothing is left of the one before
			var spans []Span
			for _, i := range rapid.SliceOfN(stretch, 0, 14).Draw(t, "spans") {
				class := Class(1) << rapid.IntRange(0, 7).Draw(t, "class")
				spans = append(spans, Span{Person: "p", Session: "s", Class: class, From: i.From, To: i.To})
			}
			r := Credit(p, held, spans)
			want := Sums{r.Seconds, r.CountedSeconds, r.Percent, r.Meets}
			if got := f.Sums(spans); got != want {
				t.Fatalf("got %+v, Credit has %+v", got, want)
			}
		}
	})
}

// BenchmarkSums is one person with two hours of evidence of three classes, a gap every five minutes.
func BenchmarkSums(b *testing.B) {
	held := Held{Live: Window{{0, 7_200_000}}, Ceremony: []Interval{{0, 900_000}}}
	var spans []Span
	for from := int64(0); from < 7_200_000; from += 300_000 {
		for _, c := range []Class{Socket, Delivered, Decoded} {
			spans = append(spans, Span{Person: "p", Session: "s", Class: c, From: from, To: from + 280_000})
		}
	}
	p := DefaultPolicy()
	b.Run("sums", func(b *testing.B) {
		b.ReportAllocs()
		f := NewFrame(p, held)
		for b.Loop() {
			f.Sums(spans)
		}
	})
	b.Run("credit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Credit(p, held, spans)
		}
	})
}
