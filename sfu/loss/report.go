package loss

// Report holds the fields of a reception report block (RFC 3550 section 6.4.1) besides the SSRC.
type Report struct {
	Fraction uint8  // lost since the last report, in 1/256
	Lost     uint32 // since the beginning, signed 24 bits in the low end
	Highest  uint32 // extended highest sequence number
	Jitter   uint32 // in timestamp ticks
	LSR      uint32 // middle of the last sender report's NTP time, 0: none yet
	Delay    uint32 // since that report, in 1/65536 s
}

// Reception counts for receiver reports. Make one with NewReception.
type Reception struct {
	clock int64

	begun      bool
	base, high uint64
	received   uint64

	priorExpected, priorReceived uint64

	transit int64
	timed   bool
	stamp   uint32
	jitter  int64 // scaled by 16, RFC 3550 appendix A.8

	lsr  uint32
	lsrA int64
}

// NewReception counts for a stream with this RTP clock rate, in ticks a second.
func NewReception(clock uint32) *Reception { return &Reception{clock: int64(clock)} }

// Observe takes each packet that arrives: its extended number (from an Unwrapper, which begins in cycle 1), RTP timestamp and arrival (ns).
// Retransmissions under RTX are not to be counted here, duplicates are, as RFC 3550 appendix A.3 has it.
func (r *Reception) Observe(ext uint64, stamp uint32, arrived int64) {
	if !r.begun {
		r.begun, r.base, r.high = true, ext, ext
	}
	r.high = max(r.high, ext)
	r.base = min(r.base, ext) // reordered around the very first packet
	r.received++

	const second = 1_000_000_000
	ticks := arrived/second*r.clock + arrived%second*r.clock/second
	transit := int64(int32(uint32(ticks) - stamp))
	// Packets of one video frame share a timestamp and leave over some time: only the first is measured.
	if r.timed && stamp != r.stamp {
		d := int64(int32(uint32(transit) - uint32(r.transit)))
		if d < 0 {
			d = -d
		}
		r.jitter += d - (r.jitter+8)>>4
	}
	if !r.timed || stamp != r.stamp {
		r.transit, r.stamp, r.timed = transit, stamp, true
	}
}

// SenderReport takes the NTP time of a sender report that arrived (ns).
func (r *Reception) SenderReport(ntp uint64, arrived int64) {
	r.lsr, r.lsrA = uint32(ntp>>16), arrived
}

// Report gives the numbers at now (ns) and begins the next interval. False: nothing arrived yet.
func (r *Reception) Report(now int64) (Report, bool) {
	if !r.begun {
		return Report{}, false
	}
	expected := r.high - r.base + 1
	lost := min(max(int64(expected)-int64(r.received), -1<<23), 1<<23-1)
	dExpected, dReceived := expected-r.priorExpected, r.received-r.priorReceived
	r.priorExpected, r.priorReceived = expected, r.received
	p := Report{Lost: uint32(lost) & 0xffffff, Highest: uint32(r.high) - 1<<16, Jitter: uint32(r.jitter >> 4), LSR: r.lsr}
	if dExpected > dReceived {
		p.Fraction = uint8(min((dExpected-dReceived)<<8/dExpected, 255))
	}
	if r.lsr != 0 {
		p.Delay = delay(now - r.lsrA)
	}
	return p, true
}

// delay converts ns to 1/65536 s, at most what 32 bits hold (18 h).
func delay(ns int64) uint32 {
	const second = 1_000_000_000
	ns = min(max(ns, 0), 65535*second)
	return uint32(ns/second<<16 + ns%second<<16/second)
}
