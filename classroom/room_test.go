package classroom

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
)

var (
	operator    = Actor{Role: RoleOperator, Session: "s-op", Link: "l-op"}
	moderator   = Actor{Role: RoleModerator, Session: "s-mod", Link: "l-mod"}
	speaker     = Actor{Role: RoleSpeaker, Session: "s-spk", Link: "l-spk", Name: "Gubernur"}
	speaker2    = Actor{Role: RoleSpeaker, Session: "s-spk2", Link: "l-spk2", Name: "Wakil Gubernur"}
	interpreter = Actor{Role: RoleInterpreter, Session: "s-int", Link: "l-int", Name: "JBI"}
	sri         = Actor{Role: RoleParticipant, Person: "p-sri", Session: "s-sri"}
	sriPhone    = Actor{Role: RoleParticipant, Person: "p-sri", Session: "s-sri-2"}
	budi        = Actor{Role: RoleParticipant, Person: "p-budi", Session: "s-budi"}
	guest       = Actor{Role: RoleGuest, Session: "s-guest"}
	bpsdm       = Actor{Role: RoleBPSDM, Session: "s-bpsdm"}
)

// hall is a room with a clock, and its journal.
type hall struct {
	t     testing.TB
	room  *Room
	now   time.Time
	facts []Fact
}

func testEvent() Event {
	start := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	return Event{
		ID: "demo", Kind: Lecture, Title: "Kuliah umum", StartsAt: start, EndsAt: start.Add(2 * time.Hour),
		Policy: attend.DefaultPolicy(),
	}
}

func newHall(t testing.TB) *hall {
	ev := testEvent()
	return &hall{t: t, room: NewRoom(ev), now: ev.StartsAt}
}

// do applies a command that must be accepted and gives the kinds of its facts.
func (h *hall) do(by Actor, cmd Command) string {
	h.t.Helper()
	facts, err := h.room.Apply(h.now, by, cmd)
	if err != nil {
		h.t.Fatalf("%T by %s: %v", cmd, by.Role, err)
	}
	h.facts = append(h.facts, facts...)
	var kinds []string
	for _, f := range facts {
		kinds = append(kinds, f.Body.FactKind())
	}
	return strings.Join(kinds, " ")
}

func (h *hall) refuse(by Actor, cmd Command, kind Kind, code string) {
	h.t.Helper()
	facts, err := h.room.Apply(h.now, by, cmd)
	if len(facts) != 0 {
		h.t.Fatalf("%T by %s: %d facts beside an error", cmd, by.Role, len(facts))
	}
	wantErr(h.t, err, kind, code)
}

func (h *hall) want(got, want any) {
	h.t.Helper()
	if !reflect.DeepEqual(got, want) {
		h.t.Fatalf("got %+v\nwant %+v", got, want)
	}
}

func (h *hall) wait(d time.Duration) { h.now = h.now.Add(d) }

func camera(by Actor, id SourceID) EnterStage {
	return EnterStage{Source: Source{ID: id, Kind: Camera, Owner: by.Link, Label: by.Name}}
}

func screen(by Actor, id SourceID) EnterStage {
	return EnterStage{Source: Source{ID: id, Kind: Screen, Owner: by.Link, Label: by.Name}}
}

func signer(by Actor, id SourceID) EnterStage {
	return EnterStage{Source: Source{ID: id, Kind: Interpreter, Owner: by.Link, Label: by.Name}}
}

// checkReplay fails unless the journal replays to the same room.
func (h *hall) checkReplay() {
	h.t.Helper()
	again, err := Replay(h.room.Event(), h.facts)
	if err != nil {
		h.t.Fatal(err)
	}
	if !reflect.DeepEqual(again, h.room) {
		h.t.Fatalf("replayed room differs:\n%+v\n%+v", again, h.room)
	}
}

