package rewrite

import (
	"testing"

	"betang/sfu/codec"
)

const second = int64(1_000_000_000)

// vp8 makes a packet of a VP8 source.
func vp8(src Source, ext uint64, stamp uint32, pid int32, key, end bool, at int64) In {
	return In{
		Source: src, Ext: ext, Timestamp: stamp, Arrived: at, Now: at,
		Info: codec.Info{Key: key, Start: true, End: end, Wide: true, PictureID: pid, TL0: int16(pid & 0xff)},
	}
}

func mustSend(t *testing.T, m *Mapper, in In) Out {
	t.Helper()
	o, v := m.Next(in)
	if v != Send {
		t.Fatalf("packet %d of source %d: verdict %d, want Send", in.Ext, in.Source, v)
	}
	return o
}

func TestSwitchContinues(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, Sequence: 65534, Timestamp: 0xffffff00, PictureID: 0x7fff, TL0: 255})
	m.Switch(1)
	if _, v := m.Next(vp8(1, 99, 1000, 4, false, true, 0)); v != NeedKey {
		t.Fatalf("delta frame at the start: %d, want NeedKey", v)
	}
	a := mustSend(t, m, vp8(1, 100, 1000, 5, true, true, 0))
	if a.Seq != 65534 || a.Timestamp != 0xffffff00 || a.PictureID != 0x7fff || a.TL0 != 255 {
		t.Fatalf("first packet %+v", a)
	}
	b := mustSend(t, m, vp8(1, 101, 4000, 6, false, true, second/30))
	if b.Seq != 65535 || b.Timestamp != a.Timestamp+3000 || b.PictureID != 0 || b.TL0 != 0 {
		t.Fatalf("second packet %+v", b)
	}
	m.Switch(2)
	b = mustSend(t, m, vp8(1, 102, 7000, 7, false, true, 2*second/30))
	if _, v := m.Next(vp8(2, 7, 50, 90, false, true, 2*second/30)); v != NeedKey {
		t.Fatalf("delta frame of the wished-for source: %d, want NeedKey", v)
	}
	c := mustSend(t, m, vp8(2, 8, 555, 91, true, true, 2*second/30+second/10))
	if c.Seq != b.Seq+1 || c.Timestamp != b.Timestamp+9000 || c.PictureID != b.PictureID+1 || c.TL0 != b.TL0+1 {
		t.Fatalf("after the switch %+v, before it %+v", c, b)
	}
	if _, v := m.Next(vp8(1, 103, 10000, 8, true, true, second)); v != Foreign {
		t.Fatalf("old source after the switch: %d, want Foreign", v)
	}
	if o, ok := m.Reverse(c.Seq); !ok || o.Source != 2 || o.Ext != 8 || o.Out != c {
		t.Fatalf("Reverse = %+v, %v", o, ok)
	}
}

// A viewer that joins from a keyframe two seconds old sees the frames one millisecond apart until it is live, and
// from then on at their own pace.
func TestCachedKeyframeCatchesUp(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, Timestamp: 5_000_000})
	m.Switch(1)
	const now = 100 * second
	var last Out
	for i := range 60 {
		in := vp8(1, uint64(70000+i), uint32(i)*3000, int32(i), i == 0, true, now-2*second+int64(i)*second/30)
		in.Now = now
		o := mustSend(t, m, in)
		if i == 0 && o.Timestamp != 5_000_000 {
			t.Fatalf("first timestamp %d", o.Timestamp)
		}
		if i > 0 && o.Timestamp-last.Timestamp != 90 {
			t.Fatalf("cached frame %d: %d ticks after the one before, want 90", i, o.Timestamp-last.Timestamp)
		}
		last = o
	}
	// The frame arriving at now+1/30 s is live: its timestamp is that of the join plus that time.
	for i := 61; i < 70; i++ {
		at := now - 2*second + int64(i)*second/30
		o := mustSend(t, m, vp8(1, uint64(70000+i-1), uint32(i)*3000, int32(i), false, true, at))
		want := uint32(5_000_000 + (i-60)*3000)
		if int32(o.Timestamp-want) > 1 || int32(o.Timestamp-want) < -1 {
			if i > 62 { // until then the 60 cached milliseconds may still be ahead of the line
				t.Fatalf("live frame %d: timestamp %d, want %d", i, o.Timestamp, want)
			}
		}
		if mapped, ok := m.Timestamp(uint32(i) * 3000); i > 62 && (!ok || mapped != o.Timestamp) {
			t.Fatalf("Timestamp = %d, %v; the frame had %d", mapped, ok, o.Timestamp)
		}
	}
}

