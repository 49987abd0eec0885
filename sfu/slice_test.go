package sfu

import (
	"testing"

	"betang/sfu/codec"
	"betang/sfu/ring"
	"betang/sfu/udp"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// order notes what was sent when: how many packets of pictures were before each of voice.
type order struct {
	silent
	pictures, voices, before int
}

func (o *order) sendRTP(_ *shard, d *Down, _ *rtp.Header, _ uint64, _ []byte, _ int) error {
	if d.kind == webrtc.RTPCodecTypeVideo {
		o.pictures++
	} else if o.voices++; o.voices == 1 {
		o.before = o.pictures
	}
	return nil
}

// speak gives the bench's viewers a voice, with one packet that is new to them.
func (b *bench) speak(out outlet) *feed {
	u := &Up{pub: b.l.up.pub}
	l := newLayer(u, format{pt: 111, kind: codec.Opus}, 2, nil)
	u.layers.Store(&[]*Layer{l})
	for _, d := range b.f.downs {
		d.v.out = out
		voice := &Down{v: d.v, kind: webrtc.RTPCodecTypeAudio, ssrc: 9, formats: []format{{pt: 111, kind: codec.Opus}}}
		voice.follow(b.s, u)
	}
	l.ring.Put(1, []byte{0xf8, 1, 2, 3}, ring.Meta{Arrived: b.now, Info: codec.Info{Start: true, End: true, Key: true, TL0: -1, PictureID: -1}})
	l.arrival[0].Store(1)
	l.publish(1)
	return b.s.feeds[l]
}

// TestVoicePassesALongKeyframe: a voice that comes while a keyframe goes out to 300 viewers waits for a slice of it.
func TestVoicePassesALongKeyframe(t *testing.T) {
	b := newBench(300)
	b.listen(t)
	var o order
	b.speak(&o)
	b.put(make([]byte, 1100), 30, true)
	b.s.news(b.f)
	if o.pictures != 300*30 || o.voices != 300 {
		t.Fatalf("%d packets of the picture and %d of the voice", o.pictures, o.voices)
	}
	if o.before > sliceMost+30 {
		t.Errorf("the voice came after %d packets of the picture", o.before)
	}
	if len(b.s.aside) != 0 {
		t.Error("something was left aside")
	}
}

// TestPictureWaitsForALongKeyframe: another picture's news that come meanwhile are served after it, once.
func TestPictureWaitsForALongKeyframe(t *testing.T) {
	b := newBench(300)
	b.listen(t)
	var o order
	b.speak(&o)
	<-b.s.ready
	b.put(make([]byte, 1100), 30, true)
	other := newBench(1)
	other.put(make([]byte, 1100), 5, true)
	f := &feed{ready: b.s.ready, layer: other.l, downs: other.f.downs}
	other.f.downs[0].v.out = &o
	f.signal()
	b.s.news(b.f)
	if o.pictures != 300*30+5 {
		t.Errorf("%d packets of both pictures", o.pictures)
	}
	if f.queued.Load() || len(b.s.ready) != 0 {
		t.Error("the other picture is still queued")
	}
}

// listen gives the bench's shard a socket, for flushing.
func (b *bench) listen(t *testing.T) {
	c, err := udp.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	b.s.batch = c.NewBatch()
}