func TestPhases(t *testing.T) {
	h := newHall(t)
	start := h.now.UnixMilli()
	h.refuse(operator, SetPhase{Paused}, Conflict, "phase_order")
	h.refuse(operator, SetPhase{Ended}, Conflict, "phase_order")
	h.refuse(operator, SetPhase{"later"}, Invalid, "phase_unknown")
	h.refuse(speaker, SetPhase{Live}, NotAllowed, "role")
	h.want(h.room.Window(h.now), attend.Window(nil))

	h.want(h.do(operator, SetPhase{Live}), "phase")
	h.want(h.do(operator, SetPhase{Live}), "") // said twice
	h.want(h.room.LiveSince(), h.now)
	h.wait(10 * time.Minute)
	h.want(h.room.Window(h.now), attend.Window{{From: start, To: start + 600_000}})
	h.do(operator, SetPhase{Paused})
	h.wait(5 * time.Minute)
	h.refuse(operator, SetPhase{Scheduled}, Conflict, "phase_order")
	h.want(h.room.Window(h.now), attend.Window{{From: start, To: start + 600_000}})
	h.do(operator, SetPhase{Live})
	h.want(h.room.LiveSince().UnixMilli(), start)
	h.wait(time.Minute)
	h.do(operator, SetPhase{Paused})
	h.do(operator, SetPhase{Ended})
	h.want(h.room.Window(h.now.Add(time.Hour)), attend.Window{{From: start, To: start + 600_000}, {From: start + 900_000, To: start + 960_000}})

	h.refuse(operator, SetPhase{Live}, Conflict, "event_ended")
	h.refuse(speaker, camera(speaker, "c"), Conflict, "event_ended")
	h.refuse(operator, SetScene{Auto: true}, Conflict, "event_ended")
	h.refuse(sri, Ask{"Masih bisa?"}, Conflict, "event_ended")
	h.checkReplay()
}

func TestEndingEmptiesTheStage(t *testing.T) {
	h := newHall(t)
	h.want(h.do(speaker, camera(speaker, "c1")), "phase stage.entered scene")
	h.do(speaker, screen(speaker, "d1"))
	h.do(operator, SetScene{Scene: Scene{Main: "c1"}})
	h.do(sri, Ask{"Kapan?"})
	h.do(moderator, Approve{"q1"})
	h.do(moderator, Show{"q1"})
	h.want(h.do(operator, SetPhase{Ended}), "qa.shown stage.left stage.left scene phase")
	h.want(h.room.Stage(), StageView{Auto: true, Rev: h.room.Rev() - 1})
	h.refuse(moderator, Show{"q1"}, Conflict, "event_ended")
	h.refuse(sri, Support{"q1", true}, Conflict, "event_ended")
	h.want(h.do(moderator, Answer{"q1", "Tahun depan."}), "qa.answered")
	h.refuse(speaker, LeaveStage{"c1"}, NotFound, "source_unknown")
	h.checkReplay()
}

func TestAutoScene(t *testing.T) {
	h := newHall(t)
	scene := func(main, second, signs SourceID) {
		t.Helper()
		h.want(h.room.Stage().Scene, Scene{Main: main, Second: second, Interpreter: signs})
	}
	h.want(h.do(interpreter, signer(interpreter, "i1")), "stage.entered scene")
	h.want(h.room.Phase(), Scheduled)
	scene("", "", "i1")
	h.do(speaker, camera(speaker, "c1"))
	h.want(h.room.Phase(), Live)
	scene("c1", "", "i1")
	h.do(speaker2, camera(speaker2, "c2"))
	scene("c2", "", "i1")
	h.do(speaker, screen(speaker, "d1"))
	scene("d1", "c1", "i1")
	h.do(operator, screen(operator, "d2")) // the operator has no camera: the latest one goes beside its slides
	scene("d2", "c2", "i1")
	h.do(operator, LeaveStage{"d2"})
	scene("d1", "c1", "i1")
	h.do(speaker, LeaveStage{"c1"})
	scene("d1", "c2", "i1")
	h.do(speaker, LeaveStage{"d1"})
	scene("c2", "", "i1")
	h.do(interpreter, LeaveStage{"i1"})
	h.do(speaker2, LeaveStage{"c2"})
	scene("", "", "")
	h.want(h.room.Phase(), Live) // an empty stage does not stop the event
	h.checkReplay()
}

