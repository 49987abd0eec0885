package sfu

import (
	"testing"
	"time"

	"betang/sfu/bwe"

	"github.com/pion/webrtc/v4"
)

// A packet that goes out again under the same SRTP index must be the same to the last byte, the transport-wide number included.
func TestNumbersOfRepeatsAreTheSame(t *testing.T) {
	v := &viewer{}
	v.est = bwe.New(bwe.Config{Start: 1, Min: 1, Max: 2})
	d := &Down{v: v, kind: webrtc.RTPCodecTypeAudio, ssrc: 5}
	given := map[uint64]uint16{}
	for i := range uint64(3 * audioMemory) {
		given[i] = v.number(d, 5, i, 100, int64(i))
		if i > 0 && given[i] == given[i-1] {
			t.Fatalf("%d and %d have one number", i-1, i)
		}
		if back := i - min(i, audioMemory-1); v.number(d, 5, back, 100, int64(i)) != given[back] {
			t.Fatalf("%d has another number the second time", back)
		}
	}
	d = &Down{v: v, kind: webrtc.RTPCodecTypeVideo, ssrc: 6, rtxSSRC: 7, repairs: true}
	if a, b := v.number(d, 6, 1, 100, 1), v.number(d, 6, 2, 100, 1); a == b {
		t.Error("one number twice")
	}
	if d.numbers != nil {
		t.Error("numbers are kept where nothing repeats")
	}
}

// What a viewer says beside its transport-wide feedback is still heard, and broken feedback hurts nobody.
func TestTransportWideIsTakenOut(t *testing.T) {
	v := &viewer{peer: &peer{e: &Engine{}}}
	v.extID = 3
	v.shard = &shard{wake: make(chan struct{}, 1)}
	pli := []byte{0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}
	twcc := []byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 1, 4, 0}
	for _, c := range []struct {
		name string
		in   []byte
		rest int
		ok   bool
	}{
		{"alone", twcc, 0, true},
		{"before another", append(append([]byte{}, twcc...), pli...), len(pli), true},
		{"after another", append(append([]byte{}, pli...), twcc...), len(pli), true},
		{"without", pli, len(pli), false},
		{"cut off", twcc[:16], 16, false},
		{"nothing", nil, 0, false},
	} {
		rest, ok := v.transportWide(c.in)
		if len(rest) != c.rest || ok != c.ok {
			t.Errorf("%s: %d bytes left, %v", c.name, len(rest), ok)
		}
	}
	if v.adviceN != 3 {
		t.Errorf("%d messages kept", v.adviceN)
	}
	for range 2 * adviceMost {
		v.advise(twcc[12:])
	}
	if v.adviceN != adviceMost {
		t.Errorf("%d messages kept, at most %d", v.adviceN, adviceMost)
	}
}

// While a path's queue empties, a picture is not sent again either: the voice would stand behind it. Asked for later, it is.
func TestNoRepeatsIntoAFullQueue(t *testing.T) {
	b := newBench(1)
	b.frame(3, true)
	d := b.f.downs[0]
	v, room := d.v, make([]byte, 100)
	v.est = bwe.New(bwe.Config{Start: 500_000, Min: leastRate, Max: mostRate})
	sent := func(queue time.Duration) {
		seq := v.est.Send(1000, b.now)
		trip := int64(25*time.Millisecond + queue)
		if err := v.est.Feedback(told(room, seq, 1, b.now+trip)[12:], b.now+2*trip); err != nil {
			t.Fatal(err)
		}
		b.now += int64(50 * time.Millisecond)
	}
	for range 20 {
		sent(0)
	}
	var lost uint16
	for ok := false; !ok; {
		lost++
		_, ok = d.mapper.Reverse(lost)
	}
	ask := func(at int64) int {
		was := b.out.packets
		b.s.now = at
		d.nacks = append(d.nacks, lost)
		d.answer()
		return b.out.packets - was
	}
	sent(200 * time.Millisecond)
	if n := ask(v.est.Drain() - 1); n != 0 || b.s.dropped[DropBudget] != 1 {
		t.Errorf("into a full queue %d packets go again; %v", n, b.s.dropped)
	}
	if n := ask(v.est.Drain()); n != 1 {
		t.Errorf("once it is empty %d packets go again; %v", n, b.s.dropped)
	}
}
