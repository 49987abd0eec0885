package correction

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits.
const (
	MinReason = 10  // characters
	MaxReason = 500 // characters
	MaxWho    = 200 // characters of who decides
	MaxOpen   = 3   // requests of one person that wait
	MaxAll    = 12  // requests of one person in an event
	MaxMade   = 50  // corrections of one person in an event that the desk began itself
	MaxTimes  = 8   // decisions of one request
)

// Refusal says which rule a request or a decision breaks.
type Refusal string

// Error makes a Refusal an error.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrReason  Refusal = "correction_reason"  // too short, too long, or not text
	ErrWho     Refusal = "correction_who"     // nobody named who decides
	ErrSpan    Refusal = "correction_span"    // no stretch of the event's live time
	ErrOpen    Refusal = "correction_open"    // too many wait already
	ErrMany    Refusal = "correction_many"    // too many in all
	ErrOverlap Refusal = "correction_overlap" // one for the same time waits already
	ErrUnknown Refusal = "correction_unknown" // no such request
	ErrSame    Refusal = "correction_same"    // it is decided so already
	ErrTimes   Refusal = "correction_times"   // decided too often
	ErrPerson  Refusal = "correction_person"  // nobody named whom it is about
)

// Span is a stretch of time in Unix milliseconds, From < To.
type Span struct{ From, To int64 }

// Decision is one decision of the desk.
type Decision struct {
	Granted bool
	Void    bool // the span is taken away
	Span    Span // what is granted or taken away; zero if nothing
	Reason  string
	Who     string // name and office
	At      int64
}

// Request is what somebody contests, and what became of it.
type Request struct {
	ID        string // "k" and a running number
	Person    string
	Span      Span
	Reason    string // the person's; "" if the desk began it
	At        int64
	Desk      bool       // the desk began it, and nobody asked
	Decisions []Decision // oldest first; the last one counts
}

// Open tells whether the request waits for a decision.
func (r Request) Open() bool { return len(r.Decisions) == 0 }

// Last is the decision that counts; zero while there is none.
func (r Request) Last() Decision {
	if n := len(r.Decisions); n > 0 {
		return r.Decisions[n-1]
	}
	return Decision{}
}

// Desk holds all requests of an event. It is not safe for concurrent use.
type Desk struct {
	list   []Request
	index  map[string]int      // by id
	person map[string][]string // ids by person, ascending
}

// New gives a desk without requests.
func New() *Desk { return &Desk{index: map[string]int{}, person: map[string][]string{}} }

// Next is the id of the next request.
func (d *Desk) Next() string { return "k" + strconv.Itoa(len(d.list)+1) }

// PlanContest checks a new request. live is when the event was live.
func (d *Desk) PlanContest(person string, span Span, reason string, live []Span) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	if !touches(span, live) {
		return ErrSpan
	}
	open, all := 0, 0
	for _, id := range d.person[person] {
		r := d.list[d.index[id]]
		if !r.Desk {
			all++
		}
		if !r.Open() {
			continue
		}
		if r.Span.From < span.To && span.From < r.Span.To {
			return ErrOverlap
		}
		open++
	}
	switch {
	case open >= MaxOpen:
		return ErrOpen
	case all >= MaxAll:
		return ErrMany
	}
	return nil
}

// Contest takes in a request that was accepted.
func (d *Desk) Contest(r Request) error {
	if r.Desk || len(r.Decisions) > 0 {
		return ErrUnknown
	}
	return d.put(r)
}

// PlanMake checks a correction that the desk begins itself: x grants a stretch or takes one away.
func (d *Desk) PlanMake(person string, x Decision, live []Span) error {
	if person == "" {
		return ErrPerson
	}
	if err := checkDecision(x, live); err != nil {
		return err
	}
	if x.Granted == x.Void {
		return ErrSpan
	}
	made := 0
	for _, id := range d.person[person] {
		r := d.list[d.index[id]]
		if !r.Desk {
			continue
		}
		if last := r.Last(); last.Granted == x.Granted && last.Void == x.Void && last.Span == x.Span {
			return ErrSame
		}
		made++
	}
	if made >= MaxMade {
		return ErrMany
	}
	return nil
}

// Make takes in a correction by the desk that was accepted, under the id that Next gave.
func (d *Desk) Make(id, person string, x Decision) error {
	if x.Granted == x.Void {
		return ErrUnknown
	}
	return d.put(Request{ID: id, Person: person, Span: x.Span, At: x.At, Desk: true, Decisions: []Decision{x}})
}

func (d *Desk) put(r Request) error {
	if r.ID != d.Next() || r.Person == "" || r.Span.From >= r.Span.To {
		return ErrUnknown
	}
	d.index[r.ID] = len(d.list)
	d.list = append(d.list, r)
	d.person[r.Person] = append(d.person[r.Person], r.ID)
	return nil
}

// PlanDecide checks a decision. A grant must lie in the time of the event, not in that of the request: the desk may know
// better.
func (d *Desk) PlanDecide(id string, x Decision, live []Span) error {
	i, ok := d.index[id]
	if !ok {
		return ErrUnknown
	}
	if err := checkDecision(x, live); err != nil {
		return err
	}
	r := d.list[i]
	switch last := r.Last(); {
	case len(r.Decisions) >= MaxTimes:
		return ErrTimes
	case !r.Open() && last.Granted == x.Granted && last.Void == x.Void && last.Span == x.Span:
		return ErrSame
	}
	return nil
}

// checkDecision holds what every decision must have: a reason, who, and a stretch of the event if it moves anything.
func checkDecision(x Decision, live []Span) error {
	if err := checkReason(x.Reason); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(x.Who)); n < 3 || n > MaxWho || !printable(x.Who) {
		return ErrWho
	}
	if moves := x.Granted || x.Void; moves && !touches(x.Span, live) || !moves && x.Span != (Span{}) {
		return ErrSpan
	}
	return nil
}

// Decide takes in a decision that was accepted.
func (d *Desk) Decide(id string, x Decision) error {
	i, ok := d.index[id]
	if !ok || x.Void || x.Granted != (x.Span.From < x.Span.To) {
		return ErrUnknown
	}
	d.list[i].Decisions = append(d.list[i].Decisions, x)
	return nil
}

// Request is one request.
func (d *Desk) Request(id string) (Request, bool) {
	i, ok := d.index[id]
	if !ok {
		return Request{}, false
	}
	return d.list[i].clone(), true
}

// All are all requests, oldest first.
func (d *Desk) All() []Request {
	out := make([]Request, len(d.list))
	for i, r := range d.list {
		out[i] = r.clone()
	}
	return out
}

// Of are one person's requests, oldest first.
func (d *Desk) Of(person string) []Request {
	var out []Request
	for _, id := range d.person[person] {
		out = append(out, d.list[d.index[id]].clone())
	}
	return out
}

func (r Request) clone() Request {
	r.Decisions = append([]Decision(nil), r.Decisions...)
	return r
}

// touches tells whether a stretch is one, lies between the event's beginning and end, and has some of its live time.
func touches(s Span, live []Span) bool {
	if s.From >= s.To || len(live) == 0 || s.From < live[0].From || s.To > live[len(live)-1].To {
		return false
	}
	for _, l := range live {
		if s.From < l.To && l.From < s.To {
			return true
		}
	}
	return false
}

func checkReason(s string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(s)); n < MinReason || n > MaxReason || !printable(s) {
		return ErrReason
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
