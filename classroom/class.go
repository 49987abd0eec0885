package classroom

import (
	"fmt"
	"slices"

	"betang/classroom/breakout"
)

// Limits of a class.
const (
	MaxClassSources = 60 // 40 cameras, some shared screens, and those whose place another takes while it reconnects
	MaxSeats        = 10_000
)

// class is what an event of kind class has beside a lecture: its people have camera and microphone without being invited, trainers
// give and take the word, and there are breakout rooms. The room of any other event keeps it empty.
type class struct {
	share, lock bool
	granted     map[string]bool  // who may share a screen though not everyone may, by key
	quiet       map[holdKey]bool // whose microphone goes to nobody
	called      map[holdKey]bool // of those, who may turn it on though the class is locked
	seats       []Actor          // who was let in, in order; the first device of each
	seat        map[string]int   // into seats, from 1, by key
	rooms       breakout.Board
	opener      Actor // who opened the rooms: they close in that name when their time is over
	rev         int64
}

func newClass() class {
	return class{granted: map[string]bool{}, quiet: map[holdKey]bool{}, called: map[holdKey]bool{}, seat: map[string]int{}}
}

// ClassView is a copy of what everyone in a class may know.
type ClassView struct {
	Share, Lock bool
	Rooms       int
	Way         breakout.Way
	Open        bool
	Until       int64 // Unix ms; 0: until somebody closes them
	Calls       []RoomID
}

// Seat is one who was let into a class.
type Seat struct {
	ID    SeatID
	By    Actor  // the first device
	Share bool   // may share a screen
	Room  RoomID // belongs to
	Here  RoomID // is there now
	Calls bool   // calls a trainer
}

// IsClass tells whether the event is a class.
func (r *Room) IsClass() bool { return r.event.Kind == Class }

// Class is what everyone in a class may know.
func (r *Room) Class() ClassView {
	c := &r.class
	v := ClassView{Share: c.share, Lock: c.lock, Rooms: c.rooms.Count(), Way: c.rooms.Way()}
	v.Until, v.Open = c.rooms.Open()
	for _, n := range c.rooms.Calls() {
		v.Calls = append(v.Calls, roomID(n))
	}
	return v
}

// ClassRev is the revision of the class's rules, rooms and seats.
func (r *Room) ClassRev() int64 { return r.class.rev }

// Seats are all who were let into the class as participants and guests, in the order of coming.
func (r *Room) Seats() []Seat {
	var out []Seat
	for i := range r.class.seats {
		out = append(out, r.seatView(i+1))
	}
	return out
}

// SeatOf is somebody's seat, over all their devices.
func (r *Room) SeatOf(by Actor) (Seat, bool) {
	n := r.class.seat[by.key()]
	if n == 0 {
		return Seat{}, false
	}
	return r.seatView(n), true
}

func (r *Room) seatView(n int) Seat {
	c := &r.class
	by := c.seats[n-1]
	key := by.key()
	return Seat{
		SeatID(numberID("s", n)), by, c.share || c.granted[key], roomID(c.rooms.Seat(key)), roomID(c.rooms.Place(key)), c.rooms.Calling(key),
	}
}

// PlaceOf is the room in which somebody is now; "" is the class itself.
func (r *Room) PlaceOf(by Actor) RoomID { return roomID(r.class.rooms.Place(by.key())) }

// CalledOf tells whether the owner of a source was asked to turn the microphone on and has not yet.
func (r *Room) CalledOf(id SourceID) bool {
	i := r.stage.index(id)
	return i >= 0 && r.class.quiet[r.stage.standing[i].holdKey()] && r.class.called[r.stage.standing[i].holdKey()]
}

// RoomsDue tells when open rooms close by themselves, and in whose name; ok is false while they have no end.
func (r *Room) RoomsDue() (at int64, by Actor, ok bool) {
	until, open := r.class.rooms.Open()
	return until, r.class.opener, open && until > 0
}

