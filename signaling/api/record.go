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
	notes := r.With(s.authorize(mayNotes), s.byToken(s.limits.export))
	notes.Get("/notulen.txt", s.minutes)
	notes.Get("/notulen.docx", s.minutesDOCX)
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
	export.Get("/{event}/notulen.docx", s.minutesDOCX)
	for _, format := range []string{"csv", "xlsx"} {
		export.Get("/{event}/scores."+format, s.scores(format))
		export.Get("/{event}/answers."+format, s.answers(format))
		export.Get("/{event}/polls."+format, s.polls(format))
		export.Get("/{event}/survey."+format, s.surveySheet(format))
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

// minutesDOCX sends the minutes with what the server itself knows of the event, to be completed and signed.
func (s *server) minutesDOCX(w http.ResponseWriter, r *http.Request) {
	room, facts, sheet, at, err := s.whole(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var file bytes.Buffer
	if err := (export.Minutes{Sheet: sheet, Room: room, Facts: facts, Office: s.office}).WriteDOCX(&file); err != nil {
		s.refuse(w, r, err)
		return
	}
	attach(w, fmt.Sprintf("notulen-%s-%s.docx", room.Event().ID, at.In(wib).Format("20060102-1504")), export.DOCX, &file)
}

// answers sends the scores with what each person answered where answers are by name.
func (s *server) answers(format string) http.HandlerFunc {
	return s.tableOf("answers", "jawaban", format, export.Answers, export.AnswersHeading)
}

// scores sends what each person has right in the pre-test and the post-test.
func (s *server) scores(format string) http.HandlerFunc {
	return s.tableOf("scores", "nilai", format, export.Scores, export.ScoresHeading)
}

// polls sends what came of the polls that are of no test.
func (s *server) polls(format string) http.HandlerFunc {
	return s.tableOf("polls", "jajak", format, func(_ classroom.Sheet, room *classroom.Room) export.Table { return export.Polls(room) }, export.PollsHeading)
}

// surveySheet sends what the evaluation adds up to.
func (s *server) surveySheet(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		room, sheet, at, err := s.sheetAndRoom(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		answers, err := s.past.Surveys(r.Context(), room.Event().ID)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		sum := survey.Add(answers)
		s.sendTable(w, r, table{"survey", "evaluasi", format, at}, room.Event().ID, export.Survey(sum), export.SurveyHeading(sheet, sum))
	}
}

// table says as what a table is noted, how its file begins, its format, and of when it is.
type table struct {
	what, name, format string
	at                 time.Time
}

// tableOf sends a table of an event's room and sheet.
func (s *server) tableOf(what, name, format string, rows func(classroom.Sheet, *classroom.Room) export.Table, heading func(classroom.Sheet) export.Heading) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		room, sheet, at, err := s.sheetAndRoom(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.sendTable(w, r, table{what, name, format, at}, room.Event().ID, rows(sheet, room), heading(sheet))
	}
}

func (s *server) sendTable(w http.ResponseWriter, r *http.Request, t table, id classroom.EventID, rows export.Table, heading export.Heading) {
	var file bytes.Buffer
	var err error
	if t.format == "csv" {
		err = export.WriteCSV(&file, rows)
	} else {
		err = export.WriteXLSX(&file, rows, heading)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.note(r, id, t.what+"."+t.format, len(rows.Rows))
	attach(w, fmt.Sprintf("%s-%s-%s.%s", t.name, id, t.at.In(wib).Format("20060102-1504"), t.format), export.Formats[t.format], &file)
}

func (s *server) sheetAndRoom(r *http.Request) (*classroom.Room, classroom.Sheet, time.Time, error) {
	room, _, sheet, at, err := s.whole(r)
	return room, sheet, at, err
}

// whole is all there is of the path's event: its room, its facts, and its sheet with the time of that.
func (s *server) whole(r *http.Request) (*classroom.Room, []classroom.Fact, classroom.Sheet, time.Time, error) {
	hub, id, err := s.openHub(r)
	if err != nil {
		return nil, nil, classroom.Sheet{}, time.Time{}, err
	}
	sheet, at, err := s.sheets.get(r.Context(), id, hub, 0)
	if err != nil {
		return nil, nil, classroom.Sheet{}, at, err
	}
	room, facts, err := s.replayed(r)
	return room, facts, sheet, at, err
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
