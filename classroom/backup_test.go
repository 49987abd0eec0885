package classroom

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var encoder = Actor{Role: RoleSpeaker, Session: "s-enc", Link: "l-enc", Name: "Encoder"}

func sourceBy(a Actor, id SourceID, kind SourceKind) EnterStage {
	return EnterStage{Source: Source{ID: id, Kind: kind, Owner: a.Link, Label: a.Name}}
}

// onAir is a room with a speaker, an encoder that stands by, and the automatic takeover after 5 s.
func onAir(t *testing.T) *hall {
	h := newHall(t)
	h.do(speaker, sourceBy(speaker, "c1", Camera))
	h.do(encoder, sourceBy(encoder, "c2", Camera))
	if got := h.room.Stage().Scene.Main; got != "c2" {
		t.Fatalf("before it is marked it is a camera like another: main is %q", got)
	}
	h.do(operator, SetBackup{"l-enc", true})
	h.do(operator, SetTakeover{true, 5})
	h.showing("c1", "after the mark")
	return h
}

func (h *hall) showing(id SourceID, when string) {
	h.t.Helper()
	if got := h.room.Stage().Scene.Main; got != id {
		h.t.Errorf("%s: main is %q, want %q", when, got, id)
	}
}

// tick is what the hub does once a second.
func (h *hall) tick() {
	h.t.Helper()
	if on, due := h.room.TakeoverDue(h.now); due {
		by, ok := h.room.Standby()
		if !ok {
			by = operator
		}
		h.do(by, TakeOverDue{on})
	}
}

func (h *hall) pass(d time.Duration) {
	h.t.Helper()
	for ; d > 0; d -= time.Second {
		h.wait(time.Second)
		h.tick()
	}
}

func TestBackupTakesOverAndGivesBack(t *testing.T) {
	h := onAir(t)
	if !h.room.StandsBy("c2") || h.room.StandsBy("c1") {
		t.Error("who is seen stands by, or who stands by is not")
	}
	h.pass(time.Minute)
	h.showing("c1", "while all is well")
	h.do(speaker, NoteSilent{"c1", true})
	h.pass(4 * time.Second)
	h.showing("c1", "after 4 s of silence")
	h.do(speaker, LeaveStage{"c1"})
	h.showing("", "while nobody is there")
	h.pass(time.Second)
	h.showing("c2", "after 5 s")
	if !h.room.Backup().On || h.room.StandsBy("c2") {
		t.Error("the backup is on and stands by")
	}
	h.do(speaker, sourceBy(speaker, "c3", Camera))
	h.pass(4 * time.Second)
	h.showing("c2", "4 s after the speaker came back")
	if !h.room.StandsBy("c3") {
		t.Error("two voices of one speaker at once")
	}
	h.pass(time.Second)
	h.showing("c3", "5 s after the speaker came back")
	if h.room.Backup().On {
		t.Error("the backup is still on")
	}
}

