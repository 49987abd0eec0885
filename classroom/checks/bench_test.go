package checks

import (
	"fmt"
	"testing"
)

// BenchmarkStep is one beat of a hub with 10,000 people.
func BenchmarkStep(b *testing.B) {
	const people = 10_000
	ids := make([]string, people)
	for i := range ids {
		ids[i] = fmt.Sprint("p", i)
	}
	secret, watches, now := []byte("secret"), make([]Watch, people), int64(0)
	b.ReportAllocs()
	for b.Loop() {
		now += 1000
		for i := range watches {
			watches[i].Step(plan, func(n int) int64 { return plan.At(secret, "demo", ids[i], n) }, now, now, true, true)
		}
	}
}
