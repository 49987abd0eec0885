package signaling

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
	"betang/signaling/wire"
)

// offer is as much of an SDP offer as signaling looks at.
func offer(origin string, media string) string {
	s := "v=0\r\no=- " + origin + " 2 IN IP4 127.0.0.1\r\ns=-\r\n"
	if media == "audio" {
		s += "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n"
	}
	return s + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n"
}

func TestPublishEntersTheStageWhenConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.media.manual = true
		spk, sri := h.join("spk"), h.join("sri")
		id := spk.send("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		if env := spk.get().answers[id]; env.T != "answered" {
			t.Fatalf("publish was answered with %+v", env)
		}
		if got := sri.get(); got.event.Phase != "scheduled" || len(got.stage.Sources) != 0 {
			t.Error("the event went live before media can flow")
		}
		cam := h.media.ids(true)[0]
		h.media.connect(cam)
		after(aTick)
		got := sri.get()
		if got.event.Phase != "live" || len(got.stage.Sources) != 1 || got.stage.Main != string(cam) || got.stage.Sources[0].Label != "Gubernur" {
			t.Fatalf("phase %s, stage %+v", got.event.Phase, got.stage)
		}
		want := sfu.Scene{Main: cam, Audio: []sfu.PeerID{cam}}
		if s := h.media.scene(); !s.Equal(want) {
			t.Errorf("scene %+v, want %+v", s, want)
		}
		h.media.manual = false

		// A shared screen with the camera beside it, and back.
		spk.must("publish", wire.Publish{Kind: "screen", SDP: offer("2", "")})
		after(aTick)
		screen := otherThan(h.media.ids(true), cam)
		if s := h.media.scene(); s.Main != screen || s.Second != cam || !slices.Equal(s.Audio, []sfu.PeerID{cam}) {
			t.Errorf("scene while sharing: %+v", s)
		}
		// The sources that say they have sound are those in the audio slots.
		if src := sri.get().stage.Sources; len(src) != 2 || !src[0].Audio || src[1].Audio {
			t.Errorf("sources while sharing: %+v", src)
		}
		spk.must("unpublish", wire.Unpublish{Source: string(screen)})
		after(aTick)
		if s := h.media.scene(); s.Main != cam || s.Second != "" || len(h.media.ids(true)) != 1 {
			t.Errorf("scene after sharing: %+v with %d publishers", s, len(h.media.ids(true)))
		}

		// Pause empties every viewer's slots and keeps the stage.
		op := h.join("op")
		op.must("phase", wire.SetPhase{To: "paused"})
		after(aTick)
		if s := h.media.scene(); !s.Equal(sfu.Scene{}) || len(sri.get().stage.Sources) != 1 {
			t.Errorf("paused: scene %+v, stage %+v", s, sri.get().stage)
		}
		op.must("phase", wire.SetPhase{To: "live"})
		after(aTick)
		if s := h.media.scene(); s.Main != cam {
			t.Errorf("live again: scene %+v", s)
		}

		// The end closes all media.
		sri.must("watch", wire.Watch{SDP: offer("3", "")})
		op.must("phase", wire.SetPhase{To: "ended"})
		after(aTick)
		if n := len(h.media.ids(true)) + len(h.media.ids(false)); n != 0 || !h.media.scene().Equal(sfu.Scene{}) {
			t.Errorf("after the end %d peers live, scene %+v", n, h.media.scene())
		}
		if n := len(sri.get().lost); n != 0 {
			t.Error("the end of the event reads as lost media")
		}
	})
}

func otherThan(ids []sfu.PeerID, id sfu.PeerID) sfu.PeerID {
	for _, x := range ids {
		if x != id {
			return x
		}
	}
	return ""
}

func TestPublisherLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, sri := h.join("spk"), h.join("sri")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		first := h.media.ids(true)[0]
		h.media.gone(first)
		after(aTick)
		if got := spk.get().lost; len(got) != 1 || got[0].Source != string(first) {
			t.Errorf("the speaker was told %+v", got)
		}
		if n := len(sri.get().stage.Sources); n != 0 {
			t.Errorf("%d sources on the stage after the loss", n)
		}
		if sri.get().event.Phase != "live" {
			t.Error("a lost camera ended the event")
		}
		// It comes back before its old transport is noticed dead: the new one takes its place.
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("2", "audio")})
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("3", "audio")})
		after(aTick)
		if got := sri.get().stage; len(got.Sources) != 1 || len(h.media.ids(true)) != 1 || got.Main != string(h.media.ids(true)[0]) {
			t.Errorf("stage %+v with publishers %v", got, h.media.ids(true))
		}
		if n := len(spk.get().lost); n != 1 {
			t.Errorf("a replaced camera was told lost: %+v", spk.get().lost)
		}
		// The same link on another device: the newer takes over, the older learns why.
		spkToo := h.join("spk")
		spkToo.must("publish", wire.Publish{Kind: "camera", SDP: offer("4", "audio")})
		after(aTick)
		if n := len(h.media.ids(true)); n != 1 || len(sri.get().stage.Sources) != 1 {
			t.Errorf("%d publishers, stage %+v", n, sri.get().stage)
		}
		if e := spk.get().errors; len(e) != 1 || e[0].Code != "source_replaced" {
			t.Errorf("the older device was told %+v", e)
		}
		// Another speaker's camera stands beside it.
		h.join("spk2").must("publish", wire.Publish{Kind: "camera", SDP: offer("5", "audio")})
		after(aTick)
		if n := len(sri.get().stage.Sources); n != 2 || len(h.media.scene().Audio) != 2 {
			t.Errorf("%d sources on the stage, scene %+v", n, h.media.scene())
		}
	})
}

func TestPublishRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri, spk, op := h.join("sri"), h.join("spk"), h.join("op")
		if _, code := sri.ask("publish", wire.Publish{Kind: "camera", SDP: offer("1", "")}); code != "not_invited" {
			t.Errorf("a participant publishing: %q", code)
		}
		if _, code := spk.ask("publish", wire.Publish{Kind: "interpreter", SDP: offer("1", "")}); code != "source_kind" {
			t.Errorf("a speaker publishing as interpreter: %q", code)
		}
		h.media.err = &sfu.Error{Code: sfu.SDPInvalid}
		if _, code := spk.ask("publish", wire.Publish{Kind: "camera", SDP: offer("1", "")}); code != "media_refused" {
			t.Errorf("an offer the engine refuses: %q", code)
		}
		h.media.err = errors.New("out of ports")
		if _, code := sri.ask("watch", wire.Watch{SDP: offer("1", "")}); code != "media_failed" {
			t.Errorf("an engine in trouble: %q", code)
		}
		h.media.err = nil
		if n := len(h.hub().peers); n != 0 {
			t.Errorf("%d peers are remembered of refused offers", n)
		}
		if _, code := spk.ask("unpublish", wire.Unpublish{Source: "pnone"}); code != "media_unknown" {
			t.Errorf("ending nothing: %q", code)
		}
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "")})
		id := string(h.media.ids(true)[0])
		if _, code := h.join("spk2").ask("unpublish", wire.Unpublish{Source: id}); code != "media_unknown" {
			t.Errorf("ending another speaker's camera: %q", code)
		}
		op.must("unpublish", wire.Unpublish{Source: id})
		after(aTick)
		if len(h.media.ids(true)) != 0 || len(sri.get().stage.Sources) != 0 {
			t.Error("the operator did not end the stream")
		}
		if e := spk.get().errors; len(e) != 1 || e[0].Code != "source_removed" {
			t.Errorf("the speaker was told %+v", e)
		}
	})
}

func TestStageFactRefusedByTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, sri := h.join("spk"), h.join("sri")
		after(aTick)
		fail := func() {
			h.store.set(func(s *memStore) {
				s.onAppend = func([]classroom.Fact) (bool, error) { s.onAppend = nil; return false, errors.New("disk gone") }
			})
		}
		fail()
		spk.ask("publish", wire.Publish{Kind: "camera", SDP: offer("1", "")})
		after(aTick)
		if len(h.media.ids(true)) != 0 || len(spk.get().lost) != 1 {
			t.Errorf("a source that could not enter: publishers %v, told %+v", h.media.ids(true), spk.get().lost)
		}
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("2", "")})
		after(aTick)
		fail()
		h.media.gone(h.media.ids(true)[0])
		after(2 * time.Second)
		if n := len(sri.get().stage.Sources); n != 0 {
			t.Errorf("a lost source whose leaving failed once stays on the stage: %d", n)
		}
	})
}

// A speaker whose network changed: the same connection offers again, and the stage does not even twitch.
func TestPublisherRestartsItsIce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		spk, sri := h.join("spk"), h.join("sri")
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		before := sri.get()
		spk.must("publish", wire.Publish{Kind: "camera", SDP: offer("1", "audio")})
		after(aTick)
		if got := sri.get(); h.media.restarts != 1 || len(h.media.ids(true)) != 1 || got.rev != before.rev {
			t.Errorf("%d restarts, publishers %v, revision %d after %d", h.media.restarts, h.media.ids(true), got.rev, before.rev)
		}
		// The same connection with another kind is not the source it was, and one the engine lost is made anew.
		spk.must("publish", wire.Publish{Kind: "screen", SDP: offer("1", "")})
		after(aTick)
		if got := len(h.media.ids(true)); got != 2 || h.media.restarts != 1 {
			t.Errorf("%d publishers after %d restarts", got, h.media.restarts)
		}
	})
}

func TestViewerRestartsReplacesAndLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		sri := h.join("sri")
		sri.must("watch", wire.Watch{SDP: offer("7", "")})
		first := h.media.ids(false)[0]
		sri.must("watch", wire.Watch{SDP: offer("7", "")})
		if h.media.restarts != 1 || !slices.Equal(h.media.ids(false), []sfu.PeerID{first}) {
			t.Errorf("the same connection offering again: %d restarts, peers %v", h.media.restarts, h.media.ids(false))
		}
		sri.must("watch", wire.Watch{SDP: offer("8", "")})
		after(aTick)
		if ids := h.media.ids(false); len(ids) != 1 || ids[0] == first {
			t.Errorf("another connection: peers %v", ids)
		}
		if n := len(sri.get().lost); n != 0 {
			t.Error("a replaced viewer was told lost")
		}
		h.media.gone(h.media.ids(false)[0])
		after(aTick)
		if l := sri.get().lost; len(l) != 1 || l[0].Source != "" {
			t.Errorf("lost media was told as %+v", l)
		}
		sri.must("watch", wire.Watch{SDP: offer("8", "")}) // the engine has forgotten it: subscribed anew
		if n := len(h.media.ids(false)); n != 1 {
			t.Errorf("%d viewers", n)
		}
		// An answered viewer that never connects is given up.
		h.media.manual = true
		sri.must("watch", wire.Watch{SDP: offer("9", "")})
		after(connectMs*time.Millisecond + 2*time.Second)
		if n := len(h.media.ids(false)); n != 0 || len(sri.get().lost) != 2 {
			t.Errorf("never connected: %d viewers, told %+v", n, sri.get().lost)
		}
	})
}