// ClassScene is what the people in one room of a class see in the slots of the stage: in the class itself what the operator chose,
// else the latest shared screen with its owner's camera, else the latest camera of the stage's own people. In a breakout room only a
// shared screen is large; faces are in the gallery.
func (r *Room) ClassScene(room RoomID) Scene {
	scene := r.stage.scene
	if room != "" || r.stage.auto {
		scene = Scene{Layout: scene.Layout}
	}
	here := func(x standing) bool { return !x.behind && !r.stage.aside(x.source) && r.PlaceOf(x.by) == room }
	for _, slot := range []*SourceID{&scene.Main, &scene.Second, &scene.Interpreter} {
		if i := r.stage.index(*slot); i < 0 || !here(r.stage.standing[i]) {
			*slot = ""
		}
	}
	if room == "" && !r.stage.auto {
		return scene
	}
	var owner string // of the shared screen
	for _, x := range slices.Backward(r.stage.standing) {
		switch {
		case !here(x):
		case x.source.Kind == Screen && scene.Main == "":
			scene.Main, owner = x.source.ID, x.by.key()
		case x.source.Kind == Interpreter && scene.Interpreter == "":
			scene.Interpreter = x.source.ID
		}
	}
	if room != "" {
		return scene
	}
	scene.fillCamera(owner, r.stage.standing, func(x standing) bool { return here(x) && x.by.key() == owner })
	scene.fillCamera(owner, r.stage.standing, func(x standing) bool { return here(x) && !fromHall(x.by.Role) })
	return scene
}

// fillCamera takes the latest of these cameras large, or beside a shared screen.
func (s *Scene) fillCamera(screen string, all []standing, may func(standing) bool) {
	for _, x := range slices.Backward(all) {
		switch {
		case x.source.Kind != Camera || !may(x):
		case s.Main == "":
			s.Main = x.source.ID
		case s.Second == "" && screen != "":
			s.Second = x.source.ID
		}
	}
}

func (r *Room) planClass(now int64, by Actor, cmd Command) ([]FactBody, error) {
	switch {
	case !r.IsClass():
		return nil, Refuse(Conflict, "class_only")
	case r.phase == Ended:
		return nil, Refuse(Conflict, "event_ended")
	}
	c := &r.class
	switch x := cmd.(type) {
	case SetClass:
		if c.share == x.Share && c.lock == x.Lock {
			return nil, nil
		}
		out := []FactBody{ClassSet(x)}
		if x.Lock && !c.lock {
			out = append(out, Quieted{})
		}
		if !x.Share {
			out = append(out, r.endScreens(func(key string) bool { return !c.granted[key] })...)
		}
		return out, nil
	case GrantShare:
		key, err := r.seatKey(x.Seat)
		if err != nil || c.granted[key] == x.On {
			return nil, err
		}
		out := []FactBody{ShareGranted(x)}
		if !x.On && !c.share {
			out = append(out, r.endScreens(func(of string) bool { return of == key })...)
		}
		return out, nil
	case Quiet:
		return r.planQuiet(x.Source)
	case CallOn:
		key, err := r.micOf(x.Source)
		if err != nil || !c.quiet[key] || c.called[key] {
			return nil, err
		}
		return []FactBody{CalledOn(x)}, nil
	case Speak:
		return r.planSpeak(by)
	}
	return r.planRooms(now, by, cmd)
}

// endScreens are the facts by which the screens of those in the hall leave who may no longer share.
func (r *Room) endScreens(of func(key string) bool) []FactBody {
	return r.leaveAll(func(s standing) bool { return s.source.Kind == Screen && fromHall(s.by.Role) && of(s.by.key()) })
}

// micOf finds the microphone of a participant.
func (r *Room) micOf(id SourceID) (holdKey, error) {
	i := r.stage.index(id)
	switch {
	case i < 0:
		return holdKey{}, Refuse(NotFound, "source_unknown")
	case !fromHall(r.stage.standing[i].by.Role):
		return holdKey{}, Refuse(NotAllowed, "source_owner")
	}
	return r.stage.standing[i].holdKey(), nil
}

func (r *Room) planQuiet(id SourceID) ([]FactBody, error) {
	if id != "" {
		key, err := r.micOf(id)
		if err != nil || r.class.quiet[key] && !r.class.called[key] {
			return nil, err
		}
		return []FactBody{Quieted{id}}, nil
	}
	for _, x := range r.stage.standing {
		if fromHall(x.by.Role) && (!r.class.quiet[x.holdKey()] || r.class.called[x.holdKey()]) {
			return []FactBody{Quieted{}}, nil
		}
	}
	return nil, nil
}

