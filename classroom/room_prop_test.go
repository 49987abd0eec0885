package classroom

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
	"betang/classroom/notes"
	"betang/classroom/poll"

	"pgregory.net/rapid"
)

var everyone = []Actor{operator, moderator, speaker, speaker2, interpreter, sri, sriPhone, budi, guest, bpsdm, pic, otherPIC}

// drawCommand gives an actor and a command: mostly of somebody who may, sometimes of anybody, and often sensible.
func drawCommand(t *rapid.T) (Actor, Command) {
	question := rapid.Custom(func(t *rapid.T) QuestionID {
		return QuestionID(rapid.SampledFrom([]string{"q1", "q1", "q2", "q2", "q3", "q4", "q5", "q9", "q0", "x", ""}).Draw(t, "q"))
	})
	source := rapid.Custom(func(t *rapid.T) SourceID {
		return SourceID(rapid.SampledFrom([]string{"c1", "c2", "d1", "d2", "i1", "i2", "g1", "g2", ""}).Draw(t, "src"))
	})
	hand := rapid.Custom(func(t *rapid.T) HandID {
		return HandID(rapid.SampledFrom([]string{"h1", "h1", "h2", "h2", "h3", "h4", "h5", ""}).Draw(t, "h"))
	})
	hall := []Actor{sri, sriPhone, budi, guest}
	desk := []Actor{moderator, operator}
	stagers := []Actor{speaker, speaker2, operator, interpreter, moderator}
	var cmd Command
	by := hall
	cue := rapid.Custom(func(t *rapid.T) CueID {
		return CueID(rapid.SampledFrom([]string{"c1", "c2", "c3", "c1", "c2", "c4", ""}).Draw(t, "c"))
	})
	switch rapid.IntRange(0, 49).Draw(t, "command") {
	case 44, 45, 46, 47:
		return drawDeck(t)
	case 48:
		from := testEvent().StartsAt.UnixMilli() + rapid.Int64Range(-60_000, 3_600_000).Draw(t, "from")
		cmd, by = Correct{
			Person: rapid.SampledFrom([]PersonID{"p-sri", "p-ani", "", "hall:h1"}).Draw(t, "person"), Void: rapid.Bool().Draw(t, "void"),
			From: from, To: from + rapid.Int64Range(-1000, 600_000).Draw(t, "length"), Reason: groundFor, Who: whoDecides,
		}, []Actor{bpsdm}
	case 49:
		p := attend.DefaultPolicy()
		p.MinutesPerJP, p.CapJP = rapid.SampledFrom([]int{45, 60, 0}).Draw(t, "minutes"), rapid.IntRange(0, 2).Draw(t, "cap")
		cmd, by = SetPolicy{Policy: p, From: rapid.IntRange(0, 3).Draw(t, "from"), Reason: groundFor, Who: whoDecides}, []Actor{bpsdm}
		if rapid.Bool().Draw(t, "void") {
			cmd = VoidList{Number: rapid.SampledFrom([]string{"N1", "N2", ""}).Draw(t, "number"), SHA256: sheetHash, Reason: groundFor, Who: whoDecides}
		} else if rapid.Bool().Draw(t, "ratify") {
			cmd = RatifyList{
				Number: rapid.SampledFrom([]string{"N1", "N2", ""}).Draw(t, "number"), SHA256: sheetHash,
				Revision: rapid.IntRange(0, 3).Draw(t, "revision"), Reason: groundFor, Who: whoDecides,
			}
		}
	case 33:
		cmd, by = PutCue{Cue{
			ID: CueID(rapid.SampledFrom([]string{"", "", "c1", "c2", "c9"}).Draw(t, "id")), Title: rapid.SampledFrom([]string{"Doa", "Materi", ""}).Draw(t, "title"),
			Uncounted: rapid.Bool().Draw(t, "uncounted"), Cast: rapid.SampledFrom([]string{"", "speaker", "moderator,speaker", "participant,operator", "x"}).Draw(t, "cast"),
			Layout: Layout(rapid.SampledFrom([]string{"", "side"}).Draw(t, "layout")),
		}}, desk
	case 34:
		cmd, by = StartCue{cue.Draw(t, "cue"), cue.Draw(t, "from")}, []Actor{operator}
	case 35:
		cmd, by = UndoCue{cue.Draw(t, "cue")}, []Actor{operator}
	case 37:
		cmd, by = Announce{rapid.SampledFrom([]string{"", "Istirahat", "a\x00"}).Draw(t, "notice")}, desk
	case 36:
		cmd, by = DropCue{cue.Draw(t, "cue")}, desk
		if rapid.Bool().Draw(t, "move") {
			cmd = MoveCue{cue.Draw(t, "cue"), rapid.IntRange(-1, 3).Draw(t, "to")}
		}
	case 38:
		cmd, by = Place{source.Draw(t, "source"), rapid.Bool().Draw(t, "behind")}, append(stagers, operator, operator)
	case 39:
		cmd, by = SetGate{rapid.Bool().Draw(t, "closed")}, []Actor{operator}
	case 40, 41, 42, 43:
		return drawChat(t)
	case 28, 29, 30, 31:
		return drawPoll(t)
	case 16, 17:
		cmd = RaiseHand{}
	case 18, 19:
		cmd, by = Invite{hand.Draw(t, "hand")}, desk
	case 20:
		cmd, by = LowerHand{hand.Draw(t, "hand")}, append(desk, hall...)
	case 21:
		a := rapid.SampledFrom(hall).Draw(t, "by")
		return a, EnterStage{Source: Source{ID: SourceID(rapid.SampledFrom([]string{"g1", "g2", "g3"}).Draw(t, "src")), Kind: Camera, Owner: a.Link}}
	case 22:
		cmd, by = HoldSource{source.Draw(t, "source"), Held{rapid.Bool().Draw(t, "sound"), rapid.Bool().Draw(t, "picture")}}, []Actor{operator}
	case 23:
		target := rapid.SampledFrom([]string{"h1", "h2", "h3", "q1", "q2", "g1", "c1", "x"}).Draw(t, "target")
		cmd, by = Ban{target, "Mengganggu"}, desk
		if rapid.Bool().Draw(t, "lift") {
			cmd = Unban{BanID(rapid.SampledFrom([]string{"b1", "b2", "b3", ""}).Draw(t, "ban"))}
		}
	case 26, 27:
		return drawHall(t)
	case 0, 1:
		cmd = Ask{rapid.SampledFrom([]string{"Apa?", "Kapan?", ""}).Draw(t, "text")}
	case 2, 3, 4:
		cmd = Support{question.Draw(t, "question"), rapid.IntRange(0, 3).Draw(t, "on") > 0}
	case 5, 6:
		cmd, by = Approve{question.Draw(t, "question")}, desk
	case 7:
		cmd, by = Merge{question.Draw(t, "question"), question.Draw(t, "into")}, desk
	case 8:
		cmd, by = Reject{question.Draw(t, "question"), "Kurang jelas"}, desk
	case 9:
		cmd, by = Show{question.Draw(t, "question")}, desk
	case 10:
		cmd, by = Answer{question.Draw(t, "question"), ""}, desk
	case 11, 12:
		id := source.Draw(t, "source")
		kind := map[byte]SourceKind{'c': Camera, 'd': Screen, 'i': Interpreter}[(string(id) + "x")[0]]
		a := rapid.SampledFrom(stagers).Draw(t, "by")
		behind := rapid.IntRange(0, 3).Draw(t, "behind") == 0
		return a, EnterStage{Source{ID: id, Kind: kind, Owner: a.Link, Label: a.Name}, behind}
	case 13:
		cmd, by = LeaveStage{source.Draw(t, "source")}, stagers
	case 14:
		cmd, by = SetScene{
			Scene: Scene{source.Draw(t, "main"), source.Draw(t, "second"), source.Draw(t, "interpreter"), Layout(rapid.SampledFrom([]string{"", "side", "sign", "x"}).Draw(t, "layout"))},
			Auto:  rapid.IntRange(0, 2).Draw(t, "auto") == 0,
			Seen:  rapid.SampledFrom([]string{"", "", ",,", "c1,,", "c1,s1,"}).Draw(t, "seen"),
		}, []Actor{operator}
	case 24:
		from := testEvent().StartsAt.UnixMilli() + rapid.Int64Range(-60_000, 600_000).Draw(t, "from")
		cmd = Contest{from, from + rapid.Int64Range(-1000, 600_000).Draw(t, "length"), rapid.SampledFrom([]string{"Listrik padam di kantor", "?"}).Draw(t, "reason")}
	case 25:
		c := Decide{Correction: rapid.SampledFrom([]CorrectionID{"k1", "k2", "k9"}).Draw(t, "correction"), Reason: "Sesuai surat PLN", Who: "Kepala Bidang"}
		if c.Granted = rapid.Bool().Draw(t, "granted"); c.Granted {
			c.From = testEvent().StartsAt.UnixMilli() + rapid.Int64Range(-60_000, 600_000).Draw(t, "from")
			c.To = c.From + 60_000
		}
		cmd, by = c, []Actor{bpsdm}
	default:
		if rapid.Bool().Draw(t, "admit") {
			cmd = Admit{Method: rapid.SampledFrom([]string{"nip", "guest", ""}).Draw(t, "method")}
			break
		}
		to := []Phase{Scheduled, Live, Live, Live, Paused, Paused, Paused, "x"}
		if rapid.IntRange(0, 5).Draw(t, "last") == 0 {
			to = []Phase{Ended}
		}
		cmd, by = SetPhase{rapid.SampledFrom(to).Draw(t, "to")}, []Actor{operator}
	}
	if rapid.IntRange(0, 19).Draw(t, "anybody") == 0 {
		by = everyone
	}
	return rapid.SampledFrom(by).Draw(t, "by"), cmd
}

