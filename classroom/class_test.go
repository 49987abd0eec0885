package classroom

import (
	"reflect"
	"testing"
	"time"

	"betang/classroom/breakout"
	"betang/classroom/poll"

	"pgregory.net/rapid"
)

func newLesson(t testing.TB) *hall {
	ev := testEvent()
	ev.Kind = Class
	return &hall{t: t, room: NewRoom(ev), now: ev.StartsAt}
}

func TestClassNeedsNoInvitation(t *testing.T) {
	h := newLesson(t)
	h.do(sri, Admit{Method: "nip"})
	h.want(h.do(sri, camera(sri, "g1")), "stage.entered scene")
	h.want(h.room.Phase(), Scheduled) // a class begins with its trainer
	h.do(speaker, camera(speaker, "c1"))
	h.want(h.room.Phase(), Live)
	h.want(h.room.ClassScene("").Main, SourceID("c1"))
	h.refuse(sri, screen(sri, "g2"), NotAllowed, "share_not_granted")
	h.want(h.do(speaker, GrantShare{"s1", true}), "class.granted")
	h.want(h.do(speaker, GrantShare{"s1", true}), "")
	h.do(sri, screen(sri, "g2"))
	h.want(h.room.ClassScene(""), Scene{Main: "g2", Second: "g1"})
	h.refuse(budi, screen(budi, "g3"), NotAllowed, "share_not_granted")
	h.do(speaker, SetClass{Share: true})
	h.do(budi, screen(budi, "g3"))
	h.refuse(sri, SetClass{Share: true}, NotAllowed, "role")
	h.want(h.do(speaker, SetClass{}), "class.set stage.left") // sri was granted for herself
	h.want(h.room.ClassScene("").Main, SourceID("g2"))
	h.want(h.do(speaker, GrantShare{"s1", false}), "class.granted stage.left")
	h.want(h.room.ClassScene("").Main, SourceID("c1"))
	h.refuse(speaker, GrantShare{"s9", true}, NotFound, "seat_unknown")
	h.do(speaker, Announce{"Istirahat 10 menit"})
	h.checkReplay()
}

func TestClassIsOnlyForClasses(t *testing.T) {
	h := newHall(t)
	h.refuse(operator, SetClass{Share: true}, Conflict, "class_only")
	h.refuse(operator, MakeRooms{Count: 2, Way: breakout.Hand}, Conflict, "class_only")
	h.refuse(speaker, Announce{"Halo"}, NotAllowed, "role")
	h.refuse(sri, camera(sri, "g1"), NotAllowed, "not_invited")
}

func TestQuietAndCallOn(t *testing.T) {
	h := newLesson(t)
	h.do(sri, camera(sri, "g1"))
	h.do(budi, camera(budi, "g2"))
	h.do(speaker, camera(speaker, "c1"))
	h.want(h.do(speaker, Quiet{}), "class.quieted")
	h.want(h.do(speaker, Quiet{}), "")
	h.want([]bool{h.room.HeldOf("g1").Sound, h.room.HeldOf("g2").Sound, h.room.HeldOf("c1").Sound}, []bool{true, true, false})
	h.want(h.do(sri, Speak{}), "class.spoke") // not locked: everyone may
	h.want(h.room.HeldOf("g1").Sound, false)
	h.want(h.do(speaker, SetClass{Lock: true}), "class.set class.quieted")
	h.refuse(sri, Speak{}, NotAllowed, "class_locked")
	h.do(guest, camera(guest, "g3"))
	h.want(h.room.HeldOf("g3").Sound, true) // who comes later is silent, too
	h.do(speaker, CallOn{"g1"})
	h.want([]bool{h.room.CalledOf("g1"), h.room.HeldOf("g1").Sound}, []bool{true, true}) // asked, not switched on
	h.do(sri, LeaveStage{"g1"})
	h.do(sri, camera(sri, "g4")) // a lost transport forgets neither
	h.want([]bool{h.room.CalledOf("g4"), h.room.HeldOf("g4").Sound}, []bool{true, true})
	h.do(sri, Speak{})
	h.want(h.room.HeldOf("g4").Sound, false)
	h.refuse(speaker, Quiet{"c1"}, NotAllowed, "source_owner")
	h.do(operator, HoldSource{"g4", Held{Sound: true}})
	h.want(h.do(sri, Speak{}), "") // what the operator holds only the operator lets go
	h.want(h.room.HeldOf("g4").Sound, true)
	h.checkReplay()
}

