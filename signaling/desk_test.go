package signaling

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/codec"
	"betang/signaling/wire"
)

// told is what the server told of the stage's health, and of what others did, so far.
func (c *client) told() (wire.Vitals, []wire.Deed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vitals, slices.Clone(c.deeds)
}

func (c *client) alarms() (kinds []string) {
	v, _ := c.told()
	for _, a := range v.Alarms {
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

// TestTwoOperators: both press the same button, and each knows how it came out and who did it.
func TestTwoOperators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op, ani, spk, spk2, sri := h.join("op"), h.join("op2"), h.join("spk"), h.join("spk2"), h.join("sri")
		lastDeed := func(c *client) wire.Deed {
			after(aTick)
			_, deeds := c.told()
			if len(deeds) == 0 {
				t.Fatal("no deed is told")
			}
			return deeds[len(deeds)-1]
		}
		// The next cue: the second press, from a page that has not heard of the first, changes nothing; another choice is refused.
		for _, title := range []string{"Doa", "Sambutan"} {
			op.must("cueput", wire.CuePut{Title: title, Minutes: 5})
		}
		after(aTick)
		cues := op.get().agenda.Cues
		ani.must("cue", wire.StartCue{Cue: cues[0].ID})
		op.must("cue", wire.StartCue{Cue: cues[0].ID})
		if answer, code := op.ask("cue", wire.StartCue{Cue: cues[1].ID}); answer != "error" || code != "cue_moved" {
			t.Errorf("another cue from an old page: %s %s", answer, code)
		}
		d := lastDeed(op)
		if d.What != "cue" || d.Of != "Doa" || d.By != "Ani" || d.Role != "operator" || d.Tag != ani.get().welcome.You.Tag || d.Tag == op.get().welcome.You.Tag {
			t.Errorf("told %+v", d)
		}
		if op.get().agenda.Now != cues[0].ID {
			t.Errorf("the present cue is %q", op.get().agenda.Now)
		}

		// Each brings another on the screen.
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		first := h.media.ids(true)[0]
		spk2.must("publish", wire.Publish{Kind: "camera", SDP: offer("2", "audio")})
		after(aTick)
		second := otherThan(h.media.ids(true), first)
		st := op.get().stage
		seen := st.Main + "," + st.Second + "," + st.Interpreter
		ani.must("scene", wire.SetScene{Main: string(first), Seen: seen})
		if answer, code := op.ask("scene", wire.SetScene{Main: string(second), Second: string(first), Seen: seen}); answer != "error" || code != "scene_moved" {
			t.Errorf("the second choice: %s %s", answer, code)
		}
		if d := lastDeed(op); d.What != "scene" || d.Of != "Gubernur" || d.By != "Ani" {
			t.Errorf("told %+v", d)
		}
		st = op.get().stage
		if st.Main != string(first) || st.Auto {
			t.Errorf("the stage shows %+v", st)
		}
		op.must("scene", wire.SetScene{Main: string(second), Seen: st.Main + "," + st.Second + "," + st.Interpreter})
		if d := lastDeed(ani); d.What != "scene" || d.Of != "Wakil Gubernur" || d.By != "" {
			t.Errorf("the other is told %+v", d)
		}

		// One answers what the other has dismissed.
		sri.must("ask", wire.Ask{Text: "Apakah sertifikat diberikan kepada seluruh peserta yang hadir sampai selesai hari ini?"})
		after(aTick)
		var q string
		for id := range op.get().questions {
			q = id
		}
		op.must("approve", wire.Approve{Question: q})
		ani.must("reject", wire.Reject{Question: q, Reason: "Sudah dijawab."})
		if answer, code := op.ask("answer", wire.Answer{Question: q}); answer != "error" || code != "question_state" {
			t.Errorf("the answer: %s %s", answer, code)
		}
		if d := lastDeed(op); d.What != "reject" || d.By != "Ani" || !strings.HasPrefix(d.Of, "Apakah sertifikat") || !strings.HasSuffix(d.Of, "…") {
			t.Errorf("told %+v", d)
		}
		if q := op.get().questions[q]; q.Status != "rejected" || q.Reason != "Sudah dijawab." {
			t.Errorf("the question is %+v", q)
		}
		if _, deeds := sri.told(); len(deeds) > 0 || sri.get().welcome.You.Tag != "" {
			t.Errorf("a participant is told %+v", deeds)
		}
	})
}

