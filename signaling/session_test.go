package signaling

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling/wire"

	"pgregory.net/rapid"
)

func message(t string, id uint32, d any) received {
	data, err := wire.Encode(t, id, d)
	if err != nil {
		panic(err)
	}
	return received{data: data}
}

var start = time.Date(2026, 9, 24, 2, 0, 0, 0, time.UTC)

// opened is a session that was welcomed in a role.
func opened(role classroom.Role) *Session {
	s := newSession(start)
	s.Step(nil, start, message("hello", 1, wire.Hello{V: wire.Version, Event: "e", Token: "x"}))
	s.Step(nil, start, welcomed{classroom.Lecture, role})
	return s
}

func TestSessionHelloComesFirst(t *testing.T) {
	hello := wire.Hello{V: wire.Version, Event: "e", Token: "x"}
	for name, tc := range map[string]struct {
		ev   sessionEvent
		at   time.Duration
		want effect
	}{
		"another message": {message("ask", 1, wire.Ask{Text: "a"}), 0, doGoodbye{"protocol", "hello_expected", false}},
		"ping":            {message("ping", 1, nil), 0, doGoodbye{"protocol", "hello_expected", false}},
		"binary":          {received{data: []byte("{}"), binary: true}, 0, doGoodbye{"protocol", "message_malformed", false}},
		"noise":           {received{data: []byte("GET /")}, 0, doGoodbye{"protocol", "message_malformed", false}},
		"bad hello":       {message("hello", 1, wire.Hello{V: 1}), 0, doGoodbye{"protocol", "message_malformed", false}},
		"old version":     {message("hello", 1, wire.Hello{V: 0, Event: "e", Token: "x"}), 0, doGoodbye{"protocol", "version_unknown", false}},
		"nothing":         {timeUp{}, helloWait, doGoodbye{"protocol", "hello_late", true}},
		"nothing yet":     {timeUp{}, helloWait - 1, nil},
		"hello":           {message("hello", 7, hello), 0, doHello{7, wire.Hello{V: wire.Version, Event: "e", Token: "x", Lang: "id"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(start)
			got := s.Step(nil, start.Add(tc.at), tc.ev)
			if tc.want == nil && len(got) == 0 {
				return
			}
			if len(got) != 1 || got[0] != tc.want {
				t.Errorf("effects %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestSessionTurnsAway(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want doGoodbye
	}{
		"expired": {classroom.Refuse(classroom.NotAllowed, "token_expired"), doGoodbye{"revoked", "token_expired", false}},
		"unknown": {classroom.Refuse(classroom.NotFound, "event_unknown"), doGoodbye{"protocol", "event_unknown", false}},
		"busy":    {classroom.Refuse(classroom.TooMany, "busy"), doGoodbye{"restart", "busy", true}},
		"trouble": {errors.New("disk"), doGoodbye{"restart", "internal", true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(start)
			s.Step(nil, start, message("hello", 3, wire.Hello{V: wire.Version, Event: "e", Token: "x"}))
			got := s.Step(nil, start, refused{3, tc.err})
			if len(got) != 2 || got[0] != (doRefuse{3, tc.err}) || got[1] != tc.want {
				t.Errorf("effects %+v, want a refusal and %+v", got, tc.want)
			}
			if got := s.Step(nil, start, message("ping", 4, nil)); len(got) != 0 {
				t.Errorf("after goodbye: %+v", got)
			}
		})
	}
}

func TestSessionChecksTheRole(t *testing.T) {
	offer := "v=0\r\n"
	messages := map[string]any{
		"ask": wire.Ask{Text: "a"}, "support": wire.Support{Question: "q1"}, "approve": wire.Approve{Question: "q1"},
		"merge": wire.Merge{Question: "q1", Into: "q2"}, "reject": wire.Reject{Question: "q1", Reason: "r"},
		"show": wire.Show{}, "answer": wire.Answer{Question: "q1"}, "phase": wire.SetPhase{To: "live"}, "scene": wire.SetScene{},
		"watch": wire.Watch{SDP: offer}, "publish": wire.Publish{Kind: "camera", SDP: offer},
		"unpublish": wire.Unpublish{Source: "p1"}, "playing": wire.Playing{}, "here": wire.Here{}, "quality": wire.Quality{Pin: "save"}, "ping": nil,
		"place": wire.Place{Source: "p1"}, "gate": wire.Gate{}, "look": wire.Look{},
		"cueput": wire.CuePut{Title: "Doa"}, "cuemove": wire.CueMove{Cue: "c1"}, "cuedrop": wire.CueDrop{Cue: "c1"},
		"cue": wire.StartCue{Cue: "c1"}, "cueback": wire.CueBack{Cue: "c1"}, "announce": wire.Announce{},
		"hand": wire.Hand{On: true}, "invite": wire.Invite{Hand: "h1"}, "lower": wire.Lower{Hand: "h1"},
		"hold": wire.Hold{Source: "p1"}, "ban": wire.Ban{Target: "h1", Reason: "r"}, "unban": wire.Unban{Ban: "b1"},
		"poll.make": wire.MakePoll{Kind: "text", Text: "?"}, "poll.turn": wire.TurnPoll{Poll: "j1", To: "open"},
		"chat": wire.Chat{Text: "a"}, "chat.remove": wire.ChatRemove{Message: "m1"}, "chat.promote": wire.ChatPromote{Message: "m1"},
		"chat.set": wire.ChatSet{}, "caption": wire.Caption{Text: "a"}, "note.put": wire.NotePut{Kind: "note", Text: "a"}, "note.drop": wire.NoteDrop{Note: "n1"}, "react": wire.React{Kind: "clap"},
		"poll.show": wire.ShowPoll{Poll: "j1"}, "poll.answer": wire.AnswerPoll{Poll: "j1", Value: 1},
		"backup": wire.SetBackup{Owner: "l"}, "backup.rule": wire.SetTakeover{After: 5}, "backup.over": wire.TakeOver{},
		"page": wire.ShowPage{}, "deck.share": wire.ShareDeck{Deck: "d1"}, "ink": wire.Draw{Deck: "d1", Page: 1, Do: "undo"}, "point": wire.Point{},
		"class.rules": wire.SetClass{}, "class.grant": wire.GrantShare{Seat: "s1"}, "class.quiet": wire.Quiet{}, "class.call": wire.CallOn{Source: "p1"},
		"class.speak": wire.Speak{}, "gaze": wire.Gaze{}, "class.mic": wire.Mic{}, "rooms.make": wire.MakeRooms{Count: 2, Way: "even"}, "rooms.put": wire.PutInRoom{Seat: "s1"},
		"rooms.open": wire.OpenRooms{}, "rooms.close": wire.CloseRooms{}, "rooms.go": wire.GoToRoom{}, "rooms.help": wire.CallHelp{},
	}
	for _, k := range wire.Client {
		if _, ok := messages[k.T]; !ok && k.T != "hello" {
			t.Errorf("%s is not tried", k.T)
		}
	}
	for _, role := range classroom.Roles() {
		for name, body := range messages {
			got := opened(role).Step(nil, start, message(name, 9, body))
			if len(got) != 1 {
				t.Fatalf("%s %s: effects %+v", role, name, got)
			}
			r, is := got[0].(doRefuse)
			if may := classroom.May(role, name); is == may {
				t.Errorf("%s may %s: %v, effect %+v", role, name, may, got[0])
			}
			if is && (r.id != 9 || classroom.KindOf(r.err) != classroom.NotAllowed) {
				t.Errorf("%s %s: refused with %+v", role, name, r)
			}
		}
	}
}

func TestSessionRates(t *testing.T) {
	s := opened(classroom.RoleParticipant) // hello took one
	passed := 0
	for i := range messageBurst + 5 {
		got := s.Step(nil, start, message("ping", uint32(i+1), nil))
		if _, ok := got[0].(doPong); ok {
			passed++
		} else if r := got[0].(doRefuse); r.id != uint32(i+1) || classroom.KindOf(r.err) != classroom.TooMany {
			t.Fatalf("refused with %+v", r)
		}
	}
	if passed != messageBurst-1 {
		t.Errorf("%d passed at once, want %d", passed, messageBurst-1)
	}
	if got := s.Step(nil, start.Add(time.Second/messageRate), message("ping", 1, nil)); got[0] != (doPong{1}) {
		t.Errorf("after a while: %+v", got)
	}
	var last []effect
	for range patience {
		last = s.Step(nil, start.Add(time.Second/messageRate), message("ping", 1, nil))
	}
	if last[0] != (doGoodbye{"protocol", "message_rate", false}) {
		t.Errorf("a flood ends in %+v", last)
	}

	s = opened(classroom.RoleParticipant)
	offers := 0
	for range offerBurst + 3 {
		if _, ok := s.Step(nil, start, message("watch", 1, wire.Watch{SDP: "v=0\r\n"}))[0].(doWatch); ok {
			offers++
		}
	}
	if offers != offerBurst {
		t.Errorf("%d offers at once, want %d", offers, offerBurst)
	}
}

// TestSessionProperties: whatever comes in whatever order, a hello is acted on once, nothing is done before the
// welcome or after goodbye, every message with an id is answered by one effect that carries it, and no more than the
// rate passes.
func TestSessionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSession(start)
		now := start
		hellos, byes, done := 0, 0, 0
		welcome := false
		roles := rapid.SampledFrom(classroom.Roles())
		role := roles.Draw(t, "role")
		for i := range rapid.IntRange(1, 120).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(300*time.Millisecond)).Draw(t, "wait")))
			id := uint32(i + 1)
			var ev sessionEvent
			isMessage := true
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				ev = message("hello", id, wire.Hello{V: rapid.IntRange(0, 1).Draw(t, "v"), Event: "e", Token: "x"})
			case 1:
				ev, isMessage = timeUp{}, false
			case 2:
				raw := rapid.SliceOf(rapid.Byte()).Draw(t, "raw")
				ev, isMessage = received{data: raw, binary: rapid.Bool().Draw(t, "binary")}, false
			case 3:
				ev = received{data: fmt.Appendf(nil, `{"t":"kick","id":%d}`, id)}
			default:
				k := rapid.SampledFrom(wire.Client[1:]).Draw(t, "kind")
				ev = message(k.T, id, k.Body)
			}
			effects := s.Step(nil, now, ev)
			if byes > 0 && len(effects) > 0 {
				t.Fatalf("after goodbye: %+v", effects)
			}
			if isMessage && byes == 0 && len(effects) != 1 {
				t.Fatalf("%d effects of one message: %+v", len(effects), effects)
			}
			for _, e := range effects {
				switch e := e.(type) {
				case doGoodbye:
					byes++
				case doHello:
					hellos++
					if rapid.Bool().Draw(t, "refuse") {
						after := s.Step(nil, now, refused{e.id, classroom.Refuse(classroom.NotAllowed, "token_invalid")})
						if len(after) != 2 {
							t.Fatalf("refused: %+v", after)
						}
						byes++
					} else {
						s.Step(nil, now, welcomed{classroom.Lecture, role})
						welcome = true
					}
				case doRefuse:
					if isMessage && e.id != id {
						t.Fatalf("message %d answered as %d", id, e.id)
					}
				default:
					done++
					if !welcome {
						t.Fatalf("%+v before the welcome", e)
					}
				}
			}
			if max := messageBurst + messageRate*now.Sub(start).Seconds(); float64(done) > max {
				t.Fatalf("%d messages acted on in %v", done, now.Sub(start))
			}
		}
		if hellos > 1 || byes > 1 {
			t.Fatalf("%d hellos, %d goodbyes", hellos, byes)
		}
	})
}

