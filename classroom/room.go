package classroom

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"betang/classroom/attend"
	"betang/classroom/caption"
	"betang/classroom/chat"
	"betang/classroom/correction"
	"betang/classroom/notes"
	"betang/classroom/poll"
	"betang/classroom/qa"
)

// Room is everything that happens in one event: its phase, its stage and its questions. It is pure: it is the fold
// of its facts, and replaying them gives the same room. Not safe for concurrent use; one hub owns it.
//
// Every entity (the event, the stage, each question) carries the sequence number of the fact that changed it last.
// What changed since revision n is every entity whose own is over n, so resuming needs no history.
type Room struct {
	event Event
	rev   int64
	at    time.Time // of the last fact

	phase     Phase
	eventRev  int64
	liveSince time.Time // first time live
	liveFrom  int64     // of the running live interval, Unix ms
	window    attend.Window

	stage    stage
	hands    hands
	bans     bans
	rundown  rundown
	notice   notice
	board    *qa.Board
	askers   map[int]Actor         // who asked question n: the board knows only keys
	sessions map[SessionID]visitor // who was admitted
	checks   map[PersonID]CheckTally
	polls    poll.Board
	chat     *chat.Board
	decks    decks
	captions caption.Board
	notes    notes.Board

	corrections *correction.Desk
	halls       hallState
	class       class
	judged      map[string][]Judgement // by Flag.Key
	rules       rules
}

// visitor is whom an admitted session belongs to.
type visitor struct {
	person PersonID
	role   Role
}

// NewRoom gives the room of an event in which nothing has happened yet.
func NewRoom(ev Event) *Room {
	return &Room{
		event: ev, phase: Scheduled, stage: stage{auto: true, held: map[holdKey]Held{}, called: map[holdKey]bool{}}, board: qa.New(),
		hands:  hands{last: map[string]time.Time{}},
		askers: map[int]Actor{}, sessions: map[SessionID]visitor{},
		checks: map[PersonID]CheckTally{}, corrections: correction.New(), halls: newHallState(),
		chat:   newChat(ev.Kind),
		class:  newClass(),
		judged: map[string][]Judgement{},
		rules:  rules{planned: ev.Policy},
	}
}