// TestVitals: the desk is told how the stage arrives, in a sentence's word for what is wrong, and nobody else is told.
func TestVitals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op, spk, sri := h.join("op"), h.join("spk"), h.join("sri")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		cam := h.media.ids(true)[0]
		good := func() sfu.Health {
			return sfu.Health{
				Level: 74, Voice: sfu.LayerHealth{Codec: codec.Opus, Bits: 32_000}, RTT: 40 * time.Millisecond, Sent: 1000,
				Layers: []sfu.LayerHealth{
					{Codec: codec.VP8, Width: 1280, Height: 720, Bits: 1_500_000}, {Codec: codec.VP8, Width: 320, Height: 180, Bits: 120_000},
				},
			}
		}
		h.media.fares(cam, good())
		op.must("phase", wire.SetPhase{To: "live"})
		after(3 * time.Second)
		v, _ := op.told()
		if len(v.Sources) != 1 || len(v.Alarms) != 0 {
			t.Fatalf("all is well: %+v", v)
		}
		s := v.Sources[0]
		if s.Source != string(cam) || s.By != "page" || s.Voice != "ok" || s.Picture != "ok" || s.Level != 74 || s.Codec != "VP8" || s.RTT != 40 ||
			!slices.Equal(s.Layers, []wire.PictureVitals{{Lines: 180, Kbps: 120}, {Lines: 720, Kbps: 1500}}) {
			t.Errorf("told %+v", s)
		}

		ill := good()
		ill.Voice.Quiet = 8 * time.Second
		h.media.fares(cam, ill)
		after(2 * time.Second)
		v, _ = op.told()
		if len(v.Alarms) != 1 || v.Alarms[0].Kind != "voice_gone" || !v.Alarms[0].Bad || v.Alarms[0].Name != "Gubernur" || v.Alarms[0].Value != 8 || v.Sources[0].Voice != "gone" {
			t.Fatalf("no voice comes: %+v", v)
		}
		id := v.Alarms[0].ID
		late := h.join("mod")
		if v, _ := late.told(); len(v.Alarms) != 1 || v.Alarms[0].ID != id {
			t.Errorf("one who comes now is told %+v", v)
		}
		op.must("hold", wire.Hold{Source: string(cam), Sound: true})
		after(2 * time.Second)
		if v, _ := op.told(); len(v.Alarms) != 0 || v.Sources[0].Voice != "held" {
			t.Errorf("nobody is to hear it: %+v", v)
		}
		op.must("hold", wire.Hold{Source: string(cam)})
		h.media.fares(cam, good())
		after(2 * time.Second)

		h.media.gone(cam)
		after(2 * time.Second)
		v, _ = op.told()
		if len(v.Sources) != 0 || len(v.Alarms) != 1 || v.Alarms[0].Kind != "speaker_lost" || v.Alarms[0].Name != "Gubernur" {
			t.Fatalf("the speaker's connection died: %+v", v)
		}
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("3", "audio")})
		after(2 * time.Second)
		if kinds := op.alarms(); len(kinds) != 0 {
			t.Errorf("the speaker is back: %v", kinds)
		}
		if v, _ := sri.told(); len(v.Sources)+len(v.Alarms) > 0 {
			t.Errorf("a participant is told %+v", v)
		}
	})
}

// TestServerAlarms: what the server lacks reaches the desk.
func TestServerAlarms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.close()
		var status atomic.Pointer[Status] // the hub's goroutine reads it
		status.Store(&Status{CPU: .4, DiskFree: 50 << 30})
		h.status = func() Status { return *status.Load() }
		h.open()
		op := h.join("op")
		op.must("phase", wire.SetPhase{To: "live"})
		after(5 * time.Second)
		if kinds := op.alarms(); len(kinds) != 0 {
			t.Fatalf("all is well: %v", kinds)
		}
		status.Store(&Status{CPU: 1.1, DiskFree: 1 << 30, Nodes: []NodeStatus{{Name: "sampit", Away: 7 * time.Second}, {Name: "pangkalan-bun", Linked: true}}})
		after(7 * time.Second)
		kinds := op.alarms()
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"cpu", "disk_low", "link_bad", "node_lost"}) {
			t.Fatalf("told %v", kinds)
		}
		status.Store(&Status{CPU: .4, DiskFree: 50 << 30, Nodes: []NodeStatus{{Name: "sampit"}, {Name: "pangkalan-bun", Linked: true, Up: true}}})
		after(20 * time.Second)
		if kinds := op.alarms(); len(kinds) != 0 {
			t.Fatalf("all is well again: %v", kinds)
		}
	})
}
