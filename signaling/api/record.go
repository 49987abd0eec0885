package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/caption"
	"betang/classroom/export"
	"betang/classroom/notes"
	"betang/classroom/roster"
	"betang/classroom/summary"
	"betang/classroom/survey"
)

// The endpoints of what an event leaves behind, in the policy table of classroom.
const (
	mayCaptions = "captions.read"
	mayNotes    = "notes.read"
	maySurvey   = "survey"
)

// Record reads what an event left behind.
type Record interface {
	Event(ctx context.Context, id classroom.EventID) (classroom.Event, error)
	Facts(ctx context.Context, id classroom.EventID, after int64) ([]classroom.Fact, error)
	SaveSurvey(ctx context.Context, id classroom.EventID, who string, a survey.Answer) error
	HasSurvey(ctx context.Context, id classroom.EventID, who string) (bool, error)
	Surveys(ctx context.Context, id classroom.EventID) ([]survey.Answer, error)
}

// recordRoutes are below an event: for those who took part, and who takes the minutes.
func (s *server) recordRoutes(r chi.Router) {
	r.With(s.authorize(mayCaptions), s.byToken(s.limits.export)).Get("/captions.vtt", s.captions)
	r.With(s.authorize(mayNotes), s.byToken(s.limits.export)).Get("/notulen.txt", s.minutes)
	own := r.With(s.authorize(maySurvey), s.byToken(s.limits.bpsdm))
	own.Get("/survey", s.surveyState)
	own.Post("/survey", s.surveyAnswer)
}

// afterRoutes are BPSDM's.
func (s *server) afterRoutes(r chi.Router) {
	r.With(s.authorize(mayRead), s.byToken(s.limits.bpsdm)).Get("/{event}/summary", s.summary)
	export := r.With(s.authorize(mayExport), s.byToken(s.limits.export))
	export.Get("/{event}/captions.vtt", s.captions)
	export.Get("/{event}/notulen.txt", s.minutes)
	for _, format := range []string{"csv", "xlsx"} {
		export.Get("/{event}/scores."+format, s.scores(format))
		export.Get("/{event}/polls."+format, s.polls(format))
	}
}

// replayed is the room of the path's event, and all its facts.
func (s *server) replayed(r *http.Request) (*classroom.Room, []classroom.Fact, error) {
	id := classroom.EventID(chi.URLParam(r, "event"))
	if !id.Valid() {
		return nil, nil, classroom.Refuse(classroom.NotFound, "event_unknown")
	}
	noteOf(r).event = id
	return s.replay(r.Context(), id)
}

