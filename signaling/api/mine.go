package api

import (
	"bytes"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/correction"
	"betang/classroom/proof"
	"betang/classroom/ratify"
	"betang/signaling"
	"betang/signaling/wire"
)

// mineRoutes are a participant's own addresses below an event.
func (s *server) mineRoutes(r chi.Router) {
	mine := r.With(s.authorize(mayMine), s.byToken(s.limits.bpsdm))
	mine.Get("/mine", s.mine)
	r.With(s.authorize(mayContest), s.byToken(s.limits.bpsdm)).Post("/mine/corrections", s.contest)
	if s.ratify != nil {
		mine.Get("/mine/proof.json", s.mineProof)
	}
}

// mineView is "Kehadiran saya". Times are RFC 3339 with milliseconds, UTC.
type mineView struct {
	Event    wire.Event    `json:"event"`
	Now      int64         `json:"now"`  // server clock, Unix ms
	Own      ownView       `json:"own"`  // as counted now
	Year     yearView      `json:"year"` // by what was ratified
	List     *mineListView `json:"list"` // null: not ratified
	Requests []requestView `json:"requests"`
}

// ownView is a person's credit, and every stretch of the live time without it.
type ownView struct {
	Seconds   int        `json:"seconds"`
	Live      int        `json:"live"`    // seconds the event has been live
	Counted   int        `json:"counted"` // of them, what counts: the 100 %
	Percent   int        `json:"percent"`
	Meets     bool       `json:"meets"`
	JP        int        `json:"jp"`
	Bridged   int        `json:"bridged"`
	Corrected int        `json:"corrected"`
	Intervals []interval `json:"intervals"`
	Gaps      []gapView  `json:"gaps"`
	Answered  int        `json:"answered"`
	Missed    int        `json:"missed"`
	Excused   int        `json:"excused"`
	Explained []string   `json:"explained"` // in Indonesian
}

// gapView is a stretch that was not counted. Why is one of package attend, or "before", "after", "paused".
type gapView struct {
	From string `json:"from"`
	To   string `json:"to"`
	Why  string `json:"why"`
	Seen bool   `json:"seen"` // there was some sign of the person
}

// yearView is "JP tahun ini: 14 dari 20", or of a PPPK "14, batas 24".
type yearView struct {
	Year  int    `json:"year"`
	JP    int    `json:"jp"`
	Least int    `json:"least"` // 0: no duty
	Most  int    `json:"most"`  // 0: no limit
	Kind  string `json:"kind"`
}

// mineListView is the person's line in the list that counts.
type mineListView struct {
	listInfo
	No      int    `json:"no"` // 0: not in it
	JP      int    `json:"jp"`
	Percent int    `json:"percent"`
	Seconds int    `json:"seconds"`
	Meets   bool   `json:"meets"`
	Link    string `json:"link"` // of the verification page, with the person's key behind the #
}

