package classroom

import (
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"betang/classroom/attend"
	"betang/classroom/halls"
)

// HallID names one Ruang Bersama within its event: "h" and a running number.
type HallID string

// hallPerson is what stands before a hall's id where its screens have a person's place in evidence.
const hallPerson = "hall:"

// HallPerson names a hall's screens as evidence does. No person has such an id.
func HallPerson(id HallID) PersonID { return PersonID(hallPerson + string(id)) }

// Hall is the hall whose screens p stands for; ok is false for people.
func (p PersonID) Hall() (id HallID, ok bool) {
	rest, ok := strings.CutPrefix(string(p), hallPerson)
	return HallID(rest), ok
}

// The commands of Ruang Bersama.
type (
	// OpenHall opens a hall. Entry is made by the PIC's phone, so that asking twice opens one.
	OpenHall struct{ Entry, Name, Place string }
	// ReopenHall takes back a closing.
	ReopenHall struct{ Hall HallID }
	// CloseHall ends a hall.
	CloseHall struct{ Hall HallID }
	// ScanHall records that the actor read the code on a hall's screen. The server sets At and How.
	ScanHall struct {
		Entry  string
		Hall   HallID
		Out    bool
		At     int64 // Unix ms
		How    string
		Device string
	}
	// MarkHall is a PIC's word for somebody (level C), or a line of a paper sheet (level D, with File).
	MarkHall struct {
		Entry  string
		Hall   HallID
		Person PersonID
		Out    bool
		At     int64 // Unix ms
		How    string
		Reason string
		File   string
	}
	// StrikeMark withdraws a mark, with a reason.
	StrikeMark struct{ Entry, Reason string }
)

func (OpenHall) commandName() string   { return "hall.open" }
func (ReopenHall) commandName() string { return "hall.reopen" }
func (CloseHall) commandName() string  { return "hall.close" }
func (ScanHall) commandName() string   { return "hall.scan" }
func (MarkHall) commandName() string   { return "hall.mark" }
func (StrikeMark) commandName() string { return "hall.strike" }

// hallState is what a room knows of its halls.
type hallState struct {
	board *halls.Board
	owner map[HallID]Actor // who opened it: with Link for PICs
}

func newHallState() hallState { return hallState{board: halls.New(), owner: map[HallID]Actor{}} }

// hallRefusals are the kinds of the board's refusals.
var hallRefusals = map[halls.Refusal]Kind{
	halls.ErrUnknown: NotFound, halls.ErrMark: NotFound, halls.ErrName: Invalid, halls.ErrEntry: Invalid, halls.ErrPerson: Invalid,
	halls.ErrLevel: Invalid, halls.ErrTime: Invalid, halls.ErrMany: TooMany, halls.ErrMarks: TooMany, halls.ErrClosed: Conflict,
	halls.ErrLate: Conflict, halls.ErrNotIn: Conflict, halls.ErrOrder: Conflict,
}

func hallRefusal(err error) error { return refusedBy(hallRefusals, err) }

// planHall turns a hall's command into the bodies of its facts.
func (r *Room) planHall(now int64, by Actor, cmd Command) ([]FactBody, error) {
	switch c := cmd.(type) {
	case OpenHall:
		return r.planOpenHall(by, c)
	case ReopenHall:
		h, err := r.ownHall(by, c.Hall)
		if err != nil || h.Closed == 0 {
			return nil, err
		}
		if now > r.marksUntil() {
			return nil, hallRefusal(halls.ErrLate)
		}
		return []FactBody{HallOpened{Hall: c.Hall, Entry: h.Entry, Name: h.Name, Place: h.Place}}, nil
	case CloseHall:
		h, err := r.ownHall(by, c.Hall)
		if err != nil || h.Closed != 0 {
			return nil, err
		}
		return []FactBody{HallClosed(c)}, nil
	case ScanHall:
		return r.planScan(now, by, c)
	case MarkHall:
		return r.planMark(now, by, c)
	case StrikeMark:
		return r.planStrike(now, by, c)
	}
	return nil, Refuse(Invalid, "command_unknown")
}

func (r *Room) planOpenHall(by Actor, c OpenHall) ([]FactBody, error) {
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	if !validText(c.Name, 4*halls.MaxName) || !validText(c.Place, 4*halls.MaxName) {
		return nil, hallRefusal(halls.ErrName)
	}
	h, known, err := r.halls.board.PlanOpen(c.Entry, c.Name, c.Place)
	switch {
	case err != nil:
		return nil, hallRefusal(err)
	case known:
		_, err := r.ownHall(by, HallID(h.ID))
		return nil, err
	}
	return []FactBody{HallOpened{Hall: HallID(h.ID), Entry: h.Entry, Name: h.Name, Place: h.Place}}, nil
}