func TestOverride(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.do(speaker2, camera(speaker2, "c2"))
	h.refuse(speaker, SetScene{Scene: Scene{Main: "c1"}}, NotAllowed, "role")
	h.refuse(operator, SetScene{Scene: Scene{Main: "c9"}}, NotFound, "source_unknown")
	h.refuse(operator, SetScene{Scene: Scene{Main: "c1", Second: "c1"}}, Invalid, "scene_twice")
	h.want(h.do(operator, SetScene{Scene: Scene{Main: "c1"}}), "scene")
	h.want(h.do(operator, SetScene{Scene: Scene{Main: "c1"}}), "")

	h.do(speaker2, screen(speaker2, "d2"))
	h.want(h.room.Stage().Scene, Scene{Main: "c1"}) // it sticks
	h.do(speaker2, LeaveStage{"d2"})
	h.want(h.room.Stage().Auto, false)
	h.do(interpreter, signer(interpreter, "i1"))
	h.want(h.room.Stage().Scene, Scene{Main: "c1", Interpreter: "i1"})
	h.do(interpreter, LeaveStage{"i1"})
	h.want(h.room.Stage().Scene, Scene{Main: "c1"})
	h.want(h.room.Stage().Auto, false)
	h.do(speaker, LeaveStage{"c1"}) // until it leaves
	h.want(h.room.Stage().Scene, Scene{Main: "c2"})
	h.want(h.room.Stage().Auto, true)

	h.do(speaker, camera(speaker, "c1"))
	h.do(operator, SetScene{Scene: Scene{Main: "c2", Second: "c1"}})
	h.do(speaker, LeaveStage{"c1"})
	h.want(h.room.Stage().Scene, Scene{Main: "c2"})
	h.want(h.room.Stage().Auto, false)
	h.do(speaker, camera(speaker, "c1"))
	h.do(operator, SetScene{Auto: true})
	h.want(h.room.Stage().Scene, Scene{Main: "c1"})
	h.want(h.do(operator, SetScene{Scene: Scene{Main: "c1"}}), "scene") // the same picture, but fixed
	h.do(speaker2, camera(speaker2, "c3"))
	h.want(h.room.Stage().Scene, Scene{Main: "c1"})
	h.checkReplay()
}

// An operator may show the interpreter large; when another interpreter leaves, it must not be put in two slots.
func TestInterpreterOnMainStaysInOneSlot(t *testing.T) {
	h := newHall(t)
	h.do(interpreter, signer(interpreter, "i1"))
	h.do(interpreter, signer(interpreter, "i2"))
	h.do(operator, SetScene{Scene: Scene{Main: "i1", Interpreter: "i2"}})
	h.do(interpreter, LeaveStage{"i2"})
	h.want(h.room.Stage().Scene, Scene{Main: "i1"})
	h.checkReplay()
}

func TestStageOwners(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.refuse(speaker2, LeaveStage{"c1"}, NotAllowed, "source_owner")
	h.refuse(moderator, LeaveStage{"c1"}, NotAllowed, "source_owner")
	h.refuse(interpreter, LeaveStage{"c1"}, NotAllowed, "source_owner")
	h.refuse(sri, LeaveStage{"c1"}, NotAllowed, "source_owner")
	h.refuse(operator, LeaveStage{"c9"}, NotFound, "source_unknown")
	by, _ := h.room.Publisher("c1")
	h.want(by, speaker)

	other := speaker // the same link on another device
	other.Session = "s-spk-phone"
	h.do(other, LeaveStage{"c1"})
	h.do(speaker, camera(speaker, "c1"))
	unlinked := Actor{Role: RoleSpeaker, Session: speaker.Session}
	h.do(unlinked, LeaveStage{"c1"}) // the same session
	h.do(speaker, camera(speaker, "c1"))
	h.do(operator, LeaveStage{"c1"})

	h.refuse(speaker, camera(speaker2, "c2"), NotAllowed, "source_owner")
	h.refuse(speaker, signer(speaker, "i1"), NotAllowed, "source_kind")
	h.refuse(interpreter, camera(interpreter, "c2"), NotAllowed, "source_kind")
	h.refuse(sri, camera(sri, "c2"), NotAllowed, "not_invited")
	h.refuse(speaker, EnterStage{Source: Source{ID: "x", Kind: "hologram", Owner: speaker.Link}}, Invalid, "source_kind")
	h.refuse(speaker, EnterStage{Source: Source{Kind: Camera, Owner: speaker.Link}}, Invalid, "source_id")
	h.refuse(speaker, EnterStage{Source: Source{ID: "x", Kind: Camera, Owner: speaker.Link, Label: "a\x00b"}}, Invalid, "source_label")
	h.do(speaker, camera(speaker, "c2"))
	h.want(h.do(speaker, camera(speaker, "c2")), "")
	h.refuse(speaker, screen(speaker, "c2"), Conflict, "source_taken")
	for i := range MaxSources - 1 {
		h.do(operator, camera(operator, SourceID("x"+string(rune('a'+i)))))
	}
	h.refuse(speaker, screen(speaker, "d1"), Conflict, "stage_full")
	h.checkReplay()
}