// drawHall gives an actor and a command for a Ruang Bersama.
func drawHall(t *rapid.T) (Actor, Command) {
	entry := rapid.SampledFrom([]string{"entry-01", "entry-02", "entry-03", "entry-04", "entry-05", "x"})
	hall := HallID(rapid.SampledFrom([]string{"h1", "h1", "h2", "h9"}).Draw(t, "hall"))
	at := testEvent().StartsAt.UnixMilli() + rapid.Int64Range(-1000, 600_000).Draw(t, "at")
	out := rapid.Bool().Draw(t, "out")
	by := rapid.SampledFrom([]Actor{pic, pic, picPhone, otherPIC}).Draw(t, "pic")
	switch rapid.IntRange(0, 7).Draw(t, "hall command") {
	case 0, 1:
		return by, OpenHall{entry.Draw(t, "entry"), rapid.SampledFrom([]string{"Aula", "Ruang rapat", ""}).Draw(t, "name"), ""}
	case 2:
		return by, CloseHall{hall}
	case 3:
		return by, ReopenHall{hall}
	case 4:
		return by, StrikeMark{entry.Draw(t, "entry"), rapid.SampledFrom([]string{"Salah orang", ""}).Draw(t, "reason")}
	case 5, 6:
		return by, MarkHall{
			Entry: entry.Draw(t, "entry"), Hall: hall, Person: rapid.SampledFrom([]PersonID{"p-sri", "p-budi", ""}).Draw(t, "person"), Out: out, At: at,
			How: rapid.SampledFrom([]string{"list", "card", "paper", "x"}).Draw(t, "how"), Reason: "Tanpa ponsel",
			File: rapid.SampledFrom([]string{"", sheetHash}).Draw(t, "file"),
		}
	}
	return rapid.SampledFrom([]Actor{sri, budi}).Draw(t, "who"), ScanHall{Entry: entry.Draw(t, "entry"), Hall: hall, Out: out, At: at, How: "qr"}
}