func TestBackupLeavesAloneWhatIsMeant(t *testing.T) {
	t.Run("who ends on purpose is not replaced", func(t *testing.T) {
		h := onAir(t)
		h.do(speaker, LeaveStage{"c1"})
		h.pass(time.Minute)
		h.showing("", "after the speaker ended")
	})
	t.Run("a screen that ends is no loss", func(t *testing.T) {
		h := onAir(t)
		h.do(speaker2, sourceBy(speaker2, "d2", Screen))
		h.do(speaker2, LeaveStage{"d2"})
		h.pass(time.Minute)
		h.showing("c1", "after a guest's screen")
	})
	t.Run("a camera lost beside a living screen is borne", func(t *testing.T) {
		h := onAir(t)
		h.do(speaker, sourceBy(speaker, "d1", Screen))
		h.do(speaker, NoteSilent{"c1", true})
		h.do(speaker, LeaveStage{"c1"})
		h.pass(time.Minute)
		h.showing("d1", "with the screen")
	})
	t.Run("who fills the gap does not count as the main one", func(t *testing.T) {
		h := onAir(t)
		h.do(moderator, sourceBy(moderator, "c4", Camera))
		h.do(operator, SetScene{Scene: Scene{Main: "c1"}})
		h.do(operator, SetScene{Auto: true})
		h.showing("c4", "the latest camera")
		h.do(operator, SetScene{Scene: Scene{Main: "c1"}})
		h.do(speaker, NoteSilent{"c1", true})
		h.do(speaker, LeaveStage{"c1"})
		h.showing("c4", "in the gap")
		h.pass(5 * time.Second)
		h.showing("c2", "after 5 s")
	})
	t.Run("the seconds are those of the one shown now", func(t *testing.T) {
		h := onAir(t)
		h.do(moderator, sourceBy(moderator, "c4", Camera))
		h.do(moderator, NoteSilent{"c4", true})
		h.do(operator, SetScene{Scene: Scene{Main: "c1"}})
		h.do(speaker, NoteSilent{"c1", true})
		h.pass(4 * time.Second)
		h.do(operator, SetScene{Scene: Scene{Main: "c4"}})
		h.pass(4 * time.Second)
		h.showing("c4", "4 s after an operator chose it")
		h.pass(time.Second)
		h.showing("c2", "5 s after")
	})
	t.Run("an interpreter shown large by hand is not replaced", func(t *testing.T) {
		h := onAir(t)
		h.do(interpreter, sourceBy(interpreter, "i1", Interpreter))
		h.do(speaker, NoteSilent{"c1", true})
		h.pass(4 * time.Second)
		h.do(operator, SetScene{Scene: Scene{Main: "i1"}})
		h.pass(time.Minute)
		h.showing("i1", "a minute later")
	})
	t.Run("a hand is not undone", func(t *testing.T) {
		h := onAir(t)
		h.do(operator, TakeOver{true})
		h.showing("c2", "by hand")
		h.pass(time.Minute)
		h.showing("c2", "a minute later")
		h.do(operator, TakeOver{false})
		h.showing("c1", "by hand again")
	})
	t.Run("switched off nothing happens", func(t *testing.T) {
		h := onAir(t)
		h.do(operator, SetTakeover{false, 5})
		h.do(speaker, NoteSilent{"c1", true})
		h.pass(time.Minute)
		h.showing("c1", "switched off")
		h.do(operator, TakeOver{true})
		h.showing("c2", "by hand")
	})
	t.Run("a backup that comes starts no event", func(t *testing.T) {
		h := onAir(t)
		fresh := NewRoom(testEvent())
		for _, f := range h.facts {
			_ = fresh.Fold(f)
		}
		later := newHall(t)
		later.room.stage.backup.mark("l-enc", true)
		later.do(encoder, sourceBy(encoder, "c2", Camera))
		if later.room.Phase() != Scheduled {
			t.Errorf("the event is %s", later.room.Phase())
		}
	})
	t.Run("a lost backup gives back at once", func(t *testing.T) {
		h := onAir(t)
		h.do(operator, TakeOver{true})
		h.do(encoder, LeaveStage{"c2"})
		h.showing("c1", "the backup went")
	})
	t.Run("refusals", func(t *testing.T) {
		h := onAir(t)
		h.refuse(operator, SetTakeover{true, 1}, Invalid, "backup_after")
		h.refuse(operator, SetBackup{"l-nobody", true}, NotFound, "source_unknown")
		h.refuse(encoder, TakeOverDue{true}, Conflict, "backup_early")
		h.refuse(speaker, TakeOver{true}, NotAllowed, "role")
		h.do(encoder, NoteSilent{"c2", true})
		h.refuse(operator, TakeOver{true}, Conflict, "backup_none")
	})
}