// requestView is a request for a correction and its history.
type requestView struct {
	ID        string         `json:"id"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Reason    string         `json:"reason"`
	At        string         `json:"at"`
	Desk      bool           `json:"desk,omitempty"` // the desk began it: nobody asked, and reason is ""
	Decisions []decisionView `json:"decisions"`
}

type decisionView struct {
	Granted bool   `json:"granted"`
	Void    bool   `json:"void,omitempty"` // the stretch was taken away
	From    string `json:"from"`           // "" unless granted or taken away
	To      string `json:"to"`
	Reason  string `json:"reason"`
	Who     string `json:"who"`
	At      string `json:"at"`
}

func (s *server) mine(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	me := claimsOf(r).Person
	own, err := hub.Own(r.Context(), me)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	person, err := s.store.Person(r.Context(), me)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	now := time.Now()
	v := mineView{
		Event: hub.PublicEvent(), Now: now.UnixMilli(), Own: ownOf(own), Requests: requestsOf(own.Corrections),
		Year: yearView{Year: now.In(wib).Year(), Kind: person.Kind},
	}
	rule := attend.YearRules(person.Kind)
	v.Year.Least, v.Year.Most = rule.Least, rule.Most
	if s.ratify != nil {
		if v.Year.JP, err = s.ratify.Year(r.Context(), me, v.Year.Year); err == nil {
			v.List, err = s.mineList(r, id, me)
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
	}
	answer(w, http.StatusOK, v)
}

func (s *server) mineList(r *http.Request, id classroom.EventID, me classroom.PersonID) (*mineListView, error) {
	list, ok, err := s.ratify.Newest(r.Context(), id)
	if err != nil || !ok {
		return nil, err
	}
	v := &mineListView{listInfo: s.info(list), No: list.Row(me)}
	if v.No > 0 {
		c := list.Doc.Rows[v.No-1].Credited
		v.JP, v.Percent, v.Seconds, v.Meets = c.JP, c.Percent, c.Seconds, c.Meets
		v.Link = v.Page + "#" + s.ratify.PersonKey(list.Number, v.No)
	}
	return v, nil
}

// mineProof sends a person's own part of the list: it can be verified without anybody else's.
func (s *server) mineProof(w http.ResponseWriter, r *http.Request) {
	_, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	list, ok, err := s.ratify.Newest(r.Context(), id)
	no := 0
	if err == nil && ok {
		no = list.Row(claimsOf(r).Person)
	}
	if err == nil && no == 0 {
		err = classroom.Refuse(classroom.NotFound, "not_ratified")
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	file, err := list.Doc.ProofFor(no)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	attach(w, "bukti-kehadiran-"+string(id)+".json", "application/json; charset=utf-8", bytes.NewBuffer(file))
}

func (s *server) contest(w http.ResponseWriter, r *http.Request) {
	var body struct {
		From   int64  `json:"from"` // Unix ms
		To     int64  `json:"to"`
		Reason string `json:"reason"`
	}
	hub, _, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	reason, code := wire.Tidy(body.Reason, correction.MinReason, correction.MaxReason)
	if code != "" {
		s.refuse(w, r, classroom.Refuse(classroom.Invalid, string(correction.ErrReason)))
		return
	}
	me := claimsOf(r)
	by := classroom.Actor{Person: me.Person, Role: me.Role, Link: me.ID}
	if _, err := hub.Do(r.Context(), by, classroom.Contest{From: body.From, To: body.To, Reason: reason}); err != nil {
		s.refuse(w, r, err)
		return
	}
	own, err := hub.Own(r.Context(), me.Person)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusCreated, requestsOf(own.Corrections))
}

func ownOf(o signaling.Own) ownView {
	res := o.Result()
	v := ownView{
		Seconds: res.Seconds, Live: res.LiveSeconds, Counted: res.CountedSeconds, Percent: res.Percent, Meets: res.Meets, JP: res.JP,
		Bridged: res.Bridged, Corrected: res.CorrectedSecs, Intervals: intervalsOf(res), Gaps: gapsOf(o, res),
		Answered: o.Checks.Answered, Missed: o.Checks.Missed, Excused: o.Checks.Excused, Explained: classroom.Explain(o.Policy, res),
	}
	return v
}

// gapsOf lists what was not credited: the stretches the rule names, and the pauses between them.
func gapsOf(o signaling.Own, res attend.Result) []gapView {
	out := []gapView{}
	add := func(from, to int64, why string, seen bool) {
		out = append(out, gapView{exactly(from), exactly(to), why, seen})
	}
	live, next := o.Held.Live, 1
	for _, m := range res.Missing {
		for ; next < len(live) && live[next].From <= m.From; next++ {
			add(live[next-1].To, live[next].From, "paused", false)
		}
		why := string(m.Why)
		switch {
		case m.Why != attend.WhyAbsent:
		case res.First == 0 || m.To <= res.First:
			why = "before"
		case m.From >= res.Last:
			why = "after"
		}
		add(m.From, m.To, why, m.Seen != 0)
	}
	for ; next < len(live); next++ {
		add(live[next-1].To, live[next].From, "paused", false)
	}
	return out
}

func requestsOf(list []correction.Request) []requestView {
	out := []requestView{}
	for _, q := range list {
		v := requestView{
			ID: q.ID, From: exactly(q.Span.From), To: exactly(q.Span.To), Reason: q.Reason, At: exactly(q.At), Desk: q.Desk, Decisions: []decisionView{},
		}
		for _, d := range q.Decisions {
			x := decisionView{Granted: d.Granted, Void: d.Void, Reason: d.Reason, Who: d.Who, At: exactly(d.At)}
			if d.Granted || d.Void {
				x.From, x.To = exactly(d.Span.From), exactly(d.Span.To)
			}
			v.Decisions = append(v.Decisions, x)
		}
		out = append(out, v)
	}
	return out
}

// personOf is the person of a signed line.
func personOf(r proof.Row) classroom.Person {
	return ratify.Frozen(proof.Document{Rows: []proof.Row{r}}).Rows[0].Person
}