// drawChat gives a command of the chat, the captions or the notes.
func drawChat(t *rapid.T) (Actor, Command) {
	id := rapid.SampledFrom([]MessageID{"m1", "m2", "m3", "m9", "m0", ""}).Draw(t, "message")
	by := rapid.SampledFrom([]Actor{sri, sriPhone, budi, guest, moderator}).Draw(t, "who")
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 7:
		return operator, Caption{rapid.IntRange(0, 4).Draw(t, "n"), rapid.SampledFrom([]string{"Selamat pagi", "Baik", ""}).Draw(t, "text")}
	case 8:
		return moderator, PutNote{
			rapid.SampledFrom([]NoteID{"", "", "n1", "n2", "n9"}).Draw(t, "note"), rapid.SampledFrom([]notes.Kind{notes.Remark, notes.Action, "x"}).Draw(t, "kind"),
			"Pembukaan", rapid.SampledFrom([]string{"", "BPSDM"}).Draw(t, "who"), "",
		}
	case 9:
		return moderator, DropNote{rapid.SampledFrom([]NoteID{"n1", "n2", "n9", ""}).Draw(t, "note")}
	case 0:
		return by, Unsay{id}
	case 1:
		return moderator, Promote{id}
	case 2:
		return moderator, SetChat{rapid.IntRange(0, 3).Draw(t, "chat") > 0, rapid.Bool().Draw(t, "reactions")}
	case 3:
		return moderator, Ban{string(id), "Mengganggu"}
	default:
		return by, Say{rapid.SampledFrom([]string{"Halo", "Selamat pagi", "<b>Hai</b>", "", "199003152015031002"}).Draw(t, "text")}
	}
}