// ownHall finds a hall for the PIC who opened it, on any of their phones.
func (r *Room) ownHall(by Actor, id HallID) (halls.Hall, error) {
	h, ok := r.halls.board.Hall(string(id))
	if !ok {
		return h, hallRefusal(halls.ErrUnknown)
	}
	if by.Role == RolePIC && r.halls.owner[id].Link != by.Link {
		return h, Refuse(NotAllowed, "hall_other")
	}
	return h, nil
}

func (r *Room) planScan(now int64, by Actor, c ScanHall) ([]FactBody, error) {
	if c.How != "qr" && c.How != "code" || !validText(c.Device, 64) {
		return nil, Refuse(Invalid, "method_unknown")
	}
	if r.phase == Ended && !c.Out {
		return nil, Refuse(Conflict, "event_ended")
	}
	body := HallMarked{
		Entry: c.Entry, Hall: c.Hall, Person: by.Person, Out: c.Out, Level: string(halls.Scanned), At: c.At, How: c.How, Device: c.Device,
	}
	return r.planMarked(now, body)
}

func (r *Room) planMark(now int64, by Actor, c MarkHall) ([]FactBody, error) {
	if _, err := r.ownHall(by, c.Hall); err != nil {
		return nil, err
	}
	level := halls.Marked
	switch c.How {
	case "list", "card":
		if c.File != "" {
			return nil, Refuse(Invalid, "method_unknown")
		}
	case "paper":
		level = halls.Paper
		if len(c.File) != 64 || !validText(c.File, 64) {
			return nil, Refuse(Invalid, "hall_file")
		}
	default:
		return nil, Refuse(Invalid, "method_unknown")
	}
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	if _, isHall := c.Person.Hall(); isHall || !validText(string(c.Person), 64) {
		return nil, hallRefusal(halls.ErrPerson)
	}
	body := HallMarked{
		Entry: c.Entry, Hall: c.Hall, Person: c.Person, Out: c.Out, Level: string(level), At: c.At, How: c.How, Reason: c.Reason, File: c.File,
	}
	return r.planMarked(now, body)
}

func (r *Room) planMarked(now int64, body HallMarked) ([]FactBody, error) {
	known, err := r.halls.board.PlanMark(boardMark(body), now, r.marksUntil())
	switch {
	case err != nil:
		return nil, hallRefusal(err)
	case known:
		return nil, nil
	}
	return []FactBody{body}, nil
}

func (r *Room) planStrike(now int64, by Actor, c StrikeMark) ([]FactBody, error) {
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	m, ok := r.halls.board.Mark(c.Entry)
	if !ok {
		return nil, hallRefusal(halls.ErrMark)
	}
	if _, err := r.ownHall(by, HallID(m.Hall)); err != nil {
		return nil, err
	}
	if m.Struck {
		return nil, nil
	}
	if now > r.marksUntil() && by.Role != RoleBPSDM { // the closing time binds who enters marks, not who judges them
		return nil, hallRefusal(halls.ErrLate)
	}
	return []FactBody{HallStruck(c)}, nil
}

// checkReason demands a reason: every manual change has one.
func checkReason(s string) error {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	switch {
	case n < 3:
		return Refuse(Invalid, "reason_empty")
	case n > 200 || !validText(s, 800):
		return Refuse(Invalid, "reason_long")
	}
	return nil
}

func boardMark(b HallMarked) halls.Mark {
	return halls.Mark{
		ID: b.Entry, Hall: string(b.Hall), Person: string(b.Person), Out: b.Out, Level: halls.Level(b.Level), At: b.At,
	}
}

// foldHall takes in a fact of the halls; known is false for other facts.
func (r *Room) foldHall(f Fact) (known bool, err error) {
	switch b := f.Body.(type) {
	case HallOpened:
		err = r.halls.board.Open(halls.Hall{
			ID: string(b.Hall), Entry: b.Entry, Name: b.Name, Place: b.Place, Opened: f.At.UnixMilli(),
		})
		if _, again := r.halls.owner[b.Hall]; err == nil && !again {
			r.halls.owner[b.Hall] = f.By
		}
	case HallClosed:
		err = r.halls.board.Close(string(b.Hall), f.At.UnixMilli())
	case HallMarked:
		err = r.halls.board.Put(boardMark(b))
	case HallStruck:
		err = r.halls.board.Strike(b.Entry)
	default:
		return false, nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", f.Body.FactKind(), err)
	}
	return true, err
}