// A switch to a cached keyframe: the old source was live a moment ago, so nothing of the new one may lie before it.
func TestSwitchToCachedKeyframe(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, Timestamp: 9000})
	m.Switch(1)
	now := 50 * second
	a := mustSend(t, m, vp8(1, 70000, 100, 1, true, true, now))
	m.Switch(2)
	now += second / 100
	first := vp8(2, 80000, 700_000, 1, true, true, now-second)
	first.Now = now
	b := mustSend(t, m, first)
	if b.Timestamp != a.Timestamp+900 {
		t.Fatalf("cached keyframe %d ticks after the old source, want the 10 ms that passed", b.Timestamp-a.Timestamp)
	}
	second2 := vp8(2, 80001, 703_000, 2, false, true, now-second+second/30)
	second2.Now = now
	if c := mustSend(t, m, second2); c.Timestamp != b.Timestamp+90 {
		t.Fatalf("second cached frame %d ticks after the first, want 90", c.Timestamp-b.Timestamp)
	}
	live := mustSend(t, m, vp8(2, 80002, 700_000+90_000+3000, 40, false, true, now+second/30))
	if want := b.Timestamp + 3000; live.Timestamp != want {
		t.Fatalf("live frame at %d, want %d: the time that passed since the switch", live.Timestamp, want)
	}
}

// An idle slot: the timestamp goes on by the wall clock, not by the pictures.
func TestIdleSlot(t *testing.T) {
	m := New(Config{Kind: codec.Opus, Size: 64})
	m.Switch(3)
	opus := func(src Source, ext uint64, stamp uint32, at int64) In {
		return In{
			Source: src, Ext: ext, Timestamp: stamp, Arrived: at, Now: at,
			Info: codec.Info{Key: true, Start: true, End: true, TL0: -1, PictureID: -1, Samples: 960},
		}
	}
	a := mustSend(t, m, opus(3, 70000, 0, 0))
	m.Switch(0)
	if _, v := m.Next(opus(3, 70001, 960, second/50)); v != Foreign {
		t.Fatalf("packet after Switch(0): %d, want Foreign", v)
	}
	if _, ok := m.Timestamp(5); ok {
		t.Fatal("an empty slot maps timestamps")
	}
	m.Switch(3)
	b := mustSend(t, m, opus(3, 100000, 77, 600*second))
	if b.Seq != a.Seq+1 || b.Timestamp-a.Timestamp != 600*48000 {
		t.Fatalf("after ten idle minutes: number %+d, timestamp %+d", b.Seq-a.Seq, b.Timestamp-a.Timestamp)
	}
	// A second speaker whose packet comes 1 ms after the first's: 20 ms are spoken for.
	m.Switch(4)
	c := mustSend(t, m, opus(4, 5, 0, 600*second+second/1000))
	if c.Timestamp-b.Timestamp != 960 {
		t.Fatalf("audio switch: %d ticks on, want one packet", c.Timestamp-b.Timestamp)
	}
	if d := mustSend(t, m, opus(4, 6, 960, 600*second+second/50)); d.Timestamp-c.Timestamp != 960 {
		t.Fatalf("audio after the switch: %d ticks on, want 960", d.Timestamp-c.Timestamp)
	}
}

// A hole of more than half the memory leaves one number free for good.
func TestLongGap(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 16})
	m.Switch(1)
	a := mustSend(t, m, vp8(1, 70000, 0, 1, true, true, 0))
	b := mustSend(t, m, vp8(1, 70100, 30000, 11, false, true, second/3))
	if b.Seq != a.Seq+2 {
		t.Fatalf("after 99 lost packets: number %+d, want +2", b.Seq-a.Seq)
	}
	for _, ext := range []uint64{70099, 70050, 70001, 69999} {
		if _, v := m.Next(vp8(1, ext, 27000, 10, false, true, second/3)); v != TooLate {
			t.Fatalf("packet %d of the hole: %d, want TooLate", ext, v)
		}
	}
	if _, ok := m.Reverse(a.Seq + 1); ok {
		t.Fatal("Reverse found a packet in the hole")
	}
}