// drawPoll gives a command of the polls.
func drawPoll(t *rapid.T) (Actor, Command) {
	id := rapid.SampledFrom([]PollID{"j1", "j1", "j2", "j3", "j0", ""}).Draw(t, "poll")
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0:
		return moderator, MakePoll{rapid.SampledFrom([]poll.Spec{
			{Kind: poll.Single, Text: "Setuju?", Options: []string{"Ya", "Tidak"}, Live: true},
			{Kind: poll.Scale, Text: "Seberapa jelas?", Top: 5, Anonymous: true},
			{Kind: poll.Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: poll.Post},
			{Kind: poll.Text},
		}).Draw(t, "spec")}
	case 1:
		return operator, TurnPoll{id, rapid.SampledFrom([]poll.Status{poll.Open, poll.Open, poll.Closed, poll.Dropped, "x"}).Draw(t, "to")}
	case 2:
		return moderator, ShowPoll{id, rapid.Bool().Draw(t, "on")}
	default:
		return rapid.SampledFrom([]Actor{sri, sriPhone, budi, guest}).Draw(t, "who"), AnswerPoll{id, rapid.SampledFrom([]poll.Answer{
			{Pick: 1}, {Pick: 2}, {Value: 3}, {},
		}).Draw(t, "answer")}
	}
}

// seen is everything that can be seen of a room.
func seen(r *Room) any {
	votes := map[Actor][]QuestionID{}
	for _, a := range everyone {
		votes[a] = r.Supported(a)
	}
	admitted := map[SessionID]string{}
	for _, a := range everyone {
		p, role, ok := r.Admitted(a.Session)
		admitted[a.Session] = fmt.Sprint(p, role, ok)
	}
	return []any{
		r.Event(), r.Rev(), r.EventRev(), r.Phase(), r.LiveSince(), r.Stage(), r.Questions(0), votes, admitted,
		r.Window(time.UnixMilli(1 << 42)), r.Polls(0), r.Hands(), r.Bans(), r.Rundown(), r.Uncounted(time.UnixMilli(1 << 42)), r.notice, r.Captions(0), r.Notes(0),
		r.Messages(0), fmt.Sprint(r.Chat()),
		r.Corrections(), r.Granted(sri.Person), r.judged, r.rules, r.Halls(), r.HallStays(time.UnixMilli(1 << 42)), seenDecks(r),
	}
}