func TestRoomsAndBack(t *testing.T) {
	h := newLesson(t)
	for _, a := range []Actor{sri, sriPhone, budi, guest} {
		h.do(a, Admit{Method: map[Role]string{RoleParticipant: "nip", RoleGuest: "guest"}[a.Role]})
	}
	h.do(speaker, camera(speaker, "c1"))
	h.want(h.do(speaker, MakeRooms{2, breakout.Even, []Actor{sri, sriPhone, budi, guest, speaker}}), "rooms.made rooms.put rooms.put rooms.put")
	h.want(h.room.PlaceOf(sri), RoomID(""))
	h.do(speaker, OpenRooms{10})
	h.want([]RoomID{h.room.PlaceOf(sri), h.room.PlaceOf(sriPhone), h.room.PlaceOf(budi), h.room.PlaceOf(guest), h.room.PlaceOf(speaker)},
		[]RoomID{"r1", "r1", "r2", "r1", ""})
	h.refuse(sri, GoToRoom{"r2"}, NotAllowed, "rooms_fixed")
	h.do(budi, CallHelp{true})
	h.want(h.room.Class().Calls, []RoomID{"r2"})
	h.do(speaker, GoToRoom{"r2"})
	h.want(h.room.Class().Calls, []RoomID(nil))
	h.do(budi, camera(budi, "g1"))
	h.do(budi, screenOf(h, budi, "g2"))
	h.want([]SourceID{h.room.ClassScene("r2").Main, h.room.ClassScene("").Main}, []SourceID{"g2", ""})
	h.do(speaker, PutInRoom{"s1", "r2"}) // sri, by hand
	h.want(h.room.PlaceOf(sriPhone), RoomID("r2"))
	at, by, ok := h.room.RoomsDue()
	h.want([]any{at, by, ok}, []any{h.now.Add(10 * time.Minute).UnixMilli(), speaker, true})
	h.do(speaker, CloseRooms{30})
	at, _, _ = h.room.RoomsDue()
	h.want(at, h.now.Add(30*time.Second).UnixMilli())
	h.do(speaker, CloseRooms{})
	h.want([]RoomID{h.room.PlaceOf(sri), h.room.PlaceOf(budi), h.room.PlaceOf(speaker)}, []RoomID{"", "", ""})
	h.do(speaker, OpenRooms{})
	h.do(operator, SetPhase{Ended})
	h.want(h.room.Class().Open, false)
	h.checkReplay()
}

// A trainer leads a class alone: what elsewhere is the desk's is theirs there, and only there.
func TestTrainerLeadsAlone(t *testing.T) {
	h := newLesson(t)
	h.do(sri, Admit{Method: "nip"})
	h.do(speaker, camera(speaker, "c1"))
	h.want(h.room.Phase(), Live)
	h.do(speaker, MakePoll{poll.Spec{Kind: poll.Single, Text: "Sudah jelas?", Options: []string{"Sudah", "Belum"}}})
	h.do(speaker, TurnPoll{"j1", poll.Open})
	h.do(sri, AnswerPoll{"j1", poll.Answer{Pick: 1}})
	h.do(sri, Ask{"Apa dasar hukumnya?"})
	h.do(speaker, Approve{"q1"})
	h.do(sri, Say{"kata kasar"})
	h.do(speaker, Unsay{"m1"})
	h.do(speaker, SetChat{false, true})
	h.do(speaker, Ban{"s1", "Mengganggu"})
	for _, c := range []Command{
		Say{"lagi"}, RaiseHand{}, AnswerPoll{"j1", poll.Answer{Pick: 2}}, Ask{"Apa?"}, Speak{}, CallHelp{true}, GoToRoom{"r1"}, camera(sri, "g9"),
	} {
		h.refuse(sri, c, NotAllowed, "banned")
		h.refuse(sriPhone, c, NotAllowed, "banned")
	}
	h.want(h.do(speaker, GrantShare{"s1", true}), "class.granted") // of whoever has a seat; it gives nothing to who is out
	h.refuse(sri, screen(sri, "g8"), NotAllowed, "banned")
	for _, other := range []Command{SetGate{true}, StartCue{}, SetBackup{}, PutNote{}} {
		h.refuse(speaker, other, NotAllowed, "role")
	}
	h.refuse(Actor{Role: RoleVIP, Session: "s-vip"}, Announce{"Halo"}, NotAllowed, "role")
	h.do(speaker, SetPhase{Ended})
	h.checkReplay()

	h = newHall(t)
	for _, c := range []Command{MakePoll{}, SetPhase{Live}, Ban{}, Approve{"q1"}, Announce{"Halo"}, LowerHand{"h1"}} {
		h.refuse(speaker, c, NotAllowed, "role")
	}
}

// screenOf has a trainer allow a screen first.
func screenOf(h *hall, by Actor, id SourceID) EnterStage {
	h.do(speaker, SetClass{Share: true})
	return screen(by, id)
}