func TestQuestionTheWholeWay(t *testing.T) {
	h := newHall(t)
	asked := h.now
	h.want(h.do(sri, Ask{"  Kapan pelatihan <b>gelombang</b> kedua?\n"}), "qa.asked")
	q, _ := h.room.Question("q1")
	h.want(q, QuestionView{
		ID: "q1", Text: "Kapan pelatihan <b>gelombang</b> kedua?", Status: QuestionPending, Asker: "p-sri",
		Session: "s-sri", AskedAt: asked, Rev: 1,
	})
	h.refuse(budi, Support{"q1", true}, Conflict, "question_state")
	h.refuse(moderator, Show{"q1"}, Conflict, "question_state")
	h.refuse(moderator, Answer{"q1", ""}, Conflict, "question_state")
	h.refuse(sri, Approve{"q1"}, NotAllowed, "role")
	h.do(moderator, Approve{"q1"})
	h.refuse(moderator, Approve{"q1"}, Conflict, "question_state")
	h.do(budi, Support{"q1", true})
	h.want(h.do(budi, Support{"q1", true}), "")
	h.do(sri, Support{"q1", true})
	h.want(h.do(sriPhone, Support{"q1", true}), "") // one vote a person
	h.do(guest, Support{"q1", true})
	h.do(sriPhone, Support{"q1", false})
	q, _ = h.room.Question("q1")
	h.want(q.Support, 2)
	h.want(h.room.Supported(budi), []QuestionID{"q1"})
	h.want(h.room.Supported(sri), []QuestionID(nil))
	h.do(moderator, Show{"q1"})
	h.want(h.do(moderator, Show{"q1"}), "")
	h.want(h.room.Stage().Shown, QuestionID("q1"))
	h.want(h.room.Stage().Rev, h.room.Rev())
	h.want(h.do(moderator, Answer{"q1", ""}), "qa.shown qa.answered")
	h.want(h.room.Stage().Shown, QuestionID(""))
	h.refuse(budi, Support{"q1", false}, Conflict, "question_state")
	h.refuse(moderator, Reject{"q1", "x"}, Conflict, "question_state")
	h.refuse(moderator, Approve{"q01"}, NotFound, "question_unknown")
	h.refuse(moderator, Approve{"q2"}, NotFound, "question_unknown")
	h.refuse(moderator, Approve{""}, NotFound, "question_unknown")
	h.want(len(h.room.AskedBy(sriPhone)), 1)
	h.checkReplay()
}

func TestQuestionsSince(t *testing.T) {
	h := newHall(t)
	for i := range 3 {
		by := sri
		by.Person += PersonID(rune('a' + i))
		h.do(by, Ask{"Pertanyaan"})
	}
	h.do(moderator, Approve{"q2"}) // 4
	h.do(operator, SetPhase{Live}) // 5
	h.do(moderator, Approve{"q1"}) // 6
	ids := func(since int64) (out []QuestionID) {
		for _, q := range h.room.Questions(since) {
			out = append(out, q.ID)
		}
		return out
	}
	h.want(ids(0), []QuestionID{"q1", "q2", "q3"})
	h.want(ids(2), []QuestionID{"q1", "q2", "q3"})
	h.want(ids(3), []QuestionID{"q1", "q2"})
	h.want(ids(4), []QuestionID{"q1"})
	h.want(ids(6), []QuestionID(nil))
	h.want(h.room.EventRev(), int64(5))
	h.want(h.room.Stage().Rev, int64(0))
}

