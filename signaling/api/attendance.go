package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
	"betang/signaling"
	"betang/signaling/wire"
)

const (
	sheetAge  = 2 * time.Second  // how old a table may be: as often as the hub saves evidence by itself
	statusAge = 20 * time.Second // how old it may be whether a running event can be ratified: it cannot
	nowAge    = 10_000           // ms since the last evidence within which somebody counts as present now

	defaultPage = 50
	maxPage     = 200
)

// shared keeps what was read last of each event (its sheet; whether it can be ratified), so that ten open tables cost one
// reading. Readers of one event wait for each other; what was read is never changed.
type shared[T any] struct {
	load func(context.Context, classroom.EventID) (T, error)

	mu      sync.Mutex
	byEvent map[classroom.EventID]*sharedOf[T]
}

type sharedOf[T any] struct {
	turn  chan struct{} // holds one token: whose it is may read and change the rest
	value T
	at    time.Time
}

func newShared[T any](load func(context.Context, classroom.EventID) (T, error)) *shared[T] {
	return &shared[T]{load: load, byEvent: map[classroom.EventID]*sharedOf[T]{}}
}

// get gives it as it was at most maxAge ago, the evidence of that moment included, and when that was.
func (s *shared[T]) get(ctx context.Context, id classroom.EventID, hub EventHub, maxAge time.Duration) (T, time.Time, error) {
	var none T
	s.mu.Lock()
	of := s.byEvent[id]
	if of == nil {
		of = &sharedOf[T]{turn: make(chan struct{}, 1)}
		s.byEvent[id] = of // only of events that exist: openHub came first
	}
	s.mu.Unlock()

	select {
	case of.turn <- struct{}{}:
	case <-ctx.Done():
		return none, time.Time{}, ctx.Err()
	}
	defer func() { <-of.turn }()
	now := time.Now()
	if !of.at.IsZero() && now.Sub(of.at) < maxAge {
		return of.value, of.at, nil
	}
	if err := hub.Flush(ctx); err != nil {
		return none, time.Time{}, err
	}
	value, err := s.load(ctx, id)
	if err != nil {
		return none, time.Time{}, err
	}
	of.value, of.at = value, now
	return value, now, nil
}

// forget makes the next reader read anew.
func (s *shared[T]) forget(id classroom.EventID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byEvent, id)
}

// eventRow is one line of BPSDM's list of events.
type eventRow struct {
	Event    wire.Event  `json:"event"`
	Counts   wire.Counts `json:"counts"`
	Attended int         `json:"attended"` // persons with any evidence
}

