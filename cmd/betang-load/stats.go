package main

import (
	"math/bits"
	"slices"
	"time"

	"betang/sfu/loss"
)

// histogram counts durations in buckets of 1/32 of their power of two: 3 % wide. The zero value is ready.
type histogram struct {
	n      uint64
	counts [60 * 32]uint32
}

func (h *histogram) add(d time.Duration) {
	h.n++
	h.counts[bucket(uint64(max(d, 0)))]++
}

func (h *histogram) merge(o *histogram) {
	h.n += o.n
	for i, c := range o.counts {
		h.counts[i] += c
	}
}

// quantile is the middle of the bucket that holds the q-th part, 0 to 1; 0 if nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.n))
	var sum uint64
	for i, c := range h.counts {
		if sum += uint64(c); sum > rank || sum == h.n && c > 0 {
			lo, hi := bounds(i)
			return time.Duration((lo + hi) / 2)
		}
	}
	return 0
}

func (h *histogram) span() spanMS {
	return spanMS{ms(h.quantile(.5)), ms(h.quantile(.95)), ms(h.quantile(.99))}
}

func bucket(v uint64) int {
	if v < 64 {
		return int(v)
	}
	shift := bits.Len64(v) - 6 // leaves 32 to 63
	return shift*32 + int(v>>shift)
}

func bounds(i int) (lo, hi uint64) {
	if i < 64 {
		return uint64(i), uint64(i)
	}
	shift := i/32 - 1
	lo = uint64(i-shift*32) << shift
	return lo, lo + 1<<shift - 1
}

// quantile of a few exact values, which it sorts.
func quantile(v []time.Duration, q float64) time.Duration {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[min(int(q*float64(len(v))), len(v)-1)]
}

// sequence counts what arrived of a stream by its RTP sequence numbers, each once.
type sequence struct {
	un          loss.Unwrapper
	begun       bool
	first, high uint64
	unique      uint64
	seen        [seenWindow / 64]uint64
}

const seenWindow = 8192 // packets a repeat or a late arrival may be behind

// observe gives the extended number; fresh is false for one seen before or too far behind to tell.
func (s *sequence) observe(seq uint16) (ext uint64, fresh bool) {
	ext = s.un.Unwrap(seq)
	switch {
	case !s.begun:
		s.begun, s.first, s.high = true, ext, ext
	case ext > s.high:
		if ext-s.high >= seenWindow {
			clear(s.seen[:])
		} else {
			for x := s.high + 1; x <= ext; x++ {
				s.seen[x%seenWindow/64] &^= 1 << (x % 64)
			}
		}
		s.high = ext
	case ext < s.first || s.high-ext >= seenWindow:
		return ext, false
	}
	word, bit := &s.seen[ext%seenWindow/64], uint64(1)<<(ext%64)
	if *word&bit != 0 {
		return ext, false
	}
	*word |= bit
	s.unique++
	return ext, true
}

// expected is how many numbers the stream has used so far.
func (s *sequence) expected() uint64 {
	if !s.begun {
		return 0
	}
	return s.high - s.first + 1
}

// firstFrame watches for the first keyframe that is whole. Packets may come in any order.
type firstFrame struct {
	done  bool
	begun bool
	stamp uint32 // of the newest keyframe
	start uint64 // its first packet
	have  map[uint64]part
}

type part struct {
	stamp uint32
	end   bool
}

// observe tells whether this packet makes a keyframe whole for the first time.
func (f *firstFrame) observe(ext uint64, stamp uint32, key, end bool) bool {
	if f.done {
		return false
	}
	if f.have == nil || len(f.have) > seenWindow {
		f.have = map[uint64]part{}
	}
	f.have[ext] = part{stamp, end}
	if key && (!f.begun || int32(stamp-f.stamp) > 0) {
		f.begun, f.start, f.stamp = true, ext, stamp
	}
	if !f.begun || stamp != f.stamp {
		return false
	}
	for x := f.start; ; x++ {
		p, ok := f.have[x]
		if !ok || p.stamp != f.stamp {
			return false
		}
		if p.end {
			f.done, f.have = true, nil
			return true
		}
	}
}