func TestAdmit(t *testing.T) {
	h := newHall(t)
	h.want(h.do(sri, Admit{Method: "nip"}), "admitted")
	h.want(h.do(sri, Admit{Method: "nip"}), "") // came back
	h.do(guest, Admit{Method: "guest"})
	thief := budi
	thief.Session = sri.Session
	h.refuse(thief, Admit{Method: "nip"}, Conflict, "session_taken")
	thief = guest
	thief.Role = RoleSpeaker
	h.refuse(thief, Admit{Method: "link"}, Conflict, "session_taken")
	h.refuse(budi, Admit{Method: "face"}, Invalid, "method_unknown")
	h.refuse(Actor{Role: RoleGuest}, Admit{Method: "guest"}, Invalid, "actor_unknown")
	h.refuse(bpsdm, Admit{Method: "link"}, NotAllowed, "role")
	p, role, ok := h.room.Admitted(sri.Session)
	if p != sri.Person || role != RoleParticipant || !ok {
		t.Fatal(p, role, ok)
	}
	h.checkReplay()
}

func TestActorsAreChecked(t *testing.T) {
	h := newHall(t)
	h.refuse(Actor{Role: RoleParticipant, Session: "s\xff"}, Ask{"Apa?"}, Invalid, "actor_unknown")
	h.refuse(Actor{Role: RoleParticipant}, Ask{"Apa?"}, Invalid, "actor_unknown")
	h.refuse(Actor{Role: "governor", Session: "s"}, Ask{"Apa?"}, NotAllowed, "role")
	h.refuse(Actor{Role: RolePlayer, Session: "s"}, Ask{"Apa?"}, NotAllowed, "role")
	h.refuse(operator, nil, Invalid, "command_unknown")
}

// A clock that is set back neither breaks the journal nor locks people out.
func TestClockSetBack(t *testing.T) {
	h := newHall(t)
	h.do(operator, SetPhase{Live})
	h.do(sri, Ask{"Satu?"})
	last := h.now
	h.wait(-time.Hour)
	h.do(sri, Ask{"Dua?"})
	h.do(operator, SetPhase{Paused})
	for _, f := range h.facts {
		h.want(f.At, last)
	}
	h.want(h.room.Window(h.now), attend.Window(nil))
	h.checkReplay()
}

func TestTimesAreMilliseconds(t *testing.T) {
	h := newHall(t)
	h.now = h.now.Add(1_234_567 * time.Nanosecond).In(time.FixedZone("WIB", 7*3600))
	h.do(operator, SetPhase{Live})
	at := h.facts[0].At
	if at.Location() != time.UTC || at.Nanosecond() != 1_000_000 {
		t.Fatal(at)
	}
}

func TestFoldRefusesWhatCannotBe(t *testing.T) {
	h := newHall(t)
	h.do(sri, Ask{"Satu?"})
	h.do(speaker, camera(speaker, "c1"))
	next, at := h.room.Rev()+1, h.now
	for _, c := range []struct {
		code string
		fact Fact
	}{
		{"fact_order", Fact{Seq: next + 1, At: at, By: moderator, Body: Approved{"q1"}}},
		{"fact_order", Fact{Seq: next - 1, At: at, By: moderator, Body: Approved{"q1"}}},
		{"fact_time", Fact{Seq: next, At: at.Add(-1), By: moderator, Body: Approved{"q1"}}},
		{"fact_kind_unknown", Fact{Seq: next, At: at, By: moderator}},
		{"fact_kind_unknown", Fact{Seq: next, At: at, By: moderator, Body: strange{}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: moderator, Body: Approved{"q2"}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: moderator, Body: Approved{"2"}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: sri, Body: Asked{"q1", "Lagi?"}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: sri, Body: Supported{"q1", true}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: moderator, Body: Merged{"q1", "q1"}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: moderator, Body: Shown{""}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: moderator, Body: Answered{"q1", ""}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: operator, Body: PhaseSet{Scheduled}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: operator, Body: StageLeft{"c2"}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: operator, Body: SceneSet{Scene{Main: "c2"}, false}}},
		{"fact_impossible", Fact{Seq: next, At: at, By: operator, Body: StageEntered{Source: Source{ID: "c1"}}}},
	} {
		wantErr(t, h.room.Fold(c.fact), Internal, c.code)
		h.checkReplay() // unchanged
	}
	if _, err := Replay(testEvent(), slices.Delete(slices.Clone(h.facts), 1, 2)); err == nil {
		t.Fatal("a journal with a hole replayed")
	}
}

type strange struct{}

func (strange) FactKind() string { return "strange" }
