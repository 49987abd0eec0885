package sfu

import (
	"bytes"
	"testing"
	"time"

	"betang/sfu/codec"
	"betang/sfu/ring"
	"betang/sfu/udp"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"pgregory.net/rapid"
)

// keeper is an outlet that keeps what went out under each number.
type keeper struct {
	silent
	t     *rapid.T
	sent  map[uint64][]byte
	types map[uint64]uint8
	woven *int // repeats with redundancy
}

func (k *keeper) sendRTP(_ *shard, _ *Down, h *rtp.Header, index uint64, payload []byte, _ int) error {
	if was, ok := k.sent[index]; ok {
		if h.PayloadType == 63 {
			*k.woven++
		}
		if !bytes.Equal(was, payload) || k.types[index] != h.PayloadType {
			k.t.Fatalf("number %d went out as %x (type %d) and then as %x (type %d)", index, was, k.types[index], payload, h.PayloadType)
		}
	}
	k.sent[index], k.types[index] = bytes.Clone(payload), h.PayloadType
	return nil
}

// TestRepeatsWithRedundancyAreTheSame: a voice has no retransmission stream, so a packet that goes out again has the number it had, and
// must be the same to the last byte (GCM), whatever came late or was lost, and however the redundancy changed meanwhile.
func TestRepeatsWithRedundancyAreTheSame(t *testing.T) {
	woven := 0
	rapid.Check(t, func(t *rapid.T) {
		e := &Engine{began: time.Now(), socks: []*udp.Conn{nil}}
		s := newShard(e, 0)
		s.now = int64(time.Hour)
		e.shards = []*shard{s}
		u := &Up{pub: &publisher{peer: &peer{e: e}, kick: make(chan struct{}, 1)}}
		l := newLayer(u, format{pt: 111, kind: codec.Opus}, 1, nil)
		u.layers.Store(&[]*Layer{l})
		k := &keeper{t: t, sent: map[uint64][]byte{}, types: map[uint64]uint8{}, woven: &woven}
		v := &viewer{peer: &peer{e: e}, shard: s, out: k}
		d := &Down{v: v, kind: webrtc.RTPCodecTypeAudio, ssrc: 7, formats: []format{{pt: 111, kind: codec.Opus, red: 63}}}
		d.follow(s, u)

		put := func(ext uint64) {
			payload := []byte{31 << 3, byte(ext >> 8), byte(ext), 1, 2, 3}
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
		var late []uint64
		ext := uint64(firstExt)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			s.now += int64(20 * time.Millisecond)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				v.depth = uint8(rapid.IntRange(0, redMost).Draw(t, "depth"))
			case 1:
				late = append(late, ext)
				ext++
			case 2:
				if len(late) > 0 {
					put(late[0])
					late = late[1:]
				}
			case 3, 4:
				if d.mapper != nil && len(k.sent) > 0 {
					s.again = againRoom
					d.again(s, s.header.SequenceNumber-uint16(rapid.IntRange(0, audioMemory+5).Draw(t, "back")))
				}
			default:
				put(ext)
				ext++
			}
		}
		for index, p := range k.sent {
			if k.types[index] != 63 {
				continue
			}
			if _, _, err := codec.SplitRED(p, 0); err != nil {
				t.Fatalf("%x: %v", p, err)
			}
		}
	})
	if woven == 0 {
		t.Error("nothing with redundancy went out again")
	}
}
