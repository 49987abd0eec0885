package sfu

import (
	"encoding/binary"
	"testing"
	"time"

	"betang/sfu/bwe"
	"betang/sfu/codec"
	"betang/sfu/ring"
	"betang/sfu/udp"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// counter is an outlet that counts what goes out by payload type.
type counter struct {
	silent
	n map[uint8]int
}

func (c counter) sendRTP(_ *shard, _ *Down, h *rtp.Header, _ uint64, _ []byte, _ int) error {
	c.n[h.PayloadType]++
	return nil
}

// TestRedundancyForWhoTakesIt: on a path that loses packets a voice goes with its predecessors (RFC 2198) to who negotiated that, and as plain
// Opus to who did not.
func TestRedundancyForWhoTakesIt(t *testing.T) {
	for _, red := range []uint8{63, 0} {
		e := &Engine{began: time.Now(), socks: []*udp.Conn{nil}}
		s := newShard(e, 0)
		s.now = int64(time.Hour)
		e.shards = []*shard{s}
		u := &Up{pub: &publisher{peer: &peer{e: e}, kick: make(chan struct{}, 1)}}
		l := newLayer(u, format{pt: 111, kind: codec.Opus}, 1, nil)
		u.layers.Store(&[]*Layer{l})
		out := counter{n: map[uint8]int{}}
		v := &viewer{peer: &peer{e: e}, shard: s, out: out}
		v.depth = redMost
		d := &Down{v: v, kind: webrtc.RTPCodecTypeAudio, ssrc: 7, formats: []format{{pt: 111, kind: codec.Opus, red: red}}}
		d.follow(s, u)
		const n = 20
		for ext := uint64(firstExt); ext < firstExt+n; ext++ {
			payload := []byte{31 << 3, byte(ext), 1, 2}
			info, err := codec.Inspect(codec.Opus, payload, false)
			if err != nil {
				t.Fatal(err)
			}
			l.ring.Put(ext, payload, ring.Meta{Arrived: s.now, Timestamp: uint32(ext * 960), Info: info})
			var p packet
			if p.load(l, ext) {
				d.one(s, l, &p)
			}
		}
		if out.n[63]+out.n[111] != n || (out.n[63] >= n-1) != (red != 0) || red == 0 && out.n[63] > 0 {
			t.Errorf("redundancy under type %d: %d packets with it, %d plain", red, out.n[63], out.n[111])
		}
	}
}

// TestPlayoutDelay: pictures on a path that loses, or is long, or of a speaker whose path loses, say how long a player is to hold them back: enough for what is sent again, in the
// bounds, in the bytes that the extension has. Voices do not say it, nor does anybody to a player that did not ask for it, and who
// speaks with others is not held back.
func TestPlayoutDelay(t *testing.T) {
	const number, playout = 3, 5
	for _, c := range []struct {
		name   string
		id     uint8
		share  float64
		trip   time.Duration
		late   time.Duration // what the speaker's path loses
		voices int
		least  time.Duration // 0: not said
	}{
		{"a short path that loses", playout, 0.1, 60 * time.Millisecond, 0, 1, 400 * time.Millisecond},
		{"a satellite", playout, 0, 600 * time.Millisecond, 0, 1, time.Second},
		{"in between", playout, 0.02, 250 * time.Millisecond, 0, 1, 700 * time.Millisecond},
		{"a good path", playout, 0.01, 100 * time.Millisecond, 0, 1, 0},
		{"a good path to a speaker who loses", playout, 0, 20 * time.Millisecond, 420 * time.Millisecond, 1, 500 * time.Millisecond},
		{"the same, who is near", playout, 0, 20 * time.Millisecond, 30 * time.Millisecond, 1, 400 * time.Millisecond},
		{"both lose", playout, 0.1, 60 * time.Millisecond, 420 * time.Millisecond, 1, 800 * time.Millisecond},
		{"both lose, far away", playout, 0.1, 300 * time.Millisecond, 420 * time.Millisecond, 1, time.Second},
		{"two who speak with each other, one loses", playout, 0, 20 * time.Millisecond, 420 * time.Millisecond, 2, 0},
		{"two who speak with each other", playout, 0.1, 600 * time.Millisecond, 0, 2, 0},
		{"not negotiated", 0, 0.1, 600 * time.Millisecond, 420 * time.Millisecond, 1, 0},
	} {
		v := &viewer{peer: &peer{e: &Engine{}}}
		v.extID, v.playout, v.share = number, c.id, c.share
		picture := &Down{v: v, kind: webrtc.RTPCodecTypeVideo, repairs: true, cur: &Layer{}}
		picture.cur.arrivals.late.Store(int64(c.late))
		list := []*Down{picture}
		for range c.voices {
			list = append(list, &Down{v: v, kind: webrtc.RTPCodecTypeAudio, up: &Up{}})
		}
		picture.rtt.Store(int64(c.trip))
		v.downs.Store(&list)
		v.calm = v.calmly(0)
		if v.calm != int64(c.least) {
			t.Errorf("%s: %v, not %v", c.name, time.Duration(v.calm), c.least)
		}
		for _, d := range list {
			raw := make([]byte, 12, 64)
			raw[0], raw[1] = 0x90, 96
			size := v.extSize(d, int64(time.Hour))
			raw = raw[:12+size]
			v.extend(raw[12:], 0xabcd)
			var h rtp.Header
			if n, err := h.Unmarshal(raw); err != nil || n != len(raw) {
				t.Fatalf("%s: %x: %d bytes, %v", c.name, raw, n, err)
			}
			if got := h.GetExtension(number); len(got) != 2 || binary.BigEndian.Uint16(got) != 0xabcd {
				t.Errorf("%s: number %x", c.name, got)
			}
			got := h.GetExtension(playout)
			if said := c.least > 0 && d == picture; said != (len(got) == 3) {
				t.Errorf("%s: %x, said: %v", c.name, got, said)
				continue
			} else if !said {
				continue
			}
			const unit = 10 * time.Millisecond
			least, most := time.Duration(got[0])<<4|time.Duration(got[1])>>4, time.Duration(got[1]&15)<<8|time.Duration(got[2])
			if least*unit != c.least || most*unit != 10*time.Second {
				t.Errorf("%s: %v to %v", c.name, least*unit, most*unit)
			}
		}
	}
}

// TestNothingMovesTheVoiceBesideAScreen: while a screen fills the voice's stream the voice follows no picture, so that pictures are held as they
// were; and the screen's slot, whose reports tell no round trip, has that of another one.
func TestNothingMovesTheVoiceBesideAScreen(t *testing.T) {
	v := &viewer{peer: &peer{e: &Engine{}}}
	v.playout, v.est = 5, bwe.New(bwe.Config{Start: startRate, Min: leastRate, Max: mostRate})
	screen := &Down{v: v, kind: webrtc.RTPCodecTypeVideo, stream: stageStream, cur: &Layer{}}
	camera := &Down{v: v, kind: webrtc.RTPCodecTypeVideo, stream: "video1", cur: &Layer{}}
	v.downs.Store(&[]*Down{screen, camera})
	camera.cur.arrivals.late.Store(int64(600 * time.Millisecond))
	at := int64(time.Hour)
	step := func(shared bool, want time.Duration) {
		t.Helper()
		screen.screen = shared
		at += int64(time.Minute)
		if v.judge(at); v.calm != int64(want) {
			t.Errorf("shared %v: %v, not %v", shared, time.Duration(v.calm), want)
		}
	}
	step(true, 0)
	step(false, 600*time.Millisecond)
	camera.cur.arrivals.late.Store(0)
	step(true, 600*time.Millisecond)
	step(false, 0)
	camera.rtt.Store(int64(600 * time.Millisecond))
	if got := screen.trip(); got != int64(600*time.Millisecond) {
		t.Errorf("a round trip of %v", time.Duration(got))
	}
	screen.rtt.Store(int64(20 * time.Millisecond))
	if got := screen.trip(); got != int64(20*time.Millisecond) {
		t.Errorf("a round trip of %v, it tells 20 ms", time.Duration(got))
	}
}