func (r *Room) planSpeak(by Actor) ([]FactBody, error) {
	var out []FactBody
	for _, x := range r.stage.standing {
		key := x.holdKey()
		switch {
		case !fromHall(x.by.Role) || x.by.key() != by.key() || !r.class.quiet[key]:
		case r.class.lock && !r.class.called[key]:
			return nil, Refuse(NotAllowed, "class_locked")
		default:
			out = append(out, Spoke{x.source.ID})
		}
	}
	return out, nil
}

func (r *Room) seatKey(id SeatID) (string, error) {
	n, ok := numbered("s", string(id))
	if !ok || n < 1 || n > len(r.class.seats) {
		return "", Refuse(NotFound, "seat_unknown")
	}
	return r.class.seats[n-1].key(), nil
}

// planRooms hands a command of the rooms to their board and gives its answer as facts.
func (r *Room) planRooms(now int64, by Actor, cmd Command) ([]FactBody, error) {
	b := &r.class.rooms
	switch x := cmd.(type) {
	case MakeRooms:
		if _, err := b.Plan(breakout.Change{Op: breakout.OpMake, N: x.Count, Way: x.Way}); err != nil {
			return nil, roomsRefusal(err)
		}
		out := []FactBody{RoomsMade{x.Count, string(x.Way)}}
		if x.Way != breakout.Even || x.Count == 0 {
			return out, nil
		}
		var keys []string
		who := map[string]Actor{}
		for _, a := range x.Present {
			if key := a.key(); key != "" && fromHall(a.Role) && who[key] == (Actor{}) {
				keys, who[key] = append(keys, key), a
			}
		}
		dealt := breakout.Deal(keys, x.Count)
		for _, key := range keys {
			out = append(out, roomPut(who[key], dealt[key]))
		}
		return out, nil
	case PutInRoom:
		key, err := r.seatKey(x.Seat)
		if err != nil {
			return nil, err
		}
		n, ok := numbered("r", string(x.Room))
		if !ok {
			return nil, Refuse(NotFound, string(breakout.ErrUnknown))
		}
		seat := r.class.seats[r.class.seat[key]-1]
		return r.roomFact(breakout.Change{Op: breakout.OpPut, Who: key, N: n}, roomPut(seat, n))
	case OpenRooms:
		if x.Minutes < 0 || x.Minutes > breakout.MaxMinutes {
			return nil, Refuse(Invalid, string(breakout.ErrTime))
		}
		until := int64(0)
		if x.Minutes > 0 {
			until = now + int64(x.Minutes)*60_000
		}
		return r.roomFact(breakout.Change{Op: breakout.OpOpen, Until: until}, RoomsOpened{until})
	case CloseRooms:
		if _, open := b.Open(); open && x.Seconds > 0 {
			if x.Seconds > 600 {
				return nil, Refuse(Invalid, string(breakout.ErrTime))
			}
			until := now + int64(x.Seconds)*1000
			return r.roomFact(breakout.Change{Op: breakout.OpOpen, Until: until}, RoomsOpened{until})
		}
		return r.roomFact(breakout.Change{Op: breakout.OpClose}, RoomsClosed{})
	case GoToRoom:
		n, ok := numbered("r", string(x.Room))
		if !ok {
			return nil, Refuse(NotFound, string(breakout.ErrUnknown))
		}
		return r.roomFact(breakout.Change{Op: breakout.OpGo, Who: by.key(), N: n, Free: !fromHall(by.Role)}, RoomEntered(x))
	case CallHelp:
		return r.roomFact(breakout.Change{Op: breakout.OpHelp, Who: by.key(), On: x.On}, HelpCalled(x))
	}
	return nil, Refuse(Invalid, "command_unknown")
}

func roomPut(who Actor, n int) RoomPut {
	f := RoomPut{Room: roomID(n), Person: who.Person}
	if who.Person == "" {
		f.Session = who.Session
	}
	return f
}

func (r *Room) roomFact(c breakout.Change, fact FactBody) ([]FactBody, error) {
	step, err := r.class.rooms.Plan(c)
	if err != nil {
		return nil, roomsRefusal(err)
	}
	if step == nil {
		return nil, nil
	}
	return []FactBody{fact}, nil
}

// roomsKinds are the kinds of what the board of rooms refuses.
var roomsKinds = map[breakout.Refusal]Kind{
	breakout.ErrCount: Invalid, breakout.ErrWay: Invalid, breakout.ErrTime: Invalid, breakout.ErrNobody: Invalid,
	breakout.ErrOpen: Conflict, breakout.ErrClosed: Conflict, breakout.ErrHere: Conflict, breakout.ErrUnknown: NotFound, breakout.ErrFixed: NotAllowed,
}