func (s *server) bpsdmEvents(w http.ResponseWriter, r *http.Request) {
	events, err := s.store.Events(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	claims, out := claimsOf(r), []eventRow{}
	for _, ev := range events {
		if claims.Event != signaling.AnyEvent && claims.Event != ev.ID {
			continue
		}
		hub, err := s.hub(r.Context(), ev.ID)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		sheet, _, err := s.sheets.get(r.Context(), ev.ID, hub, 2*sheetAge)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		out = append(out, eventRow{hub.PublicEvent(), hub.Counts(), len(sheet.Rows)})
	}
	answer(w, http.StatusOK, out)
}

// attendanceQuery may come in the address or, as a POST, in the body: a search for a NIP belongs in the body, because
// an address ends in the logs of every proxy on the way.
type attendanceQuery struct {
	Q      string `json:"q"`
	Region string `json:"region"` // code; "": all
	Page   int    `json:"page"`   // from 1
	Size   int    `json:"size"`   // 1 to 200
}

func (s *server) readQuery(w http.ResponseWriter, r *http.Request) (attendanceQuery, error) {
	q := attendanceQuery{Page: 1, Size: defaultPage}
	if r.Method == http.MethodPost {
		if err := decode(w, r, &q); err != nil {
			return q, err
		}
	} else {
		form := r.URL.Query()
		q.Q, q.Region = form.Get("q"), form.Get("region")
		for name, into := range map[string]*int{"page": &q.Page, "size": &q.Size} {
			if !form.Has(name) {
				continue
			}
			n, err := strconv.Atoi(form.Get(name))
			if err != nil {
				return q, classroom.Refuse(classroom.Invalid, "page_invalid")
			}
			*into = n
		}
	}
	switch {
	case q.Page < 1 || q.Page > 1_000_000 || q.Size < 1 || q.Size > maxPage:
		return q, classroom.Refuse(classroom.Invalid, "page_invalid")
	case len(q.Q) > 4*maxTyped:
		return q, classroom.Refuse(classroom.Invalid, "text_too_long")
	case q.Region != "" && roster.RegionName(q.Region) == "":
		return q, classroom.Refuse(classroom.Invalid, "region_unknown")
	}
	return q, nil
}

// attendancePage is a part of the table of an event.
type attendancePage struct {
	Total   int               `json:"total"` // rows found
	Page    int               `json:"page"`
	Size    int               `json:"size"`
	Live    int               `json:"live"` // seconds the event has been live
	Rows    []attendanceRow   `json:"rows"`
	Summary attendanceSummary `json:"summary"`
}

// attendanceSummary adds up everyone of the event, whatever was searched for.
type attendanceSummary struct {
	Attended int `json:"attended"`
	Now      int `json:"now"` // evidence in the last 10 s
	Meets    int `json:"meets"`
	Percent  int `json:"percent"` // mean of the persons' percents, rounded down
	JP       int `json:"jp"`      // sum
}

// interval is one stretch of credited presence, RFC 3339 with milliseconds, UTC.
type interval struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// attendanceRow shows the whole NIP: BPSDM keeps the roster.
type attendanceRow struct {
	No       int    `json:"no"` // in the whole list, as printed
	Person   string `json:"person"`
	Name     string `json:"name"`
	NIP      string `json:"nip"`
	Grade    string `json:"grade"`
	Position string `json:"position"`
	Unit     string `json:"unit"`
	Instansi string `json:"instansi"`
	Region   string `json:"region"` // its name
	In       string `json:"in"`     // RFC 3339, UTC; "" for never
	Out      string `json:"out"`
	Seconds  int    `json:"seconds"`
	Percent  int    `json:"percent"`
	Method   string `json:"method"`
	JP       int    `json:"jp"`
	Meets    bool   `json:"meets"`
	Verified bool   `json:"verified"`
	// Seconds of each class of evidence inside the live time; never mixed.
	Socket    int  `json:"socket"`
	Delivered int  `json:"delivered"`
	Decoded   int  `json:"decoded"`
	Now       bool `json:"now"` // evidence in the last 10 s
	// What the credit is made of: its intervals, and the seconds of them that are bridged gaps.
	Intervals []interval `json:"intervals"`
	Bridged   int        `json:"bridged"`
	// What became of the checks "Masih menyimak?"; a missed one takes no credit.
	ChecksAnswered int `json:"checksAnswered"`
	ChecksMissed   int `json:"checksMissed"`
	ChecksExcused  int `json:"checksExcused"`
}

func (s *server) attendance(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	q, err := s.readQuery(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sheet, at, err := s.sheets.get(r.Context(), id, hub, sheetAge)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, pageOf(sheet, at, q))
}

// pageOf picks the rows that match and of those the asked page.
func pageOf(sheet classroom.Sheet, at time.Time, q attendanceQuery) attendancePage {
	out := attendancePage{Page: q.Page, Size: q.Size, Rows: []attendanceRow{}}
	for _, iv := range sheet.Live {
		out.Live += int(iv.To-iv.From) / 1000
	}
	out.Summary = summaryOf(sheet.Rows, at)
	wanted, from := newSearch(q.Q), (q.Page-1)*q.Size
	for i, row := range sheet.Rows {
		if q.Region != "" && row.Person.Region != q.Region || !wanted.finds(row.Person) {
			continue
		}
		if out.Total >= from && len(out.Rows) < q.Size {
			out.Rows = append(out.Rows, rowOf(i+1, row, at))
		}
		out.Total++
	}
	return out
}

func summaryOf(rows []classroom.Row, at time.Time) attendanceSummary {
	sum := attendanceSummary{Attended: len(rows)}
	for _, row := range rows {
		c := row.Result
		sum.Percent += c.Percent
		sum.JP += c.JP
		if c.Meets {
			sum.Meets++
		}
		if presentNow(c.Last, at) {
			sum.Now++
		}
	}
	if len(rows) > 0 {
		sum.Percent /= len(rows)
	}
	return sum
}

func presentNow(last int64, at time.Time) bool { return last != 0 && at.UnixMilli()-last <= nowAge }

func rowOf(no int, row classroom.Row, at time.Time) attendanceRow {
	p, c := row.Person, row.Result
	return attendanceRow{
		No: no, Person: string(p.ID), Name: titled(p), NIP: p.NIP, Grade: p.Grade, Position: p.Position, Unit: p.Unit, Instansi: p.Instansi,
		Region: roster.RegionName(p.Region), In: stamp(c.First), Out: stamp(c.Last),
		Seconds: c.Seconds, Percent: c.Percent, Method: row.Method, JP: c.JP, Meets: c.Meets, Verified: p.Verified,
		Socket: c.SocketSeconds, Delivered: c.DeliveredSecs, Decoded: c.DecodedSecs,
		Now: presentNow(c.Last, at), Intervals: intervalsOf(c), Bridged: c.Bridged,
		ChecksAnswered: row.Checks.Answered, ChecksMissed: row.Checks.Missed, ChecksExcused: row.Checks.Excused,
	}
}

// titled is the name as printed: "Dr. Sri Wahyuni, S.Sos., M.Si."
func titled(p classroom.Person) string {
	name := p.Name
	if p.Front != "" {
		name = p.Front + " " + name
	}
	if p.Back != "" {
		name += ", " + p.Back
	}
	return name
}

func exactly(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

func stamp(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339)
}