// Replay folds a journal, from its first fact, into a room.
func Replay(ev Event, facts []Fact) (*Room, error) {
	r := NewRoom(ev)
	for _, f := range facts {
		if err := r.Fold(f); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Apply checks a command against the policy table and the room, makes it real and gives the facts it became, ready
// for the journal; they belong together and must be appended together. A command that asks for what is already so
// becomes no fact. On error, always an *Error, nothing has changed.
//
// now may be any clock; facts never go back in time, so a clock that was set back stands still in the journal until
// it has caught up.
func (r *Room) Apply(now time.Time, by Actor, cmd Command) ([]Fact, error) {
	facts, err := r.Plan(now, by, cmd)
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		if err := r.Fold(f); err != nil {
			return nil, err // a planned fact folds; the property tests hold it
		}
	}
	return facts, nil
}

// Plan is Apply without making it real: for a hub that appends first and folds after.
func (r *Room) Plan(now time.Time, by Actor, cmd Command) ([]Fact, error) {
	if cmd == nil {
		return nil, Refuse(Invalid, "command_unknown")
	}
	if err := by.check(); err != nil {
		return nil, err
	}
	if !r.may(by.Role, cmd.commandName()) {
		return nil, Refuse(NotAllowed, "role")
	}
	if _, leaving := cmd.(LeaveStage); !leaving && r.Banned(by) {
		return nil, Refuse(NotAllowed, "banned")
	}
	bodies, err := r.plan(now.UnixMilli(), by, cmd)
	if err != nil || len(bodies) == 0 {
		return nil, err
	}
	at := time.UnixMilli(now.UnixMilli()).UTC()
	if at.Before(r.at) {
		at = r.at
	}
	facts := make([]Fact, len(bodies))
	for i, b := range bodies {
		facts[i] = Fact{Seq: r.rev + 1 + int64(i), At: at, By: by, Body: b}
	}
	return facts, nil
}

// Fold takes in one accepted fact. It refuses one that cannot have happened in this room, with an *Error of kind
// Internal that names it, and changes nothing then.
func (r *Room) Fold(f Fact) error {
	if f.Seq != r.rev+1 {
		return broken(f, "fact_order", fmt.Errorf("the room is at %d", r.rev))
	}
	if f.At.Before(r.at) {
		return broken(f, "fact_time", fmt.Errorf("the one before is of %s", r.at.Format(time.RFC3339Nano)))
	}
	if err := r.fold(f); err != nil {
		code := "fact_impossible"
		if errors.Is(err, ErrFactKind) {
			code = "fact_kind_unknown"
		}
		return broken(f, code, err)
	}
	r.rev, r.at = f.Seq, f.At
	r.stage.follow(f)
	return nil
}

func broken(f Fact, code string, err error) error {
	kind := "none"
	if f.Body != nil {
		kind = f.Body.FactKind()
	}
	return &Error{Kind: Internal, Code: code, Err: fmt.Errorf("fact %d (%s): %w", f.Seq, kind, err)}
}

func (r *Room) fold(f Fact) error {
	switch b := f.Body.(type) {
	case PhaseSet:
		return r.foldPhase(f, b.To)
	case StageEntered:
		return r.foldEnter(f, b)
	case StageLeft:
		return r.foldLeave(f.Seq, b.Source)
	case SceneSet:
		return r.stage.set(f.Seq, b.Scene, b.Auto)
	case Announced:
		r.notice = notice{b.Text, f.At, f.Seq}
		return nil
	case CuePut, CueMoved, CueDropped, CueStarted, CueUndone:
		return r.foldRundown(f)
	case Placed:
		return r.stage.place(f.Seq, b.Source, b.Behind)
	case GateSet:
		r.stage.gate, r.stage.rev = b.Closed, f.Seq
		return nil
	case SourceHeld:
		return r.stage.hold(f.Seq, b.Source, b.Held)
	case HandRaised:
		return r.hands.raise(f, b.Hand)
	case HandInvited:
		return r.hands.set(f.Seq, b.Hand, HandCalled)
	case HandLowered:
		return r.hands.lowered(f.Seq, b.Hand)
	case Banned:
		return r.bans.add(f, b)
	case Unbanned:
		return r.bans.lift(f.Seq, b.Ban)
	case BackupSet, TakeoverSet, TookOver, SourceSilent:
		return r.stage.foldBackup(f)
	case Checked:
		return r.foldCheck(f.By.Person, b)
	case Contested:
		return r.foldContested(f, b)
	case Decided:
		return r.foldDecided(f, b)
	case Corrected:
		return r.foldCorrected(f, b)
	case PolicySet:
		return r.foldPolicy(f, b)
	case ListVoided:
		return r.foldVoid(f, b)
	case ListRatified:
		return r.foldRatified(b)
	case FlagJudged:
		r.foldJudged(f, b)
		return nil
	case Admitted:
		r.sessions[f.By.Session] = visitor{f.By.Person, f.By.Role}
		r.foldSeat(f)
		return nil
	case PollMade, PollTurned, PollShown, PollAnswered:
		return r.foldPoll(f)
	case ChatSet, Chatted, ChatRemoved, ChatPromoted:
		return r.foldChat(f)
	case DeckAdded, DeckDropped, DeckShared, PageShown:
		return r.foldDecks(f)
	case ClassSet, ShareGranted, Quieted, CalledOn, Spoke, RoomsMade, RoomPut, RoomsOpened, RoomsClosed, RoomEntered, HelpCalled:
		return r.foldClass(f)
	case Captioned, Noted:
		return r.foldRecord(f)
	default:
		if known, err := r.foldHall(f); known {
			return err
		}
		return r.foldBoard(f)
	}
}

func (r *Room) foldPhase(f Fact, to Phase) error {
	if !slices.Contains(nextPhases[r.phase], to) {
		return fmt.Errorf("%s after %s", to, r.phase)
	}
	at := f.At.UnixMilli()
	if r.phase == Live && at > r.liveFrom {
		r.window = append(r.window, attend.Interval{From: r.liveFrom, To: at})
	}
	if to == Live {
		r.liveFrom = at
		if r.liveSince.IsZero() {
			r.liveSince = f.At
		}
	}
	r.phase, r.eventRev = to, f.Seq
	return nil
}

// nextPhases are the legal moves. An event that has ended stays so.
var nextPhases = map[Phase][]Phase{
	Scheduled: {Live},
	Live:      {Paused, Ended},
	Paused:    {Live, Ended},
}

// plan turns an allowed command into the bodies of its facts.
func (r *Room) plan(now int64, by Actor, cmd Command) ([]FactBody, error) {
	switch c := cmd.(type) {
	case SetPhase:
		return r.planPhase(c.To)
	case EnterStage:
		return r.planEnter(by, c)
	case LeaveStage:
		return r.planLeave(by, c.Source)
	case SetScene:
		return r.planScene(c)
	case HoldSource:
		return r.planHold(c)
	case Place:
		return r.planPlace(by, c)
	case SetGate:
		return r.planGate(c)
	case Announce:
		return r.planAnnounce(c.Text)
	case PutCue, MoveCue, DropCue, StartCue, UndoCue:
		return r.planRundown(cmd)
	case RaiseHand:
		return r.planRaise(time.UnixMilli(now), by)
	case LowerHand:
		return r.planLower(by, c.Hand)
	case Invite:
		return r.planInvite(c.Hand)
	case Ban:
		return r.planBan(by, c)
	case Unban:
		return r.planUnban(c.Ban)
	case SetBackup, SetTakeover, TakeOver, TakeOverDue, NoteSilent:
		return r.planBackup(now, cmd)
	case Admit:
		return r.planAdmit(by, c)
	case RecordCheck:
		return r.planCheck(by, c)
	case Contest:
		return r.planContest(now, by, c)
	case Decide:
		return r.planDecide(now, c)
	case Correct:
		return r.planCorrect(now, c)
	case SetPolicy:
		return r.planPolicy(c)
	case VoidList:
		return r.planVoid(c)
	case RatifyList:
		return r.planRatify(c)
	case JudgeFlag:
		return r.planJudge(c)
	case OpenHall, ReopenHall, CloseHall, ScanHall, MarkHall, StrikeMark:
		return r.planHall(now, by, cmd)
	case MakePoll, TurnPoll, ShowPoll, AnswerPoll:
		return r.planPoll(by, cmd)
	case SetChat, Say, Unsay, Promote:
		return r.planChat(now, by, cmd)
	case AddDeck, DropDeck, ShareDeck, ShowPage:
		return r.planDecks(by, cmd)
	case SetClass, GrantShare, Quiet, CallOn, Speak, MakeRooms, PutInRoom, OpenRooms, CloseRooms, GoToRoom, CallHelp:
		return r.planClass(now, by, cmd)
	case Caption, PutNote, DropNote:
		return r.planRecord(cmd)
	default:
		return r.planBoard(now, by, cmd)
	}
}

func (r *Room) planPhase(to Phase) ([]FactBody, error) {
	if to == r.phase {
		return nil, nil
	}
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	switch to {
	case Scheduled, Live, Paused, Ended:
	default:
		return nil, Refuse(Invalid, "phase_unknown")
	}
	if !slices.Contains(nextPhases[r.phase], to) {
		return nil, Refuse(Conflict, "phase_order")
	}
	var out []FactBody
	if to == Ended { // what is over leaves an empty stage behind
		if r.board.Shown() != 0 {
			out = append(out, Shown{})
		}
		if r.decks.at.Deck != "" {
			out = append(out, PageShown{})
		}
		for _, s := range r.stage.standing {
			out = append(out, StageLeft{s.source.ID})
		}
		if !r.stage.auto || r.stage.scene.Layout != "" {
			out = append(out, SceneSet{Auto: true})
		}
		for _, h := range r.hands.up {
			out = append(out, HandLowered{h.ID})
		}
		if _, open := r.class.rooms.Open(); open {
			out = append(out, RoomsClosed{})
		}
	}
	return append(out, PhaseSet{to}), nil
}

func (r *Room) planAdmit(by Actor, c Admit) ([]FactBody, error) {
	if by.Session == "" || !validText(c.Device, 64) {
		return nil, Refuse(Invalid, "actor_unknown")
	}
	switch c.Method {
	case "nip", "code", "link", "guest":
	default:
		return nil, Refuse(Invalid, "method_unknown")
	}
	if v, ok := r.sessions[by.Session]; ok {
		if v != (visitor{by.Person, by.Role}) {
			return nil, Refuse(Conflict, "session_taken")
		}
		return nil, nil
	}
	return []FactBody{Admitted(c)}, nil
}

// Rev is the number of the last fact; 0 if nothing has happened.
func (r *Room) Rev() int64 { return r.rev }

// At is the time of the last fact; zero if nothing has happened.
func (r *Room) At() time.Time { return r.at }

// Event is the event as planned, with the policy as it stands.
func (r *Room) Event() Event { return r.event }

// EventRev is the revision of the event's phase.
func (r *Room) EventRev() int64 { return r.eventRev }

// Phase is where the event stands.
func (r *Room) Phase() Phase { return r.phase }

// LiveSince is when the event first went live; zero if it has not.
func (r *Room) LiveSince() time.Time { return r.liveSince }

// Window is when the event was live so far: for a running one up to now.
func (r *Room) Window(now time.Time) attend.Window {
	w := slices.Clone(r.window)
	if to := now.UnixMilli(); r.phase == Live && to > r.liveFrom {
		w = append(w, attend.Interval{From: r.liveFrom, To: to})
	}
	return w
}

// Held is when the event was held so far, for credit.
func (r *Room) Held(now time.Time) attend.Held {
	return attend.Held{Live: r.Window(now), Ceremony: r.Uncounted(now)}
}

// Admitted tells whether a session was let in, and for which person ("" for a guest) and role.
func (r *Room) Admitted(id SessionID) (person PersonID, role Role, ok bool) {
	v, ok := r.sessions[id]
	return v.person, v.role, ok
}