func roomsRefusal(err error) error { return refusedBy(roomsKinds, err) }

// foldClass takes in a fact of the class; ErrFactKind for any other.
func (r *Room) foldClass(f Fact) error {
	if !r.IsClass() {
		return fmt.Errorf("the event is a %s", r.event.Kind)
	}
	c := &r.class
	err := error(nil)
	switch b := f.Body.(type) {
	case ClassSet:
		c.share, c.lock = b.Share, b.Lock
	case ShareGranted:
		key, e := r.seatKey(b.Seat)
		if e != nil {
			return fmt.Errorf("no seat %q", b.Seat)
		}
		if c.granted[key] = true; !b.On {
			delete(c.granted, key)
		}
	case Quieted:
		r.foldQuieted(b.Source)
		r.stage.rev = f.Seq
	case CalledOn:
		if i := r.stage.index(b.Source); i >= 0 {
			c.called[r.stage.standing[i].holdKey()] = true
		}
	case Spoke:
		if i := r.stage.index(b.Source); i >= 0 {
			key := r.stage.standing[i].holdKey()
			delete(c.quiet, key)
			delete(c.called, key)
		}
		r.stage.rev = f.Seq
	default:
		err = r.foldRooms(f)
	}
	if err == nil {
		c.rev = f.Seq
	}
	return err
}

func (r *Room) foldQuieted(id SourceID) {
	for _, x := range r.stage.standing {
		if fromHall(x.by.Role) && (id == "" || x.source.ID == id) {
			r.class.quiet[x.holdKey()] = true
			delete(r.class.called, x.holdKey())
		}
	}
}

func (r *Room) foldRooms(f Fact) error {
	c := breakout.Change{Who: f.By.key()}
	var room RoomID
	switch b := f.Body.(type) {
	case RoomsMade:
		c.Op, c.N, c.Way = breakout.OpMake, b.Count, breakout.Way(b.Way)
	case RoomPut:
		c.Op, c.Who, room = breakout.OpPut, Actor{Person: b.Person, Session: b.Session}.key(), b.Room
	case RoomsOpened:
		c.Op, c.Until = breakout.OpOpen, b.Until
		r.class.opener = f.By
	case RoomsClosed:
		c.Op = breakout.OpClose
	case RoomEntered:
		c.Op, c.Free, room = breakout.OpGo, !fromHall(f.By.Role), b.Room
	case HelpCalled:
		c.Op, c.On = breakout.OpHelp, b.On
	default:
		return ErrFactKind
	}
	if c.Op == breakout.OpPut || c.Op == breakout.OpGo {
		n, ok := numbered("r", string(room))
		if !ok {
			return fmt.Errorf("no room %q", room)
		}
		c.N = n
	}
	return r.class.rooms.Commit(c)
}

// foldSeat gives who is let into a class a seat.
func (r *Room) foldSeat(f Fact) {
	key := f.By.key()
	if !r.IsClass() || !fromHall(f.By.Role) || r.class.seat[key] != 0 || len(r.class.seats) >= MaxSeats {
		return
	}
	r.class.seats = append(r.class.seats, f.By)
	r.class.seat[key] = len(r.class.seats)
	r.class.rev = f.Seq
}

// classEntered: who comes while only a trainer gives the word comes in silent.
func (r *Room) classEntered(x standing) {
	if key := x.holdKey(); r.class.lock && fromHall(x.by.Role) && !r.class.called[key] {
		r.class.quiet[key] = true
	}
}

// shares tells whether somebody of the hall may share a screen.
func (r *Room) shares(by Actor) bool {
	return r.IsClass() && (r.class.share || r.class.granted[by.key()])
}

// heldOf is what of a source goes to nobody, by the operator or by a trainer.
func (r *Room) heldOf(x standing) Held {
	h := r.stage.held[x.holdKey()]
	h.Sound = h.Sound || r.class.quiet[x.holdKey()]
	return h
}

func roomID(n int) RoomID { return RoomID(numberID("r", n)) }

// RoomNumber names the n-th breakout room.
func RoomNumber(n int) RoomID { return roomID(n) }