// TestRoomProperties plays any sequence of commands and holds what must always be so.
func TestRoomProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := testEvent()
		r := NewRoom(ev)
		m := &stageModel{auto: true, hall: map[SourceID]bool{}, behind: map[SourceID]bool{}, role: map[SourceID]Role{}}
		now, first, latest := ev.StartsAt, ev.StartsAt, ev.StartsAt
		var facts []Fact
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, 31 * time.Second, 61 * time.Second, -40 * time.Second}).
				Draw(t, "pass"))
			if now.After(latest) {
				latest = now
			}
			if now.Before(first) {
				first = now
			}
			by, cmd := drawCommand(t)
			before, rev := seen(r), r.Rev()
			stage, phase, questions := r.Stage(), r.Phase(), r.Questions(0)
			planned, perr := r.Plan(now, by, cmd)
			if !reflect.DeepEqual(seen(r), before) {
				t.Fatalf("planning %+v changed the room", cmd)
			}
			got, err := r.Apply(now, by, cmd)
			if !reflect.DeepEqual(got, planned) || !reflect.DeepEqual(err, perr) {
				t.Fatalf("%+v: planned %+v, %v; applied %+v, %v", cmd, planned, perr, got, err)
			}
			if err != nil {
				if k := KindOf(err); k == Internal {
					t.Fatalf("%+v by %s: %v", cmd, by.Role, err)
				}
				if len(got) != 0 {
					t.Fatalf("%+v: facts beside %v", cmd, err)
				}
			}
			if len(got) == 0 && !reflect.DeepEqual(seen(r), before) {
				t.Fatalf("%+v changed the room without a fact (%v)", cmd, err)
			}
			for _, f := range got {
				if !May(f.By.Role, cmd.commandName()) {
					t.Fatalf("%s may not %+v", f.By.Role, cmd)
				}
				m.fold(t, f)
			}
			facts = append(facts, got...)
			checkRoom(t, r, facts)
			m.check(t, r)
			// Who looks for what changed finds it.
			after := r.Stage()
			if stage.Rev = after.Rev; !reflect.DeepEqual(after, stage) && after.Rev <= rev {
				t.Fatalf("the stage changed to %+v at an old revision", after)
			}
			if r.Phase() != phase && r.EventRev() <= rev {
				t.Fatalf("the event is %s at an old revision", r.Phase())
			}
			for _, p := range r.Polls(0) {
				was, _ := before.([]any)[10].([]PollView)
				i := p.N - 1
				if (i >= len(was) || p.Status != was[i].Status || p.Shown != was[i].Shown) && p.Rev <= rev {
					t.Fatalf("%+v at an old revision", p)
				}
			}
			for i, q := range r.Questions(0) {
				if (i >= len(questions) || q != questions[i]) && q.Rev <= rev {
					t.Fatalf("%+v at an old revision", q)
				}
			}
		}
		checkJournal(t, r, ev, facts)
		if w := r.Window(latest); w.Length() > latest.Sub(first).Milliseconds() {
			t.Fatalf("live for %d ms within %s", w.Length(), latest.Sub(first))
		}
	})
}

