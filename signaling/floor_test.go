package signaling

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/wire"
)

func (m *fakeMedia) heldOf(id sfu.PeerID) classroom.Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.peers[id]; p != nil {
		return p.held
	}
	return classroom.Held{}
}

func (m *fakeMedia) exchanges() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.offers + m.restarts
}

// TestHandToStage: raise, invite, publish over one's own socket, be silenced in the engine, be sent off. Nobody
// else's media is touched.
func TestHandToStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, op, sri, budi := h.join("spk"), h.join("op"), h.join("sri"), h.join("budi")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		budi.must("watch", wire.Watch{SDP: offer("2", "")})
		sri.must("watch", wire.Watch{SDP: offer("3", "")})
		budi.must("hand", wire.Hand{On: true})
		sri.must("hand", wire.Hand{On: true})
		after(aTick)
		if m := sri.get().mine.Hand; m == nil || m.Status != "waiting" || m.Place != 2 {
			t.Errorf("sri's hand: %+v", m)
		}
		hands := op.get().desk.Hands
		if len(hands) != 2 || hands[1].Name != "Sri Wahyuni, S.Sos." || hands[1].Region != "Wilayah 62.02" || hands[1].Unit != "Dinas Kesehatan" {
			t.Fatalf("the desk sees %+v", hands)
		}
		if d := sri.get().desk; d.Hands != nil {
			t.Errorf("a participant sees the queue: %+v", d)
		}
		if _, code := sri.ask("publish", wire.Publish{Kind: "camera", SDP: offer("4", "audio")}); code != "not_invited" {
			t.Errorf("publishing uninvited: %q", code)
		}
		op.must("lower", wire.Lower{Hand: hands[0].ID})
		after(aTick)
		if m := sri.get().mine.Hand; m == nil || m.Place != 1 || budi.get().mine.Hand != nil {
			t.Errorf("after the first was lowered: %+v, %+v", m, budi.get().mine.Hand)
		}
		op.must("invite", wire.Invite{Hand: hands[1].ID})
		after(aTick)
		offers := h.media.exchanges()
		sri.must("publish", wire.Publish{Kind: "camera", SDP: offer("5", "audio")})
		after(aTick)
		stage := budi.get().stage
		if len(stage.Sources) != 2 || stage.Sources[1].Label != "Sri Wahyuni, S.Sos." || stage.Second != stage.Sources[1].ID {
			t.Fatalf("the stage: %+v", stage)
		}
		if m := sri.get().mine.Hand; m == nil || m.Status != "stage" {
			t.Errorf("on the stage: %+v", m)
		}
		if n := h.media.exchanges() - offers; n != 1 {
			t.Errorf("%d exchanges for one who comes on the stage", n)
		}
		id := sfu.PeerID(stage.Second)

		if _, code := sri.ask("hold", wire.Hold{Source: string(id)}); code != "not_allowed" {
			t.Errorf("a participant holds: %q", code)
		}
		op.must("hold", wire.Hold{Source: string(id), Sound: true})
		after(aTick)
		if got := h.media.heldOf(id); got != (classroom.Held{Sound: true}) {
			t.Errorf("the engine holds %+v", got)
		}
		if s := h.media.scene(); len(s.Audio) != 1 || s.Second != id {
			t.Errorf("scene %+v", s)
		}
		if src := sri.get().stage.Sources[1]; !src.HeldSound || src.Audio {
			t.Errorf("sri is told %+v", src)
		}
		// Publishing anew does not shake it off.
		sri.must("publish", wire.Publish{Kind: "camera", SDP: offer("6", "audio")})
		after(aTick)
		again := sfu.PeerID(budi.get().stage.Second)
		if got := h.media.heldOf(again); again == id || got != (classroom.Held{Sound: true}) {
			t.Errorf("after a new publish: %q %+v", again, got)
		}

		op.must("lower", wire.Lower{Hand: hands[1].ID})
		after(aTick)
		if n := len(h.media.ids(true)); n != 1 || sri.get().mine.Hand != nil {
			t.Errorf("sent off: %d publishers, %+v", n, sri.get().mine.Hand)
		}
		if e := sri.get().errors; len(e) != 1 || e[0].Code != "source_removed" {
			t.Errorf("sri is told %+v", e)
		}
		if n := len(h.media.ids(false)); n != 2 {
			t.Errorf("%d viewers", n)
		}
	})
}

func TestBannedStaysOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		op, sri, budi := h.join("op"), h.join("sri"), h.join("budi")
		phone := h.join("sri")
		sri.must("watch", wire.Watch{SDP: offer("1", "")})
		sri.must("hand", wire.Hand{On: true})
		budi.must("hand", wire.Hand{On: true})
		after(aTick)
		op.must("ban", wire.Ban{Target: "h1", Reason: "Mengganggu"})
		after(aTick)
		for _, c := range []*client{sri, phone} {
			if bye := c.get().bye; bye == nil || bye.Reason != "banned" || bye.RetryMs != 0 {
				t.Errorf("goodbye %+v", bye)
			}
		}
		if n := len(h.media.ids(false)); n != 0 {
			t.Errorf("%d viewers", n)
		}
		d := op.get().desk
		if len(d.Hands) != 1 || len(d.Bans) != 1 || d.Bans[0].Name != "Sri Wahyuni, S.Sos." || d.Bans[0].Reason != "Mengganggu" {
			t.Errorf("the desk sees %+v", d)
		}
		back := func() *client {
			c := h.dial()
			go c.pump()
			c.hello("sri", 0, "")
			synctest.Wait()
			return c
		}
		if bye := back().get().bye; bye == nil || bye.Reason != "revoked" || bye.RetryMs != 0 {
			t.Errorf("coming back: %+v", bye)
		}
		h.restart() // it is a fact
		op = h.join("op")
		if bye := back().get().bye; bye == nil {
			t.Error("welcomed after a restart")
		}
		op.must("unban", wire.Unban{Ban: "b1"})
		after(time.Second)
		if c := back(); c.get().welcome.Session == "" {
			t.Errorf("not welcomed again: %+v", c.get().bye)
		}
		if got := op.get().desk; len(got.Bans) != 0 || len(got.Hands) != 1 || got.Hands[0].Name != "Budi" {
			t.Errorf("the desk after a restart: %+v", got)
		}
	})
}