func TestReverseForgets(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 16, Sequence: 65530})
	m.Switch(1)
	if _, ok := m.Reverse(65529); ok {
		t.Fatal("Reverse before the first packet")
	}
	var out []Out
	for i := range 40 {
		out = append(out, mustSend(t, m, vp8(1, uint64(70000+i), uint32(i)*3000, int32(i), i == 0, true, int64(i)*second/30)))
	}
	for i, o := range out {
		r, ok := m.Reverse(o.Seq)
		if want := i >= 24; ok != want {
			t.Fatalf("Reverse of packet %d: %v, want %v", i, ok, want)
		}
		if ok && (r.Ext != uint64(70000+i) || r.Out != o) {
			t.Fatalf("Reverse of packet %d: %+v", i, r)
		}
	}
	if _, ok := m.Reverse(out[39].Seq + 1); ok {
		t.Fatal("Reverse of a number not given yet")
	}
}

// Many short stretches: the origin of a packet is refused once its stretch is forgotten, never confused.
func TestReverseOverSwitches(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64})
	var out []Out
	for i := range 20 {
		m.Switch(Source(100 + i))
		out = append(out, mustSend(t, m, vp8(Source(100+i), uint64(70000+i), uint32(i), 1, true, true, int64(i)*second)))
	}
	for i, o := range out {
		r, ok := m.Reverse(o.Seq)
		if want := i >= 20-stretches; ok != want {
			t.Fatalf("stretch %d: Reverse %v, want %v", i, ok, want)
		}
		if ok && (r.Source != Source(100+i) || r.Ext != uint64(70000+i)) {
			t.Fatalf("stretch %d: %+v", i, r)
		}
	}
}

// TestForget: what never left is not sent again, and does not come late either; its neighbours are as they were.
func TestForget(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, Sequence: 65530})
	m.Switch(1)
	var out [8]Out
	for i := range out {
		out[i] = mustSend(t, m, vp8(1, uint64(100+i), uint32(3000*i), int32(i), i == 0, true, second))
	}
	m.Forget(out[5].Seq)
	m.Forget(out[7].Seq + 1)
	for i, o := range out {
		if _, ok := m.Reverse(o.Seq); ok != (i != 5) {
			t.Errorf("packet %d is remembered: %v", i, ok)
		}
	}
	if m.Again(out[5].Seq, 2*second, 0) || !m.Again(out[6].Seq, 2*second, 0) {
		t.Error("the wrong one may be sent again")
	}
	if _, v := m.Next(vp8(1, 105, 15000, 5, false, true, second)); v == Send {
		t.Error("a forgotten packet was sent")
	}
}

func TestAgain(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 16})
	m.Switch(1)
	o := mustSend(t, m, vp8(1, 70000, 0, 1, true, true, 0))
	const gap = second / 10
	for _, c := range []struct {
		at   int64
		want bool
	}{{second, true}, {second + gap/2, false}, {second + gap + gap/10, true}, {second + 2*gap, false}} {
		if got := m.Again(o.Seq, c.at, gap); got != c.want {
			t.Fatalf("Again at %d: %v, want %v", c.at, got, c.want)
		}
	}
	if m.Again(o.Seq+1, second, gap) {
		t.Fatal("Again for a number never sent")
	}
}

// Padding only between frames.
func TestPad(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 16})
	if _, ok := m.Pad(); ok {
		t.Fatal("padding before the first packet")
	}
	m.Switch(1)
	a := mustSend(t, m, vp8(1, 70000, 50, 1, true, false, 0))
	if _, ok := m.Pad(); ok {
		t.Fatal("padding within a frame")
	}
	b := mustSend(t, m, vp8(1, 70001, 50, 1, false, true, 0))
	p, ok := m.Pad()
	if !ok || p.Seq != b.Seq+1 || p.Timestamp != a.Timestamp {
		t.Fatalf("padding %+v, %v", p, ok)
	}
	if c := mustSend(t, m, vp8(1, 70002, 3050, 2, false, true, second/30)); c.Seq != p.Seq+1 || c.PictureID != b.PictureID+1 {
		t.Fatalf("after padding %+v", c)
	}
	if _, v := m.Next(vp8(1, 70001, 50, 1, false, true, 0)); v != Repeated {
		t.Fatalf("repeated packet before padding: %d", v)
	}
}