func FuzzSession(f *testing.F) {
	f.Add(`{"t":"hello","d":{"v":1,"event":"e","token":"x"}}`, `{"t":"ask","id":2,"d":{"text":"a"}}`, uint16(10))
	f.Add(`{"t":"ping"}`, ``, uint16(0))
	f.Add(`{"t":"hello","d":{"v":1,"event":"e","token":"x"}}`, `{"t":"hello","d":{"v":1,"event":"e","token":"x"}}`, uint16(60000))
	f.Fuzz(func(t *testing.T, first, second string, ms uint16) {
		s := newSession(start)
		now := start
		for _, data := range []string{first, second} {
			for _, e := range s.Step(nil, now, received{data: []byte(data)}) {
				if _, ok := e.(doHello); ok {
					s.Step(nil, now, welcomed{classroom.Lecture, classroom.RoleOperator})
				}
				if c, ok := e.(doCommand); ok && c.cmd == nil {
					t.Fatal("an empty command")
				}
			}
			now = now.Add(time.Duration(ms) * time.Millisecond)
			s.Step(nil, now, timeUp{})
		}
	})
}

// TestCommandsKeepTheirFields: nothing of a message is lost on its way into a command.
func TestCommandsKeepTheirFields(t *testing.T) {
	for in, want := range map[string]classroom.Command{
		`{"t":"merge","d":{"question":"q1","into":"q2"}}`:                           classroom.Merge{Question: "q1", Into: "q2"},
		`{"t":"answer","d":{"question":"q1","text":"ya"}}`:                          classroom.Answer{Question: "q1", Text: "ya"},
		`{"t":"support","d":{"question":"q1","on":true}}`:                           classroom.Support{Question: "q1", On: true},
		`{"t":"reject","d":{"question":"q1","reason":"x"}}`:                         classroom.Reject{Question: "q1", Reason: "x"},
		`{"t":"scene","d":{"main":"a","second":"b","interpreter":"c","auto":true}}`: classroom.SetScene{Auto: true, Scene: classroom.Scene{Main: "a", Second: "b", Interpreter: "c"}},
		`{"t":"phase","d":{"to":"paused"}}`:                                         classroom.SetPhase{To: classroom.Paused},
		`{"t":"ask","d":{"text":"apa?"}}`:                                           classroom.Ask{Text: "apa?"},
		`{"t":"approve","d":{"question":"q3"}}`:                                     classroom.Approve{Question: "q3"},
		`{"t":"show","d":{"question":"q3"}}`:                                        classroom.Show{Question: "q3"},
	} {
		m, err := wire.Decode([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := command(m.Body); got != want {
			t.Errorf("%s became %+v, want %+v", in, got, want)
		}
	}
	if !json.Valid(message("ping", 0, nil).data) {
		t.Error("ping is no JSON")
	}
}