// MarksUntil is when late marks end: noon in WIB of the day after the event, as planned or as it went.
func (r *Room) MarksUntil() time.Time {
	end := r.event.EndsAt
	if n := len(r.window); n > 0 && r.phase == Ended {
		if last := time.UnixMilli(r.window[n-1].To); last.After(end) {
			end = last
		}
	}
	return halls.Deadline(end, WIB)
}

func (r *Room) marksUntil() int64 { return r.MarksUntil().UnixMilli() }

// HallView is a copy of what the room knows of one hall.
type HallView struct {
	ID     HallID
	Entry  string
	Name   string
	Place  string
	Opened time.Time
	Closed time.Time // zero: open
	Owner  Actor     // the PIC who opened it
}

// Halls are all halls in the order of their opening.
func (r *Room) Halls() []HallView {
	var out []HallView
	for _, h := range r.halls.board.Halls() {
		out = append(out, r.hallView(h))
	}
	return out
}

// Hall is one hall.
func (r *Room) Hall(id HallID) (HallView, bool) {
	h, ok := r.halls.board.Hall(string(id))
	if !ok {
		return HallView{}, false
	}
	return r.hallView(h), true
}

func (r *Room) hallView(h halls.Hall) HallView {
	v := HallView{
		ID: HallID(h.ID), Entry: h.Entry, Name: h.Name, Place: h.Place, Opened: time.UnixMilli(h.Opened).UTC(), Owner: r.halls.owner[HallID(h.ID)],
	}
	if h.Closed != 0 {
		v.Closed = time.UnixMilli(h.Closed).UTC()
	}
	return v
}

// HallMarks are one person's marks in one hall, by their times, with those that were withdrawn.
func (r *Room) HallMarks(id HallID, person PersonID) []halls.Mark {
	return r.halls.board.Marks(string(id), string(person))
}

// HallPeople are all who have a mark in a hall.
func (r *Room) HallPeople(id HallID) []PersonID {
	var out []PersonID
	for _, p := range r.halls.board.People(string(id)) {
		out = append(out, PersonID(p))
	}
	return out
}

// InHalls gives who is in a Ruang Bersama now, by the marks. One who is in two comes twice.
func (r *Room) InHalls() iter.Seq[PersonID] {
	return func(yield func(PersonID) bool) {
		for p := range r.halls.board.Inside() {
			if !yield(PersonID(p)) {
				return
			}
		}
	}
}

// HallStays are everybody's stays, by the event's rule; of a hall that is open, until now.
func (r *Room) HallStays(now time.Time) []halls.Stay {
	return r.halls.board.Stays(halls.ToLastMark, now.UnixMilli())
}

// HallSpans is what one person's stays in halls are worth as evidence. media gives the evidence of a hall's screens.
func (r *Room) HallSpans(id PersonID, now time.Time, media func(PersonID) []attend.Span) []attend.Span {
	stays := r.halls.board.StaysOf(string(id), halls.ToLastMark, now.UnixMilli())
	return halls.Spans(stays, hallMedia(stays, media))
}

func hallMedia(stays []halls.Stay, media func(PersonID) []attend.Span) map[string][]attend.Span {
	out := map[string][]attend.Span{}
	for _, s := range stays {
		if _, done := out[s.Hall]; !done {
			out[s.Hall] = media(HallPerson(HallID(s.Hall)))
		}
	}
	return out
}

// evidence is the spans of people, what the correction desk granted, and what everybody's stays in halls are worth, cut to what the halls' screens
// received.
func (r *Room) evidence(now time.Time, spans []attend.Span) []attend.Span {
	out := make([]attend.Span, 0, len(spans))
	screens := map[PersonID][]attend.Span{}
	for _, s := range spans {
		if _, isHall := PersonID(s.Person).Hall(); isHall {
			screens[PersonID(s.Person)] = append(screens[PersonID(s.Person)], s)
		} else if s.Person != "" {
			out = append(out, s)
		}
	}
	out = append(out, grantedSpans(r.Corrections())...)
	stays := r.HallStays(now)
	return append(out, halls.Spans(stays, hallMedia(stays, func(p PersonID) []attend.Span { return screens[p] }))...)
}

// HallStaysOf are one person's stays in all halls.
func (r *Room) HallStaysOf(id PersonID, now time.Time) []halls.Stay {
	return r.halls.board.StaysOf(string(id), halls.ToLastMark, now.UnixMilli())
}