// What is missing inside a dropped frame is dropped too; what is missing before it is not.
func TestGapInDroppedFrame(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64})
	m.Switch(1)
	a := mustSend(t, m, vp8(1, 70000, 0, 1, true, true, 0))
	m.Drop(vp8(1, 70002, 3000, 2, false, false, 1)) // 70001 may be a frame of its own
	m.Drop(vp8(1, 70005, 3000, 2, false, true, 2))  // 70003 and 70004 cannot
	b := mustSend(t, m, vp8(1, 70006, 6000, 3, false, true, 3))
	if b.Seq != a.Seq+2 || b.PictureID != a.PictureID+1 {
		t.Fatalf("after the drop: number %+d, picture %+d; want +2, +1", b.Seq-a.Seq, b.PictureID-a.PictureID)
	}
	if o := mustSend(t, m, vp8(1, 70001, 0, 1, false, true, 4)); o.Seq != a.Seq+1 || o.Timestamp != a.Timestamp {
		t.Fatalf("late end of the frame before: %+v", o)
	}
}

// A frame that comes late, with nothing sent behind it, is what the next source goes on from.
func TestSwitchAfterLateFrame(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64, PictureID: 100, TL0: 10})
	m.Switch(1)
	mustSend(t, m, vp8(1, 70000, 0, 1, true, true, 0))
	drop := vp8(1, 70002, 6000, 3, false, true, 1)
	drop.Info.TID = 1
	m.Drop(drop)
	late := mustSend(t, m, vp8(1, 70001, 3000, 2, false, true, 2))
	if late.PictureID != 101 || late.TL0 != 11 {
		t.Fatalf("late frame %+v", late)
	}
	m.Switch(2)
	o := mustSend(t, m, vp8(2, 5, 3000, 50, true, true, 3))
	if o.Seq != late.Seq+1 || o.PictureID != 102 || o.TL0 != 12 || int32(o.Timestamp-late.Timestamp) <= 0 {
		t.Fatalf("after the switch %+v, late frame %+v", o, late)
	}
}

// The second source may use timestamps at which frames of the first were dropped.
func TestDropsAreOfOneStretch(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64})
	m.Switch(1)
	mustSend(t, m, vp8(1, 70000, 0, 1, true, true, 0))
	m.Drop(vp8(1, 70001, 3000, 2, false, true, 1))
	m.Switch(2)
	mustSend(t, m, vp8(2, 90000, 3000, 50, true, false, second))
	mustSend(t, m, vp8(2, 90002, 3000, 50, false, true, second))
	mustSend(t, m, vp8(2, 90001, 3000, 50, false, false, second))
}

// Late packets while cached frames are being sent get the timestamp of their frame.
func TestLateWhileCatchingUp(t *testing.T) {
	m := New(Config{Kind: codec.VP8, Size: 64})
	m.Switch(1)
	at := func(ext uint64, frame int, key, end bool) In {
		in := vp8(1, ext, uint32(frame)*3000, int32(frame), key, end, int64(frame)*second/30)
		in.Now = 10 * second
		return in
	}
	mustSend(t, m, at(70000, 0, true, true))
	a := mustSend(t, m, at(70001, 1, false, false))
	mustSend(t, m, at(70003, 1, false, false))
	if o := mustSend(t, m, at(70002, 1, false, false)); o.Timestamp != a.Timestamp || o.PictureID != a.PictureID {
		t.Fatalf("late packet of the newest frame: %+v, frame %+v", o, a)
	}
	b := mustSend(t, m, at(70005, 2, false, true))
	if b.Timestamp-a.Timestamp != 90 {
		t.Fatalf("cached frames %d ticks apart", b.Timestamp-a.Timestamp)
	}
	if o := mustSend(t, m, at(70004, 1, false, true)); o.Timestamp != a.Timestamp || o.PictureID != a.PictureID {
		t.Fatalf("late end of the frame before: %+v, frame %+v", o, a)
	}
	c := mustSend(t, m, at(70007, 3, false, true))
	if o := mustSend(t, m, at(70006, 3, false, false)); o.Timestamp != c.Timestamp || o.PictureID != c.PictureID {
		t.Fatalf("late start of the newest frame: %+v, frame %+v", o, c)
	}
}
