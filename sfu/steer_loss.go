package sfu

import (
	"encoding/binary"
	"time"

	"betang/sfu/loss"

	"github.com/pion/webrtc/v4"
)

const (
	redOne  = 0.015 // share of packets lost from which each frame of a voice goes twice
	redTwo  = 0.04  // and from which it goes three times
	redHold = 10 * time.Second

	calmLoss  = 0.02                   // loss, the speaker's or the viewer's own, or a round trip of the path's own, from which a player is asked
	calmTrip  = 250 * time.Millisecond // to hold pictures back, so that what is sent again is there in time
	calmLeast = 400 * time.Millisecond
	calmMost  = time.Second
	calmStep  = 100 * time.Millisecond
	calmHold  = 30 * time.Second
	calmOver  = 5 * time.Second // so long a player is told that there is no more need
)

// losing is what a viewer's losses and round trip ask for, beside the ladder. Owned by the shard.
type losing struct {
	share    float64 // of packets lost, smoothed over a second
	depth    uint8   // earlier frames that go with each frame of a voice; see redundant
	depthAt  int64   // when that was last called for
	calm     int64   // ns a player should hold pictures back; see calmly
	calmAt   int64   // when that was last called for
	calmTold int64   // until when it is said though it is 0
	trip     loss.Trip
	playout  uint8 // id of the header extension that says so; 0: not negotiated. Set before the viewer is live
}

// judge looks at the losses, ten times a second.
func (v *viewer) judge(now int64) {
	l := &v.losing
	l.share += (v.est.Stray() - l.share) / 10
	depth := uint8(0)
	switch {
	case v.narrow: // three voices do not fit where one is dear
	case l.share >= redTwo:
		depth = 2
	case l.share >= redOne:
		depth = 1
	}
	if depth >= l.depth || v.narrow || now-l.depthAt > int64(redHold) {
		l.depth, l.depthAt = depth, now
	}
	if v.voiceFree() { // it stays as late as it was, and so do the lips beside the screen
		return
	}
	calm := v.calmly(now)
	if calm >= l.calm || now-l.calmAt > int64(calmHold) {
		if calm == 0 && l.calm > 0 {
			l.calmTold = now + int64(calmOver)
		}
		l.calm, l.calmAt = calm, now
	}
}

// calmly is how long the viewer's player should hold pictures back: until what was lost on the way here is here, and what is lost on the
// way to it is there. Of the first it knows nothing by itself: it sees a gap that nobody fills for a round trip to the speaker, and throws
// away what comes late. Voices follow: a browser keeps both together. Where several people speak with each other nobody is held back.
func (v *viewer) calmly(now int64) int64 {
	reported, late, voices := int64(0), int64(0), 0
	for _, d := range v.all() {
		reported = max(reported, d.rtt.Load())
		switch {
		case d.kind == webrtc.RTPCodecTypeAudio && d.up != nil:
			voices++
		case d.kind == webrtc.RTPCodecTypeVideo && d.cur != nil:
			late = max(late, d.cur.arrivals.late.Load())
		}
	}
	if v.est != nil && v.est.RTT() > 0 { // of now; a slot that shows nothing has been reported on long ago
		reported = v.est.RTT()
	}
	v.trip.Add(reported, now)
	trip := v.trip.Least()
	own := v.share >= calmLoss || trip >= int64(calmTrip)
	if v.playout == 0 || voices > 1 || !own && late == 0 {
		return 0
	}
	want := late
	if own {
		want += 2*trip + int64(calmLeast)/2
	}
	want += int64(calmStep) - 1
	return min(max(want-want%int64(calmStep), int64(calmLeast)), int64(calmMost))
}

// extSize is how many bytes of header extensions a packet has.
func (v *viewer) extSize(d *Down, now int64) int {
	switch {
	case v.extID == 0:
		return 0
	case d.kind == webrtc.RTPCodecTypeVideo && d.repairs && v.playout != 0 && (v.calm > 0 || now < v.calmTold):
		return transportExt + 4
	}
	return transportExt
}

// extend writes them (RFC 8285 section 4.2) into b, which they fill: the packet's transport-wide number, and the playout delay.
func (v *viewer) extend(b []byte, number uint16) {
	binary.BigEndian.PutUint16(b, 0xbede)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)/4-1))
	b[4] = v.extID<<4 | 1
	binary.BigEndian.PutUint16(b[5:], number)
	b[7] = 0
	if len(b) > transportExt { // the least and the most, 12 bits each, in 10 ms
		const unit = int64(10 * time.Millisecond)
		least, most := uint32(v.calm/unit), uint32(int64(10*time.Second)/unit)
		b[7] = v.playout<<4 | 2
		b[8], b[9], b[10] = byte(least>>4), byte(least<<4|most>>8), byte(most)
		b[11] = 0
	}
}