// checkRoom holds what is so in every room.
func checkRoom(t *rapid.T, r *Room, facts []Fact) {
	t.Helper()
	if r.Rev() != int64(len(facts)) {
		t.Fatalf("revision %d after %d facts", r.Rev(), len(facts))
	}
	s := r.Stage()
	if r.Phase() == Ended && (len(s.Sources) != 0 || s.Shown != "" || s.Scene != (Scene{})) {
		t.Fatalf("on the stage of an event that ended: %+v", s)
	}
	checkHands(t, r)
	checkRundown(t, r)
	checkDecks(t, r)
	if s.Shown != "" {
		if q, ok := r.Question(s.Shown); !ok || q.Status != QuestionApproved {
			t.Fatalf("shown: %+v", q)
		}
	}
	votes := map[QuestionID]int{}
	voters := []Actor{sri, budi, guest}
	for _, a := range voters {
		for _, id := range r.Supported(a) {
			votes[id]++
		}
	}
	if !slices.Equal(r.Supported(sri), r.Supported(sriPhone)) {
		t.Fatal("a person's devices vote apart")
	}
	for _, q := range r.Questions(0) {
		if q.Support != votes[q.ID] {
			t.Fatalf("%+v has the votes of %d people", q, votes[q.ID])
		}
		if into, ok := r.Question(q.Into); q.Into != "" && (!ok || into.Status == QuestionMerged) {
			t.Fatalf("%+v leads to %+v", q, into)
		}
		if q.Rev < 1 || q.Rev > r.Rev() {
			t.Fatalf("%+v at revision %d", q, r.Rev())
		}
	}
	w := r.Window(time.UnixMilli(1 << 42))
	for i, x := range w {
		if x.From >= x.To || i > 0 && x.From < w[i-1].To {
			t.Fatalf("live %v", w)
		}
	}
	for i, f := range facts {
		if f.Seq != int64(i+1) || i > 0 && f.At.Before(facts[i-1].At) {
			t.Fatalf("fact %d: %+v", i+1, f)
		}
	}
}

// checkJournal writes the facts down, reads them back and replays them: the room is the same, to the last field. Each
// beginning of the journal is a room, too: a server may die between any two facts.
func checkJournal(t *rapid.T, r *Room, ev Event, facts []Fact) {
	t.Helper()
	var read []Fact
	for _, f := range facts {
		data, err := EncodeFact(f)
		if err != nil {
			t.Fatal(err)
		}
		f, err := DecodeFact(data)
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, f)
	}
	if !reflect.DeepEqual(read, facts) {
		t.Fatal("the journal reads back differently")
	}
	again := NewRoom(ev)
	for i, f := range read {
		if err := again.Fold(f); err != nil {
			t.Fatal(err)
		}
		s := again.Stage()
		for _, id := range []SourceID{s.Scene.Main, s.Scene.Second, s.Scene.Interpreter} {
			if id != "" && !slices.ContainsFunc(s.Sources, func(x Source) bool { return x.ID == id }) {
				t.Fatalf("after fact %d the scene shows %q, which is not on the stage", i+1, id)
			}
		}
	}
	if !reflect.DeepEqual(again, r) || !reflect.DeepEqual(seen(again), seen(r)) {
		t.Fatalf("replayed:\n%+v\nwas:\n%+v", seen(again), seen(r))
	}
}

// stageModel follows the facts of the stage and knows the room's own rule in other words.
type stageModel struct {
	sources []Source
	hall    map[SourceID]bool // of an invited participant
	behind  map[SourceID]bool
	role    map[SourceID]Role
	cue     Cue // the present one
	back    Cue
	auto    bool
	scene   Scene
}

func (m *stageModel) fold(t *rapid.T, f Fact) {
	switch b := f.Body.(type) {
	case StageEntered:
		m.sources = append(m.sources, b.Source)
		m.behind[b.Source.ID] = b.Behind
		m.role[b.Source.ID] = f.By.Role
		m.hall[b.Source.ID] = f.By.Role == RoleParticipant || f.By.Role == RoleGuest
	case StageLeft:
		m.sources = slices.DeleteFunc(m.sources, func(s Source) bool { return s.ID == b.Source })
		for _, slot := range []*SourceID{&m.scene.Main, &m.scene.Second, &m.scene.Interpreter} {
			if *slot == b.Source {
				*slot = ""
			}
		}
	case Placed:
		if m.behind[b.Source] == b.Behind {
			t.Fatalf("%+v was there already", b)
		}
		m.behind[b.Source] = b.Behind
		for _, slot := range []*SourceID{&m.scene.Main, &m.scene.Second, &m.scene.Interpreter} {
			if *slot == b.Source {
				*slot = ""
			}
		}
	case SceneSet:
		m.scene, m.auto = b.Scene, b.Auto
	case CueStarted:
		m.back, m.cue = m.cue, b.Cue
	case CueUndone:
		m.cue = m.back
	}
}

