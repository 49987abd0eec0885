package signaling

import (
	"errors"
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

// The limits of one socket.
const (
	helloWait    = 10 * time.Second // until the first message
	messageBurst = 30               // messages at once, then messageRate a second
	messageRate  = 10
	offerBurst   = 6 // SDP offers at once, then offerRate a second: each costs the server milliseconds
	offerRate    = 0.5
	gestureBurst = 5 // reactions at once, then gestureRate a second
	gestureRate  = 0.5
	patience     = 200 // messages refused in a row for their rate before the socket is closed
	shortMessage = 2 << 10
)

// Session is one socket's state machine: hello first, then messages, each checked against the rate, the decoder and
// the policy table. It is pure; a conn owns it and performs its effects. It never looks at the room.
type Session struct {
	state  sessionState
	opened time.Time
	kind   classroom.EventKind
	role   classroom.Role
	lang   string

	messages bucket
	offers   bucket
	gestures bucket
	refused  int // messages in a row refused for their rate
}

type sessionState uint8

const (
	waiting sessionState = iota // for hello
	joining                     // hello came and is being looked at
	open
	over // goodbye was decided; nothing more happens
)

// sessionEvent is what can happen to a socket.
type sessionEvent interface{ sessionEvent() }

type (
	// received is one websocket message.
	received struct {
		data   []byte
		binary bool
	}
	// welcomed tells that the hub took the hello.
	welcomed struct {
		kind classroom.EventKind // of the event
		role classroom.Role
	}
	// refused tells that the hello was refused.
	refused struct {
		id  uint32
		err error
	}
	// sentOn tells that the hello was answered with goodbye: another node serves the client better.
	sentOn struct{}
	// timeUp comes at the time Next named, or later.
	timeUp struct{}
)

func (received) sessionEvent() {}
func (welcomed) sessionEvent() {}
func (refused) sessionEvent()  {}
func (sentOn) sessionEvent()   {}
func (timeUp) sessionEvent()   {}

// effect is what the machine wants done.
type effect interface{ effect() }

type (
	// doHello: check the token and join the hub, then step with welcomed or refused.
	doHello struct {
		id    uint32
		hello wire.Hello
	}
	// doCommand: give cmd to the hub; answer id with ack or error.
	doCommand struct {
		id  uint32
		cmd classroom.Command
	}
	// doWatch, doPublish: give the offer to the media engine; answer id.
	doWatch struct {
		id  uint32
		sdp string
	}
	doPublish struct {
		id   uint32
		kind classroom.SourceKind
		sdp  string

		behind bool
	}
	// doLook: choose what the member's monitor shows; answer id.
	doLook struct {
		id     uint32
		behind bool
	}
	// doUnpublish: end a source; answer id.
	doUnpublish struct {
		id     uint32
		source classroom.SourceID
	}
	// doPlaying: note what the device decoded. Answer id, if any, with ack.
	doPlaying struct {
		id      uint32
		playing wire.Playing
	}
	// doHere: take in the answer to a check, answer id.
	doHere struct {
		id    uint32
		check int
	}
	// doQuality: note what picture the device wants at most, answer id.
	doQuality struct {
		id  uint32
		pin string
	}
	// doReact: count a reaction in, answer id.
	doReact struct {
		id   uint32
		kind string
	}
	// doDraw: draw on a page; doPoint: move the pointer. Answer id, if any, with ack.
	doDraw struct {
		id   uint32
		draw wire.Draw
	}
	doPoint struct {
		id    uint32
		point wire.Point
	}
	// doMic: note what a device says of its own microphone; answer id.
	doMic struct {
		id uint32
		on bool
	}
	// doGaze: note which faces the device looks at; answer id.
	doGaze struct {
		id      uint32
		sources string
		small   bool
	}
	// doPong: answer a ping.
	doPong struct{ id uint32 }
	// doRefuse: answer id with an error.
	doRefuse struct {
		id  uint32
		err error
	}
	// doGoodbye ends the socket. code names its sentence; "" for that of the reason. With again the client comes
	// back after a while.
	doGoodbye struct {
		reason string
		code   string
		again  bool
	}
)

func (doHello) effect()     {}
func (doCommand) effect()   {}
func (doWatch) effect()     {}
func (doPublish) effect()   {}
func (doLook) effect()      {}
func (doUnpublish) effect() {}
func (doPlaying) effect()   {}
func (doHere) effect()      {}
func (doQuality) effect()   {}
func (doReact) effect()     {}
func (doDraw) effect()      {}
func (doPoint) effect()     {}
func (doMic) effect()       {}
func (doGaze) effect()      {}
func (doPong) effect()      {}
func (doRefuse) effect()    {}
func (doGoodbye) effect()   {}

// newSession makes the machine of a socket that opened now.
func newSession(now time.Time) *Session {
	return &Session{
		opened: now, lang: "id",
		messages: newBucket(messageBurst, messageRate, now),
		offers:   newBucket(offerBurst, offerRate, now),
		gestures: newBucket(gestureBurst, gestureRate, now),
	}
}

// Next tells when the machine wants timeUp, if at all.
func (s *Session) Next() (time.Time, bool) {
	return s.opened.Add(helloWait), s.state == waiting
}

// Step takes one event and appends what is to be done, in order.
func (s *Session) Step(dst []effect, now time.Time, ev sessionEvent) []effect {
	switch ev := ev.(type) {
	case received:
		return s.receive(dst, now, ev)
	case welcomed:
		if s.state == joining {
			s.state = open
			s.kind, s.role = ev.kind, ev.role
		}
	case refused:
		if s.state == joining {
			return s.turnAway(dst, ev)
		}
	case sentOn:
		s.state = over
	case timeUp:
		if at, due := s.Next(); due && !now.Before(at) {
			return s.bye(dst, doGoodbye{reason: "protocol", code: "hello_late", again: true})
		}
	}
	return dst
}

func (s *Session) receive(dst []effect, now time.Time, ev received) []effect {
	if s.state == over {
		return dst
	}
	if ev.binary {
		return s.bye(dst, doGoodbye{reason: "protocol", code: "message_malformed"})
	}
	if !s.messages.take(now) {
		return s.tooFast(dst, ev.data)
	}
	s.refused = 0
	m, err := wire.Decode(ev.data)
	if err != nil {
		return s.undecoded(dst, err)
	}
	if hello, ok := m.Body.(*wire.Hello); ok {
		return s.hello(dst, m.ID, hello)
	}
	switch s.state {
	case waiting:
		return s.bye(dst, doGoodbye{reason: "protocol", code: "hello_expected"})
	case joining:
		// conn steps welcomed before it reads on, so only a conn with a bug comes here.
		return append(dst, doRefuse{m.ID, classroom.Refuse(classroom.Conflict, "hello_expected")})
	}
	if !classroom.MayIn(s.kind, s.role, m.T) {
		return append(dst, doRefuse{m.ID, classroom.Refuse(classroom.NotAllowed, "not_allowed")})
	}
	return s.perform(dst, now, m)
}

// tooFast refuses a message for its rate. Only a short one is read for its id: that is what people's own messages
// are, and reading long ones would be the work the limit spares.
func (s *Session) tooFast(dst []effect, data []byte) []effect {
	s.refused++
	if s.refused >= patience {
		return s.bye(dst, doGoodbye{reason: "protocol", code: "message_rate"})
	}
	var id uint32
	if len(data) <= shortMessage {
		m, err := wire.Decode(data)
		id = m.ID
		if e, ok := errors.AsType[*wire.DecodeError](err); ok {
			id = e.ID
		}
	}
	return append(dst, doRefuse{id, classroom.Refuse(classroom.TooMany, "message_rate")})
}

func (s *Session) undecoded(dst []effect, err error) []effect {
	e, ok := errors.AsType[*wire.DecodeError](err)
	if !ok || e.Fatal || s.state == waiting {
		code := "message_malformed"
		if ok {
			code = e.Code
		}
		return s.bye(dst, doGoodbye{reason: "protocol", code: code})
	}
	return append(dst, doRefuse{e.ID, &classroom.Error{Kind: classroom.Invalid, Code: e.Code, Err: e.Err}})
}

func (s *Session) hello(dst []effect, id uint32, hello *wire.Hello) []effect {
	if s.state != waiting {
		return append(dst, doRefuse{id, classroom.Refuse(classroom.Conflict, "hello_repeated")})
	}
	s.lang = hello.Lang
	if hello.V != wire.Version {
		return s.bye(dst, doGoodbye{reason: "protocol", code: "version_unknown"})
	}
	s.state = joining
	return append(dst, doHello{id, *hello})
}

// turnAway ends a socket whose hello was refused. What may pass by itself is worth another try.
func (s *Session) turnAway(dst []effect, ev refused) []effect {
	dst = append(dst, doRefuse(ev))
	bye := doGoodbye{reason: "protocol", code: "internal"}
	if e, ok := errors.AsType[*classroom.Error](ev.err); ok {
		bye.code = e.Code
	}
	switch {
	case classroom.Passing(ev.err):
		bye.reason, bye.again = "restart", true
	case classroom.KindOf(ev.err) == classroom.NotAllowed:
		bye.reason = "revoked"
	}
	return s.bye(dst, bye)
}

func (s *Session) bye(dst []effect, g doGoodbye) []effect {
	s.state = over
	return append(dst, g)
}

// perform turns a decoded and allowed message into an effect.
func (s *Session) perform(dst []effect, now time.Time, m wire.Message) []effect {
	if cmd := command(m.Body); cmd != nil {
		return append(dst, doCommand{m.ID, cmd})
	}
	switch b := m.Body.(type) {
	case *wire.Watch:
		if !s.offers.take(now) {
			return append(dst, doRefuse{m.ID, classroom.Refuse(classroom.TooMany, "message_rate")})
		}
		return append(dst, doWatch{m.ID, b.SDP})
	case *wire.Publish:
		if !s.offers.take(now) {
			return append(dst, doRefuse{m.ID, classroom.Refuse(classroom.TooMany, "message_rate")})
		}
		return append(dst, doPublish{m.ID, classroom.SourceKind(b.Kind), b.SDP, b.Behind})
	case *wire.Look:
		return append(dst, doLook{m.ID, b.Behind})
	case *wire.Unpublish:
		return append(dst, doUnpublish{m.ID, classroom.SourceID(b.Source)})
	case *wire.Playing:
		return append(dst, doPlaying{m.ID, *b})
	case *wire.Here:
		return append(dst, doHere{m.ID, b.Check})
	case *wire.React:
		if !s.gestures.take(now) {
			return append(dst, doRefuse{m.ID, classroom.Refuse(classroom.TooMany, "reaction_rate")})
		}
		return append(dst, doReact{m.ID, b.Kind})
	case *wire.Mic:
		return append(dst, doMic{m.ID, b.On})
	case *wire.Gaze:
		return append(dst, doGaze{m.ID, b.Sources, b.Small})
	case *wire.Quality:
		return append(dst, doQuality{m.ID, b.Pin})
	case *wire.Draw:
		return append(dst, doDraw{m.ID, *b})
	case *wire.Point:
		return append(dst, doPoint{m.ID, *b})
	}
	return append(dst, doPong{m.ID}) // ping is the only message without a body
}

// command translates the messages that are commands of the room; nil for the others.
func command(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.Ask:
		return classroom.Ask{Text: b.Text}
	case *wire.Support:
		return classroom.Support{Question: classroom.QuestionID(b.Question), On: b.On}
	case *wire.Approve:
		return classroom.Approve{Question: classroom.QuestionID(b.Question)}
	case *wire.Merge:
		return classroom.Merge{Question: classroom.QuestionID(b.Question), Into: classroom.QuestionID(b.Into)}
	case *wire.Reject:
		return classroom.Reject{Question: classroom.QuestionID(b.Question), Reason: b.Reason}
	case *wire.Show:
		return classroom.Show{Question: classroom.QuestionID(b.Question)}
	case *wire.Answer:
		return classroom.Answer{Question: classroom.QuestionID(b.Question), Text: b.Text}
	case *wire.Hand:
		if b.On {
			return classroom.RaiseHand{}
		}
		return classroom.LowerHand{}
	case *wire.Invite:
		return classroom.Invite{Hand: classroom.HandID(b.Hand)}
	case *wire.Lower:
		return classroom.LowerHand{Hand: classroom.HandID(b.Hand)}
	case *wire.Hold:
		return classroom.HoldSource{
			Source: classroom.SourceID(b.Source), Held: classroom.Held{Sound: b.Sound, Picture: b.Picture},
		}
	case *wire.Place:
		return classroom.Place{Source: classroom.SourceID(b.Source), Behind: b.Behind}
	case *wire.Gate:
		return classroom.SetGate{Closed: b.Closed}
	case *wire.Ban:
		return classroom.Ban{Target: b.Target, Reason: b.Reason}
	case *wire.Unban:
		return classroom.Unban{Ban: classroom.BanID(b.Ban)}
	case *wire.SetPhase:
		return classroom.SetPhase{To: classroom.Phase(b.To)}
	case *wire.CuePut, *wire.CueMove, *wire.CueDrop, *wire.StartCue, *wire.CueBack, *wire.Announce:
		return rundownCommand(body)
	case *wire.SetBackup:
		return classroom.SetBackup{Owner: b.Owner, On: b.On}
	case *wire.SetTakeover:
		return classroom.SetTakeover{Auto: b.Auto, After: b.After}
	case *wire.TakeOver:
		return classroom.TakeOver{On: b.On}
	case *wire.Chat, *wire.ChatRemove, *wire.ChatPromote, *wire.ChatSet:
		return chatCommand(body)
	case *wire.ShowPage:
		return classroom.ShowPage{Deck: classroom.DeckID(b.Deck), Page: b.Page}
	case *wire.ShareDeck:
		return classroom.ShareDeck{Deck: classroom.DeckID(b.Deck), On: b.On}
	case *wire.Caption, *wire.NotePut, *wire.NoteDrop:
		return recordCommand(body)
	case *wire.SetScene:
		return classroom.SetScene{Auto: b.Auto, Seen: b.Seen, Scene: classroom.Scene{
			Main: classroom.SourceID(b.Main), Second: classroom.SourceID(b.Second), Interpreter: classroom.SourceID(b.Interpreter),
			Layout: classroom.Layout(b.Layout),
		}}
	}
	if cmd := classCommand(body); cmd != nil {
		return cmd
	}
	return pollCommand(body)
}

// bucket is a token bucket: burst at once, then rate a second. A clock that steps back gives nothing and takes
// nothing.
type bucket struct {
	burst, rate, level float64
	at                 time.Time
}

func newBucket(burst, rate float64, now time.Time) bucket {
	return bucket{burst: burst, rate: rate, level: burst, at: now}
}

func (b *bucket) take(now time.Time) bool {
	if passed := now.Sub(b.at); passed > 0 {
		b.level = min(b.burst, b.level+passed.Seconds()*b.rate)
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