func drawClass(t *rapid.T) (Actor, Command) {
	trainer := rapid.SampledFrom([]Actor{speaker, moderator, operator}).Draw(t, "trainer")
	pupil := rapid.SampledFrom([]Actor{sri, sriPhone, budi, guest}).Draw(t, "pupil")
	source := rapid.SampledFrom([]SourceID{"g1", "g2", "g3", "c1", "x"}).Draw(t, "source")
	seat := rapid.SampledFrom([]SeatID{"s1", "s2", "s3", "s9", ""}).Draw(t, "seat")
	room := rapid.SampledFrom([]RoomID{"", "r1", "r2", "r3", "r9", "x"}).Draw(t, "room")
	on := rapid.Bool().Draw(t, "on")
	switch rapid.IntRange(0, 18).Draw(t, "class command") {
	case 0:
		return trainer, SetClass{on, rapid.Bool().Draw(t, "lock")}
	case 1:
		return trainer, GrantShare{seat, on}
	case 2:
		return trainer, Quiet{rapid.SampledFrom([]SourceID{"", source}).Draw(t, "whom")}
	case 3:
		return trainer, CallOn{source}
	case 4:
		return pupil, Speak{}
	case 5:
		way := rapid.SampledFrom([]breakout.Way{breakout.Even, breakout.Hand, breakout.Choice, "x"}).Draw(t, "way")
		return trainer, MakeRooms{rapid.IntRange(-1, 3).Draw(t, "count"), way, []Actor{sri, budi, guest}}
	case 6:
		return trainer, PutInRoom{seat, room}
	case 7, 8:
		return trainer, OpenRooms{rapid.IntRange(-1, 2).Draw(t, "minutes")}
	case 9:
		return trainer, CloseRooms{rapid.IntRange(0, 30).Draw(t, "seconds")}
	case 10:
		return rapid.SampledFrom([]Actor{trainer, pupil}).Draw(t, "who"), GoToRoom{room}
	case 11:
		return pupil, CallHelp{on}
	case 12:
		return pupil, Admit{Method: "nip"}
	case 13:
		return trainer, rapid.SampledFrom([]Command{Ban{string(seat), "alasan"}, Unban{"b1"}}).Draw(t, "ban")
	case 14:
		return pupil, rapid.SampledFrom([]Command{RaiseHand{}, Say{"halo"}, AnswerPoll{"j1", poll.Answer{Pick: 1}}}).Draw(t, "word")
	case 15:
		return trainer, rapid.SampledFrom([]Command{
			MakePoll{poll.Spec{Kind: poll.Single, Text: "Jelas?", Options: []string{"Ya", "Belum"}}}, TurnPoll{"j1", poll.Open}, TurnPoll{"j1", poll.Closed},
		}).Draw(t, "poll")
	default:
		return pupil, EnterStage{Source: Source{ID: source, Kind: rapid.SampledFrom([]SourceKind{Camera, Screen}).Draw(t, "kind"), Owner: pupil.Link}}
	}
}

// TestClassProperties plays any sequence of commands in a class: refused ones change nothing, the journal gives the same room,
// nobody silent is heard, and breakout rooms never touch the time that counts.
func TestClassProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := testEvent()
		ev.Kind = Class
		r := NewRoom(ev)
		now := ev.StartsAt
		var facts []Fact
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 31 * time.Second}).Draw(t, "pass"))
			by, cmd := drawClass(t)
			ofClass := rapid.IntRange(0, 2).Draw(t, "class") > 0
			if !ofClass {
				by, cmd = drawCommand(t)
			}
			before, class := seen(r), []any{r.Class(), r.Seats()}
			got, err := r.Apply(now, by, cmd)
			if err != nil && KindOf(err) == Internal {
				t.Fatalf("%+v by %s: %v", cmd, by.Role, err)
			}
			if len(got) == 0 && !reflect.DeepEqual([]any{seen(r), r.Class(), r.Seats()}, []any{before, class[0], class[1]}) {
				t.Fatalf("%+v changed the room without a fact (%v)", cmd, err)
			}
			facts = append(facts, got...)
			checkRoom(t, r, facts)
			checkClass(t, r)
			for _, f := range got { // one interval through all rooms
				switch f.Body.(type) {
				case RoomsMade, RoomPut, RoomsOpened, RoomEntered, HelpCalled:
					if !reflect.DeepEqual(seen(r).([]any)[9], before.([]any)[9]) {
						t.Fatalf("%+v touched the live time", f.Body)
					}
				}
			}
		}
		checkJournal(t, r, ev, facts)
	})
}

func checkClass(t *rapid.T, r *Room) {
	t.Helper()
	v := r.Class()
	for _, s := range r.Seats() {
		if !v.Open && (s.Here != "" || s.Calls) || v.Open && s.Here != s.Room {
			t.Fatalf("%+v in %+v", s, v)
		}
	}
	for _, s := range r.stage.standing {
		if s.source.Kind == Screen && fromHall(s.by.Role) && !r.shares(s.by) {
			t.Fatalf("%s shares a screen without being allowed to", s.by.key())
		}
	}
	for _, s := range r.stage.standing {
		if r.Banned(s.by) {
			t.Fatalf("%s must stay out and stands on the stage", s.by.key())
		}
	}
	if r.Phase() == Ended && v.Open {
		t.Fatal("rooms of a class that ended are open")
	}
	st := r.Stage()
	for _, room := range []RoomID{"", "r1", "r2", "r3"} {
		scene := r.ClassScene(room)
		for _, id := range []SourceID{scene.Main, scene.Second, scene.Interpreter} {
			if by, ok := r.Publisher(id); id != "" && (!ok || r.PlaceOf(by) != room || st.Behind[id]) {
				t.Fatalf("%q is seen in room %q, where it is not", id, room)
			}
		}
		if scene.Main != "" && (scene.Main == scene.Second || scene.Main == scene.Interpreter) {
			t.Fatalf("twice in %+v", scene)
		}
	}
}
