// Package summary says in numbers how an event was: how many were there, from where, and what was asked. It is a pure
// function of the attendance sheet and the room's facts, so it can be worked out again at any time.
package summary

import (
	"cmp"
	"slices"

	"betang/classroom"
	"betang/classroom/attend"
)

// Points is how many points the curve of presence has.
const Points = 60

// Summary is one event in numbers. People are participants with presence that earns credit; guests are counted nowhere.
type Summary struct {
	People   int      `json:"people"`
	Meets    int      `json:"meets"`  // who reach the threshold
	Peak     int      `json:"peak"`   // most at one moment
	PeakAt   int64    `json:"peakAt"` // Unix ms; 0
	Mean     int      `json:"mean"`   // over the live time, rounded to the nearest
	Live     int64    `json:"live"`   // ms
	From     int64    `json:"from"`   // of the curve, Unix ms
	To       int64    `json:"to"`
	Curve    []int    `json:"curve"` // most present in each of Points equal parts; empty if the event was never live
	Regions  []Region `json:"regions"`
	Asked    int      `json:"asked"`
	Answered int      `json:"answered"` // live or in writing
	Written  int      `json:"written"`  // of these
	Votes    int      `json:"votes"`
	Polls    int      `json:"polls"`
	Captions int      `json:"captions"`
	Notes    int      `json:"notes"`
}

// Region is how many came from one place.
type Region struct {
	Code   string `json:"code"` // "": not known
	People int    `json:"people"`
	Meets  int    `json:"meets"`
}

// Of works a summary out. captions is how many lines were typed.
func Of(sheet classroom.Sheet, room *classroom.Room, captions int) Summary {
	s := Summary{Live: sheet.Live.Length(), Captions: captions, Curve: []int{}, Regions: []Region{}}
	regions := map[string]*Region{}
	var all []attend.Interval
	for _, row := range sheet.Rows {
		if len(row.Result.Intervals) == 0 {
			continue
		}
		s.People++
		g := regions[row.Person.Region]
		if g == nil {
			g = &Region{Code: row.Person.Region}
			regions[row.Person.Region] = g
		}
		g.People++
		if row.Result.Meets {
			s.Meets++
			g.Meets++
		}
		all = append(all, row.Result.Intervals...)
	}
	for _, g := range regions {
		s.Regions = append(s.Regions, *g)
	}
	slices.SortFunc(s.Regions, func(a, b Region) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Code, b.Code)) })
	s.presence(sheet.Live, all)
	for _, q := range room.Questions(0) {
		s.Asked++
		s.Votes += q.Support
		if q.Status == classroom.QuestionAnswered {
			s.Answered++
			if q.Answer != "" {
				s.Written++
			}
		}
	}
	for _, p := range room.Polls(0) {
		if p.Status == "open" || p.Status == "closed" {
			s.Polls++
		}
	}
	for _, n := range room.Notes(0) {
		if !n.Gone {
			s.Notes++
		}
	}
	return s
}

// edge is where somebody comes or goes.
type edge struct {
	at int64
	by int
}

// presence sweeps over all comings and goings once.
func (s *Summary) presence(live attend.Window, all []attend.Interval) {
	if len(live) == 0 || s.Live <= 0 {
		return
	}
	s.From, s.To = live[0].From, live[len(live)-1].To
	s.Curve = make([]int, Points)
	edges := make([]edge, 0, 2*len(all))
	sum := int64(0)
	for _, x := range all {
		edges = append(edges, edge{x.From, 1}, edge{x.To, -1})
		sum += x.To - x.From
	}
	s.Mean = int((2*sum + s.Live) / (2 * s.Live))
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) }) // who goes first, then who comes
	part := func(at int64) int { return int(min(Points-1, max(0, (at-s.From)*Points/(s.To-s.From)))) }
	n := 0
	for i, e := range edges {
		n += e.by
		if n > s.Peak {
			s.Peak, s.PeakAt = n, e.at
		}
		to := e.at
		if i+1 < len(edges) {
			to = edges[i+1].at
		}
		if to == e.at {
			continue
		}
		for p := part(e.at); p <= part(to-1); p++ {
			s.Curve[p] = max(s.Curve[p], n)
		}
	}
}