func TestWHIPAndWHEP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		hub, ctx := h.hub(), context.Background()
		claims := func(token string) Claims { c, _ := h.tokens.Verify(token, time.Now()); return c }
		sri := h.join("sri")
		src, answer, err := hub.Publish(ctx, claims("spk"), classroom.Camera, offer("1", "audio"))
		if err != nil || answer == "" {
			t.Fatal(answer, err)
		}
		after(aTick)
		if got := sri.get().stage; len(got.Sources) != 1 || got.Sources[0].ID != string(src) {
			t.Errorf("stage %+v", got)
		}
		var players []classroom.SourceID
		for range 3 {
			id, _, err := hub.Watch(ctx, claims("whep"), offer("1", ""))
			if err != nil {
				t.Fatal(err)
			}
			players = append(players, id)
		}
		after(3 * time.Second)
		if c := hub.Counts(); c.Viewers != 3 || c.Hearing != 3 {
			t.Errorf("counts %+v", c)
		}
		if _, err := hub.Restart(ctx, claims("whep"), players[0], offer("1", "")); err != nil {
			t.Errorf("restart: %v", err)
		}
		if frag, err := hub.Fragment(ctx, claims("spk"), src, "a=ice-ufrag:x"); err != nil || frag == "" {
			t.Errorf("fragment: %q %v", frag, err)
		}
		for name, err := range map[string]error{
			"another token's fragment":  second(hub.Fragment(ctx, claims("whep"), src, "")),
			"an unknown id":             second(hub.Restart(ctx, claims("whep"), "pnone", "")),
			"another token's hangup":    hub.Hangup(ctx, claims("spk"), players[0]),
			"an operator's of a viewer": hub.Hangup(ctx, claims("op"), players[0]),
		} {
			if classroom.KindOf(err) != classroom.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := hub.Hangup(ctx, claims("whep"), players[0]); err != nil {
			t.Error(err)
		}
		if err := hub.Hangup(ctx, claims("op"), src); err != nil {
			t.Error(err)
		}
		after(aTick)
		if len(h.media.ids(true)) != 0 || len(h.media.ids(false)) != 2 || len(sri.get().stage.Sources) != 0 {
			t.Errorf("publishers %v, viewers %v, stage %+v", h.media.ids(true), h.media.ids(false), sri.get().stage)
		}
		if n := h.store.seconds("", attend.Delivered); n != 0 {
			t.Error("a player without a person has attendance")
		}
		h.revoked.Store("whep", true)
		after(2 * time.Second)
		if n := len(h.media.ids(false)); n != 0 {
			t.Errorf("%d players of a revoked token go on", n)
		}
	})
}

func second[A any](_ A, err error) error { return err }

func TestOffersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		hub := h.hub()
		h.media.block = make(chan struct{})
		c, _ := h.tokens.Verify("whep", time.Now())
		places := cap(h.srv.sdp)
		errs := make(chan error, places+1)
		for range places + 1 {
			go func() {
				_, _, err := hub.Watch(context.Background(), c, offer("1", ""))
				errs <- err
			}()
		}
		after(exchangeWait + time.Second)
		for range places + 1 {
			if err := <-errs; classroom.KindOf(err) != classroom.TooMany {
				t.Errorf("an offer that waited too long: %v", err)
			}
		}
		if n := len(hub.peers); n != 0 {
			t.Errorf("%d peers are remembered", n)
		}
	})
}

func TestSDP(t *testing.T) {
	for in, want := range map[string]bool{
		offer("1", "audio"): true, offer("1", ""): false, "": false,
		"v=0\r\nm=audio 0 X 1\r\na=sendonly\r\n":          false,
		"v=0\nm=audio 9 X 1\na=recvonly\nm=audio 9 X 1\n": true,
		"v=0\r\nm=audio 9 X 1\r\na=inactive\r\n":          false,
		"v=0\r\nm=video 9 X 1\r\na=sendonly\r\nm=audio":   false,
	} {
		if got := sdpSendsAudio(in); got != want {
			t.Errorf("%q sends audio: %v", in, got)
		}
	}
	for in, want := range map[string]string{
		"v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\n": "- 42", "v=0\r\n": "", "v=0\r\no=x\r\n": "", "o=moz 7 0 IN IP4 0.0.0.0": "moz 7",
	} {
		if got := sdpOrigin(in); got != want {
			t.Errorf("origin of %q is %q", in, got)
		}
	}
}

func FuzzSDP(f *testing.F) {
	f.Add(offer("1", "audio"))
	f.Add("o=\nm=\r\nm=audio")
	f.Fuzz(func(t *testing.T, s string) {
		if sdpSendsAudio(s) && !contains(s, "audio") {
			t.Error("audio out of nothing")
		}
		_ = sdpOrigin(s)
	})
}

func contains(s, sub string) bool {
	for i := range s {
		if len(s[i:]) >= len(sub) && s[i:i+len(sub)] == sub {
			return true
		}
	}
	return false
}
