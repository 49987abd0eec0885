package halls

import "betang/classroom/attend"

// Stay is a stretch of time that a person spent in a hall, as far as marks prove it.
type Stay struct {
	Hall, Person string
	Level        Level // the weaker of the marks that bound it
	From, To     int64
	NoOut        bool // nobody marked the way out
	NoIn         bool // nobody marked the way in: From is To
}

// NoOut is the rule for who went without a mark.
type NoOut string

// The rules.
const (
	ToLastMark NoOut = ""      // counted to the last mark: what is not proven is not counted
	ToClose    NoOut = "close" // counted until the hall closed: the organiser trusts the hall
)

// Valid tells whether n is one of the rules.
func (n NoOut) Valid() bool { return n == ToLastMark || n == ToClose }

// Stays works out everybody's stays, by hall, person and time. now is the end, so far, of a hall that is open.
func (b *Board) Stays(rule NoOut, now int64) []Stay {
	var out []Stay
	for _, r := range b.halls {
		end := now
		if r.Closed != 0 {
			end = r.Closed
		}
		for _, p := range b.People(r.ID) {
			out = append(out, stays(b.Marks(r.ID, p), rule, end)...)
		}
	}
	return out
}

// StaysOf works out one person's stays in all halls.
func (b *Board) StaysOf(person string, rule NoOut, now int64) []Stay {
	var out []Stay
	for _, r := range b.halls {
		if len(r.people[person]) == 0 {
			continue
		}
		end := now
		if r.Closed != 0 {
			end = r.Closed
		}
		out = append(out, stays(b.Marks(r.ID, person), rule, end)...)
	}
	return out
}

// stays goes through one person's marks in one hall, by time. A second mark of presence before the way out is one more
// proof of the same stay. A way out with no way in stands for nothing, and is told.
func stays(marks []Mark, rule NoOut, end int64) []Stay {
	var out []Stay
	var in, last Mark // of the stay that is open; last is its latest proof
	open := false
	leave := func(to int64, by Level, noOut bool) {
		out = append(out, Stay{
			Hall: in.Hall, Person: in.Person, Level: Weaker(in.Level, by), From: in.At, To: max(to, in.At), NoOut: noOut,
		})
		open = false
	}
	for _, m := range marks {
		switch {
		case m.Struck:
		case m.Out && open:
			leave(m.At, m.Level, false)
		case m.Out:
			out = append(out, Stay{Hall: m.Hall, Person: m.Person, Level: m.Level, From: m.At, To: m.At, NoIn: true})
		case open:
			last = m
		default:
			in, last, open = m, m, true
		}
	}
	if open {
		to := last.At
		if rule == ToClose {
			to = max(to, end)
		}
		leave(to, last.Level, true)
	}
	return out
}

// class is the class of evidence a level gives.
func class(l Level) attend.Class {
	switch l {
	case Scanned:
		return attend.Scanned
	case Marked:
		return attend.Marked
	}
	return attend.Paper
}

// Spans cuts stays to what the screens of their halls received: presence in a Ruang Bersama is being there while the
// lecture was. media holds, by hall, the evidence of its screens, in any order. The spans are named by the hall.
func Spans(stays []Stay, media map[string][]attend.Span) []attend.Span {
	received := map[string][]attend.Interval{}
	for hall, spans := range media {
		received[hall] = attend.Union(spans, attend.Delivered|attend.Decoded)
	}
	var out []attend.Span
	for _, s := range stays {
		for _, m := range received[s.Hall] {
			if from, to := max(s.From, m.From), min(s.To, m.To); from < to {
				out = append(out, attend.Span{Person: s.Person, Session: s.Hall, Class: class(s.Level), From: from, To: to})
			}
		}
	}
	return out
}