func (m *stageModel) check(t *rapid.T, r *Room) {
	t.Helper()
	s := r.Stage()
	if !slices.Equal(s.Sources, m.sources) || s.Scene != m.scene || s.Auto != m.auto {
		t.Fatalf("stage %+v, the model says %+v", s, m)
	}
	used := map[SourceID]int{s.Scene.Main: 1}
	used[s.Scene.Second]++
	used[s.Scene.Interpreter]++
	for id, n := range used {
		if id != "" && (n > 1 || m.behind[id]) {
			t.Fatalf("%q fills %d slots, behind: %t", id, n, m.behind[id])
		}
	}
	if !s.Auto {
		return
	}
	// What the cue names first comes first; of equals the latest.
	better := func(x, than Source) bool {
		rank := func(s Source) int {
			for i, role := range strings.Split(m.cue.Cast, ",") {
				if role == string(m.role[s.ID]) {
					return i
				}
			}
			return 99
		}
		return than.ID == "" || rank(x) <= rank(than)
	}
	var camera, screen, signs, called Source
	for _, x := range m.sources {
		if s.Behind[x.ID] != m.behind[x.ID] {
			t.Fatalf("%q behind: %t", x.ID, s.Behind[x.ID])
		}
		if m.behind[x.ID] {
			continue
		}
		switch {
		case x.Kind == Camera && m.hall[x.ID] && better(x, called):
			called = x
		case x.Kind == Camera && !m.hall[x.ID] && better(x, camera):
			camera = x
		case x.Kind == Screen && better(x, screen):
			screen = x
		case x.Kind == Interpreter && better(x, signs):
			signs = x
		}
	}
	want := Scene{Main: camera.ID, Second: called.ID, Interpreter: signs.ID, Layout: m.scene.Layout}
	switch {
	case screen.ID != "":
		want.Main = screen.ID
		for _, x := range m.sources {
			if x.Kind == Camera && x.Owner == screen.Owner && !m.behind[x.ID] && called.ID == "" {
				want.Second = x.ID
			}
		}
		if want.Second == "" {
			want.Second = camera.ID
		}
	case camera.ID == "":
		want.Main, want.Second = called.ID, ""
	}
	if s.Scene != want {
		t.Fatalf("scene %+v, the rule says %+v of %+v", s.Scene, want, m.sources)
	}
}

// fullRoom has n questions, all approved, each with some votes of n voters.
func fullRoom(b *testing.B, n int) *hall {
	h := newHall(b)
	h.do(operator, SetPhase{Live})
	for i := range n {
		by := Actor{Role: RoleParticipant, Person: PersonID(fmt.Sprint("asker-", i)), Session: "s"}
		h.do(by, Ask{"Kapan pelatihan gelombang kedua?"})
		h.do(moderator, Approve{questionID(i + 1)})
	}
	for i := range n {
		by := Actor{Role: RoleParticipant, Person: PersonID(fmt.Sprint("voter-", i)), Session: "s"}
		h.do(by, Support{questionID(i%10 + 1), true})
	}
	return h
}

// BenchmarkApply is one vote and the look at what it changed, in rooms of different sizes: it must not grow with them.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := fullRoom(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.wait(10 * time.Second)
				rev := h.room.Rev()
				if _, err := h.room.Apply(h.now, sri, Support{questionID(i/2%n + 1), i%2 == 0}); err != nil {
					b.Fatal(err)
				}
				if got := h.room.Questions(rev); len(got) != 1 {
					b.Fatal(len(got))
				}
			}
		})
	}
}

// BenchmarkReplay is the restart of a server in an event of 30,001 facts.
func BenchmarkReplay(b *testing.B) {
	h := fullRoom(b, 10_000)
	for b.Loop() {
		if _, err := Replay(h.room.Event(), h.facts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(h.facts)), "ns/fact")
}
