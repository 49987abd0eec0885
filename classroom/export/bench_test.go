package export

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

// twoHours is the evidence of n people of a lecture of two hours: each came late, lost the network every ten minutes for a
// minute, and was seen in three classes: 36 spans a person.
func twoHours(n int) (classroom.Event, []classroom.Fact, []attend.Span, map[classroom.PersonID]classroom.Person) {
	sheet := hallSheet(n)
	ev, people := sheet.Event, map[classroom.PersonID]classroom.Person{}
	op := classroom.Actor{Role: classroom.RoleOperator, Session: "op"}
	facts := []classroom.Fact{
		{Seq: 1, At: nine, By: op, Body: classroom.PhaseSet{To: classroom.Live}},
		{Seq: 2, At: nine.Add(2 * time.Hour), By: op, Body: classroom.PhaseSet{To: classroom.Ended}},
	}
	var spans []attend.Span
	for i, row := range sheet.Rows {
		p := row.Person
		p.ID = classroom.PersonID(fmt.Sprint("p", i))
		p.Unit, p.Region = fmt.Sprint("Dinas ", i%60), fmt.Sprintf("62.%02d", 1+i%13)
		people[p.ID] = p
		for _, class := range []attend.Class{attend.Socket, attend.Delivered, attend.Decoded} {
			for from := at(0, 0, i%300); from < at(2, 0, 0); from += 600_000 {
				spans = append(spans, attend.Span{Person: string(p.ID), Session: "s", Class: class, From: from, To: from + 540_000})
			}
		}
	}
	return ev, facts, spans, people
}

// BenchmarkCreditAndXLSX is the way from evidence to the workbook. "MB-peak" is the most heap in use meanwhile, the evidence
// included; the bound of DESIGN section 11 is 10 s and 500 MB for 10,000 people.
func BenchmarkCreditAndXLSX(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ev, facts, spans, people := twoHours(n)
			runtime.GC()
			var peak atomic.Uint64
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak.Store(max(peak.Load(), m.HeapInuse))
					select {
					case <-stop:
						return
					case <-time.After(50 * time.Millisecond):
					}
				}
			}()
			var credit time.Duration
			for b.Loop() {
				began := time.Now()
				sheet, err := classroom.NewSheet(ev, facts, spans, people)
				if err != nil {
					b.Fatal(err)
				}
				credit += time.Since(began)
				if err := (Daftar{Sheet: sheet}).Write(io.Discard, "xlsx"); err != nil {
					b.Fatal(err)
				}
			}
			close(stop)
			<-stopped
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/person")
			b.ReportMetric(float64(credit.Microseconds())/float64(b.N)/float64(n), "µs-credit/person")
			b.ReportMetric(float64(peak.Load())/1e6, "MB-peak")
		})
	}
}
