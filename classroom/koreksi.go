package classroom

import (
	"fmt"
	"time"

	"betang/classroom/attend"
	"betang/classroom/correction"
)

// CorrectionID names one request for a correction within its event: "k" and a running number.
type CorrectionID string

// The commands of the correction desk.
type (
	// Contest says that the actor was there from From to To (Unix ms), and why it was not counted.
	Contest struct {
		From, To int64
		Reason   string
	}
	// Decide answers a request. Who is the name and office of who decides.
	Decide struct {
		Correction  CorrectionID
		Granted     bool
		From, To    int64
		Reason, Who string
	}
	// Correct grants a person a stretch, or takes one away (Void), without having been asked. That there is such a person
	// is for whoever asks to check.
	Correct struct {
		Person      PersonID
		Void        bool
		From, To    int64
		Reason, Who string
	}
)

func (Contest) commandName() string { return "contest" }
func (Decide) commandName() string  { return "decide" }
func (Correct) commandName() string { return "correct" }

// correctionKinds are the kinds of the desk's refusals.
var correctionKinds = map[correction.Refusal]Kind{
	correction.ErrReason: Invalid, correction.ErrWho: Invalid, correction.ErrSpan: Invalid, correction.ErrOpen: TooMany,
	correction.ErrMany: TooMany, correction.ErrTimes: TooMany, correction.ErrOverlap: Conflict, correction.ErrSame: Conflict,
	correction.ErrUnknown: NotFound, correction.ErrPerson: Invalid,
}

func correctionRefusal(err error) error { return refusedBy(correctionKinds, err) }

func (r *Room) planContest(now int64, by Actor, c Contest) ([]FactBody, error) {
	if by.Person == "" {
		return nil, Refuse(Invalid, "actor_unknown")
	}
	span := correction.Span{From: c.From, To: c.To}
	if err := r.corrections.PlanContest(string(by.Person), span, c.Reason, r.liveSpans(now)); err != nil {
		return nil, correctionRefusal(err)
	}
	return []FactBody{Contested{CorrectionID(r.corrections.Next()), c.From, c.To, c.Reason}}, nil
}

func (r *Room) planDecide(now int64, c Decide) ([]FactBody, error) {
	if c.Granted && r.event.Policy.Version == attend.Rule1 {
		return nil, Refuse(Conflict, "correction_rule") // that rule set knows no corrections, and it never changes
	}
	err := r.corrections.PlanDecide(string(c.Correction), decisionOf(Decided(c), now), r.liveSpans(now))
	if err != nil {
		return nil, correctionRefusal(err)
	}
	return []FactBody{Decided(c)}, nil
}

func (r *Room) planCorrect(now int64, c Correct) ([]FactBody, error) {
	if r.event.Policy.Version == attend.Rule1 {
		return nil, Refuse(Conflict, "correction_rule")
	}
	if _, isHall := c.Person.Hall(); isHall || !validText(string(c.Person), 64) {
		return nil, correctionRefusal(correction.ErrPerson)
	}
	b := Corrected{CorrectionID(r.corrections.Next()), c.Person, c.Void, c.From, c.To, c.Reason, c.Who}
	if err := r.corrections.PlanMake(string(c.Person), madeDecision(b, now), r.liveSpans(now)); err != nil {
		return nil, correctionRefusal(err)
	}
	return []FactBody{b}, nil
}

func madeDecision(b Corrected, at int64) correction.Decision {
	return correction.Decision{
		Granted: !b.Void, Void: b.Void, Span: correction.Span{From: b.From, To: b.To}, Reason: b.Reason, Who: b.Who, At: at,
	}
}

func (r *Room) foldCorrected(f Fact, b Corrected) error {
	if err := r.corrections.Make(string(b.Correction), string(b.Person), madeDecision(b, f.At.UnixMilli())); err != nil {
		return fmt.Errorf("correction %s: %w", b.Correction, err)
	}
	return nil
}

// liveSpans is when the event was live until now.
func (r *Room) liveSpans(now int64) []correction.Span {
	var out []correction.Span
	for _, iv := range r.Window(time.UnixMilli(now)) {
		out = append(out, correction.Span(iv))
	}
	return out
}

func decisionOf(b Decided, at int64) correction.Decision {
	return correction.Decision{Granted: b.Granted, Span: correction.Span{From: b.From, To: b.To}, Reason: b.Reason, Who: b.Who, At: at}
}

func (r *Room) foldContested(f Fact, b Contested) error {
	err := r.corrections.Contest(correction.Request{
		ID: string(b.Correction), Person: string(f.By.Person), Span: correction.Span{From: b.From, To: b.To}, Reason: b.Reason,
		At: f.At.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("request %s: %w", b.Correction, err)
	}
	return nil
}

func (r *Room) foldDecided(f Fact, b Decided) error {
	if err := r.corrections.Decide(string(b.Correction), decisionOf(b, f.At.UnixMilli())); err != nil {
		return fmt.Errorf("decision on %s: %w", b.Correction, err)
	}
	return nil
}

// Corrections are all requests of the event, oldest first.
func (r *Room) Corrections() []correction.Request { return r.corrections.All() }

// Correction is one request.
func (r *Room) Correction(id CorrectionID) (correction.Request, bool) {
	return r.corrections.Request(string(id))
}

// CorrectionsOf are one person's requests, oldest first.
func (r *Room) CorrectionsOf(id PersonID) []correction.Request { return r.corrections.Of(string(id)) }

// Granted is what the desk granted a person and took away, as evidence of classes of their own. Its session names the
// request.
func (r *Room) Granted(id PersonID) []attend.Span { return grantedSpans(r.corrections.Of(string(id))) }

func grantedSpans(list []correction.Request) []attend.Span {
	var out []attend.Span
	for _, q := range list {
		d, class := q.Last(), attend.Corrected
		switch {
		case d.Void:
			class = attend.Voided
		case !d.Granted:
			continue
		}
		out = append(out, attend.Span{Person: q.Person, Session: q.ID, Class: class, From: d.Span.From, To: d.Span.To})
	}
	return out
}
