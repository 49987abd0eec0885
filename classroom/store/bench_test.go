package store

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"
)

// BenchmarkAppend: one durable fact per operation. With many callers the flush is shared.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			var ids []classroom.EventID
			for i := range callers {
				ids = append(ids, classroom.EventID(fmt.Sprint("e", i)))
			}
			s := withEvents(b, ids...)
			b.ReportAllocs()
			b.ResetTimer()
			var wg sync.WaitGroup
			for i, id := range ids {
				n := b.N / callers
				if i < b.N%callers {
					n++
				}
				wg.Go(func() {
					for seq := range int64(n) {
						if err := s.Append(context.Background(), id, asked(seq+1, 1)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "facts/s")
		})
	}
}

// BenchmarkSaveSpans: one operation is a tick of a full hall, 20,000 growing spans.
func BenchmarkSaveSpans(b *testing.B) {
	const n = 20_000
	s := withEvents(b, demo)
	spans := make([]attend.Span, n)
	for i := range spans {
		spans[i] = attend.Span{
			Person: fmt.Sprintf("person-%06d", i/3), Session: fmt.Sprintf("0123456789abcdef%06d", i/3),
			Class: attend.Class(1 << (i % 3)), From: 1_758_680_000_000, To: 1_758_680_000_000, Open: true,
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range spans {
			spans[i].To += 2000
		}
		if err := s.SaveSpans(context.Background(), demo, spans); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "spans/s")
}

// BenchmarkAppendBesideSpans: what a fact waits while evidence of a full hall is being saved without pause.
func BenchmarkAppendBesideSpans(b *testing.B) {
	s := withEvents(b, demo, "hall")
	spans := make([]attend.Span, 20_000)
	for i := range spans {
		spans[i] = attend.Span{Person: fmt.Sprint("p", i), Session: "s", Class: attend.Delivered, Open: true}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			for i := range spans {
				spans[i].To += 2000
			}
			_ = s.SaveSpans(ctx, "hall", spans) // it ends with ctx
		}
	})
	seq := int64(0)
	for b.Loop() {
		seq++
		if err := s.Append(context.Background(), demo, asked(seq, 1)); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	wg.Wait()
}