// TestBackupProperties plays anything and holds what must always be so.
func TestBackupProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := NewRoom(testEvent())
		now := r.Event().StartsAt
		var facts []Fact
		apply := func(by Actor, cmd Command) bool {
			got, err := r.Apply(now, by, cmd)
			if err != nil {
				if KindOf(err) == Internal {
					t.Fatalf("%+v: %v", cmd, err)
				}
				return false
			}
			facts = append(facts, got...)
			return true
		}
		own := map[SourceID]Actor{"c1": speaker, "d1": speaker, "c2": encoder, "d2": encoder, "c3": moderator, "i1": interpreter}
		ids := []SourceID{"c1", "c1", "c2", "c2", "d1", "d2", "c3", "i1"}
		var ill time.Time // since when the ward has not been well, as this test sees it
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 3 * time.Second}).Draw(t, "pass"))
			id := rapid.SampledFrom(ids).Draw(t, "source")
			was, wasScene := r.stage.backup, r.Stage().Scene
			ruled := false
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1:
				kind := map[byte]SourceKind{'c': Camera, 'd': Screen, 'i': Interpreter}[id[0]]
				apply(own[id], sourceBy(own[id], id, kind))
			case 2:
				apply(own[id], LeaveStage{id})
			case 3, 4:
				apply(own[id], NoteSilent{id, rapid.Bool().Draw(t, "silent")})
			case 5:
				apply(operator, SetBackup{rapid.SampledFrom([]string{"l-enc", "l-enc", "l-mod"}).Draw(t, "owner"), rapid.IntRange(0, 3).Draw(t, "on") > 0})
			case 6:
				apply(operator, SetTakeover{rapid.IntRange(0, 3).Draw(t, "auto") > 0, rapid.IntRange(2, 6).Draw(t, "after")})
			case 7:
				apply(operator, TakeOver{rapid.Bool().Draw(t, "hand")})
			case 8:
				apply(operator, SetScene{Scene: Scene{Main: id}, Auto: rapid.IntRange(0, 2).Draw(t, "auto scene") > 0})
			default:
				if on, due := r.TakeoverDue(now); due {
					by, ok := r.Standby()
					if !ok {
						by = operator
					}
					if ruled = apply(by, TakeOverDue{on}); !ruled {
						t.Fatalf("what is due (%v) is refused", on)
					}
					if was.hand && was.on {
						t.Fatal("the rule undid a hand")
					}
					if on && (ill.IsZero() || now.Sub(ill) < time.Duration(was.seconds())*time.Second) {
						t.Fatalf("took over from a main one that is ill since %v, at %v", ill, now)
					}
				}
			}
			b, s := r.stage.backup, r.Stage()
			if !ruled && r.Phase() == Live && b.auto && !b.on && !ill.IsZero() && b.ward == was.ward && r.stage.ready() != "" &&
				now.Sub(ill) >= time.Duration(b.seconds())*time.Second {
				if _, due := r.TakeoverDue(now); !due && was.seconds() == b.seconds() && was.since == b.since {
					t.Fatalf("ill since %v and nothing is due at %v", ill, now)
				}
			}
			switch {
			case b.ward == "" || r.stage.well(b.ward) || b.ward != was.ward, b.on != was.on: // a switch counts anew
				ill = time.Time{}
			}
			if b.ward != "" && !r.stage.well(b.ward) && ill.IsZero() {
				ill = now
			}
			if b.on && r.stage.ready() == "" && !r.stage.present() {
				t.Fatal("the backup is on and not there")
			}
			if b.ward != "" && b.marked[b.ward] {
				t.Fatal("the main one is a backup")
			}
			for _, src := range s.Sources {
				if s.Scene.has(src.ID) && r.StandsBy(src.ID) {
					t.Fatalf("%s is seen and stands by", src.ID)
				}
				if s.Auto && !b.on && b.marked[src.Owner] && src.Kind != Interpreter && s.Scene.has(src.ID) {
					t.Fatalf("%s is a backup and seen, in a scene of the rule's own: %+v", src.ID, s.Scene)
				}
				if s.Auto && b.on && src.Owner == b.ward && src.Kind != Interpreter && s.Scene.has(src.ID) {
					t.Fatalf("%s is seen while its backup is on: %+v before %+v", src.ID, s.Scene, wasScene)
				}
			}
		}
		again, err := Replay(r.Event(), facts)
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("replayed differently: %v", err)
		}
	})
}