func (s *server) replay(ctx context.Context, id classroom.EventID) (*classroom.Room, []classroom.Fact, error) {
	ev, err := s.past.Event(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	facts, err := s.past.Facts(ctx, id, 0)
	if err != nil {
		return nil, nil, err
	}
	room, err := classroom.Replay(ev, facts)
	return room, facts, err
}

// captions sends all captions as WebVTT; its time begins when the event first went live.
func (s *server) captions(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	file, _, err := s.vtts.get(r.Context(), id, hub, vttAge)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	attach(w, fmt.Sprintf("takarir-%s.vtt", id), "text/vtt; charset=utf-8", bytes.NewBuffer(file))
}

// vttAge is how old a captions file may be: after a lecture thousands ask for it, and it is made from the whole journal.
const vttAge = 20 * time.Second

func (s *server) writeVTT(ctx context.Context, id classroom.EventID) ([]byte, error) {
	room, facts, err := s.replay(ctx, id)
	if err != nil {
		return nil, err
	}
	lines := classroom.AllCaptions(facts)
	zero := room.LiveSince().UnixMilli()
	if room.LiveSince().IsZero() && len(lines) > 0 {
		zero = lines[0].At
	}
	return caption.VTT(lines, zero), nil
}

// minutes sends the minutes as text.
func (s *server) minutes(w http.ResponseWriter, r *http.Request) {
	room, _, err := s.replayed(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	ev := room.Event()
	heading := []string{
		"Kegiatan   : " + ev.Title, "Narasumber : " + ev.Speaker,
		"Waktu      : " + ev.StartsAt.In(wib).Format("02/01/2006 15.04") + "–" + ev.EndsAt.In(wib).Format("15.04") + " WIB",
		"Tempat     : " + ev.Place,
	}
	var all []notes.Note
	for _, n := range room.Notes(0) {
		all = append(all, n.Note)
	}
	attach(w, fmt.Sprintf("notulen-%s.txt", ev.ID), "text/plain; charset=utf-8", bytes.NewBuffer(notes.Text(heading, all, wib)))
}

// scores sends what each person has right in the pre-test and the post-test.
func (s *server) scores(format string) http.HandlerFunc {
	return s.tableOf("scores", "nilai", format, export.Scores, export.ScoresHeading)
}

// polls sends what came of the polls that are of no test.
func (s *server) polls(format string) http.HandlerFunc {
	return s.tableOf("polls", "jajak", format, func(_ classroom.Sheet, room *classroom.Room) export.Table { return export.Polls(room) }, export.PollsHeading)
}

// tableOf sends a table of an event's room and sheet, noted as what, in a file that begins with name.
func (s *server) tableOf(what, name, format string, table func(classroom.Sheet, *classroom.Room) export.Table, heading func(classroom.Sheet) export.Heading) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		room, sheet, at, err := s.sheetAndRoom(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		rows := table(sheet, room)
		var file bytes.Buffer
		if format == "csv" {
			err = export.WriteCSV(&file, rows)
		} else {
			err = export.WriteXLSX(&file, rows, heading(sheet))
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		id := room.Event().ID
		s.note(r, id, what+"."+format, len(rows.Rows))
		attach(w, fmt.Sprintf("%s-%s-%s.%s", name, id, at.In(wib).Format("20060102-1504"), format), export.Formats[format], &file)
	}
}

func (s *server) sheetAndRoom(r *http.Request) (*classroom.Room, classroom.Sheet, time.Time, error) {
	hub, id, err := s.openHub(r)
	if err != nil {
		return nil, classroom.Sheet{}, time.Time{}, err
	}
	sheet, at, err := s.sheets.get(r.Context(), id, hub, 0)
	if err != nil {
		return nil, classroom.Sheet{}, at, err
	}
	room, _, err := s.replayed(r)
	return room, sheet, at, err
}

// summaryView is an event in numbers, with the evaluation.
type summaryView struct {
	Title     string             `json:"title"`
	Speaker   string             `json:"speaker"`
	StartsAt  string             `json:"startsAt"`
	EndsAt    string             `json:"endsAt"`
	Ended     bool               `json:"ended"`
	Threshold int                `json:"threshold"`
	Summary   summary.Summary    `json:"summary"`
	Names     map[string]string  `json:"names"` // of the regions, by code
	Survey    survey.Result      `json:"survey"`
	Questions []answeredQuestion `json:"questions"`
}

// answeredQuestion is a question that was answered: no name of who asked.
type answeredQuestion struct {
	Text    string `json:"text"`
	Support int    `json:"support"`
	Answer  string `json:"answer"` // in writing; "" live
}

func (s *server) summary(w http.ResponseWriter, r *http.Request) {
	room, sheet, _, err := s.sheetAndRoom(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	ev := room.Event()
	answers, err := s.past.Surveys(r.Context(), ev.ID)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	captions := 0
	for _, q := range room.Captions(0) {
		captions = max(captions, q.N)
	}
	v := summaryView{
		Title: ev.Title, Speaker: ev.Speaker, StartsAt: ev.StartsAt.Format(time.RFC3339), EndsAt: ev.EndsAt.Format(time.RFC3339),
		Ended: room.Phase() == classroom.Ended, Threshold: ev.Policy.ThresholdPercent,
		Summary: summary.Of(sheet, room, captions), Names: map[string]string{}, Survey: survey.Add(answers), Questions: []answeredQuestion{},
	}
	for _, g := range v.Summary.Regions {
		v.Names[g.Code] = roster.RegionName(g.Code)
	}
	for _, q := range room.Questions(0) {
		if q.Status == classroom.QuestionAnswered {
			v.Questions = append(v.Questions, answeredQuestion{q.Text, q.Support, q.Answer})
		}
	}
	answer(w, http.StatusOK, v)
}
