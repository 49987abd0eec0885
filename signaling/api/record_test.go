package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/export"
	"betang/classroom/poll"
	"betang/classroom/store"
	"betang/classroom/survey"
	"betang/signaling"
	"betang/signaling/wire"
)

// past is an event that is over: with a question, a test, captions and minutes.
func past(t *testing.T) *store.Store {
	t.Helper()
	at := time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC)
	ev := classroom.Event{
		ID: demo, Kind: classroom.Lecture, Title: "Kuliah <Umum>", Speaker: "Gubernur", StartsAt: at, EndsAt: at.Add(2 * time.Hour),
		Policy: attend.Policy{Version: 1, ThresholdPercent: 70, MinutesPerJP: 45},
	}
	st := openStore(t, ev)
	room := classroom.NewRoom(ev)
	op := classroom.Actor{Role: classroom.RoleOperator, Session: "s-op"}
	sri := classroom.Actor{Role: classroom.RoleParticipant, Person: "p-sri", Session: "s-sri"}
	test := poll.Spec{Kind: poll.Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: poll.Post}
	for i, x := range []struct {
		by  classroom.Actor
		cmd classroom.Command
	}{
		{op, classroom.SetPhase{To: classroom.Live}},
		{op, classroom.Caption{Text: "Selamat <pagi>"}},
		{sri, classroom.Ask{Text: "Kapan?"}},
		{op, classroom.Approve{Question: "q1"}},
		{op, classroom.Answer{Question: "q1", Text: "Bulan depan"}},
		{op, classroom.MakePoll{Spec: test}},
		{op, classroom.TurnPoll{Poll: "j1", To: poll.Open}},
		{sri, classroom.AnswerPoll{Poll: "j1", Answer: poll.Answer{Pick: 2}}},
		{op, classroom.PutNote{Kind: "decision", Text: "Dilanjutkan"}},
		{op, classroom.SetPhase{To: classroom.Ended}},
	} {
		facts, err := room.Apply(at.Add(time.Duration(i)*10*time.Second), x.by, x.cmd)
		if err != nil {
			t.Fatalf("%+v: %v", x.cmd, err)
		}
		if err := st.Append(t.Context(), demo, facts); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func TestWhatAnEventLeavesBehind(t *testing.T) {
	st := past(t)
	b := newBench(t, func(c *Config) { c.Record = st })
	mine := b.link(classroom.RoleParticipant, personal, func(c *signaling.Claims) { c.Door = false })
	minutes, bpsdm := b.link(classroom.RoleMinutes), b.link(classroom.RoleBPSDM)

	vtt := b.do(http.MethodGet, "/api/events/demo/captions.vtt", mine, "")
	if want := "WEBVTT\n\n1\n00:00:08.000 --> 00:00:09.500\nSelamat &lt;pagi&gt;\n"; vtt.Body.String() != want || vtt.Header().Get("Content-Type") != "text/vtt; charset=utf-8" {
		t.Errorf("captions: %d %q", vtt.Code, vtt.Body)
	}
	if got := b.do(http.MethodGet, "/api/events/demo/notulen.txt", minutes, "").Body.String(); !strings.Contains(got, "Kuliah <Umum>") || !strings.Contains(got, "KEPUTUSAN\n  1. Dilanjutkan") {
		t.Errorf("minutes: %q", got)
	}
	for path, token := range map[string]string{"/api/events/demo/notulen.docx": minutes, "/api/bpsdm/events/demo/notulen.docx": bpsdm} {
		docx := b.do(http.MethodGet, path, token, "")
		if docx.Code != http.StatusOK || docx.Header().Get("Content-Type") != export.DOCX || !strings.HasPrefix(docx.Body.String(), "PK") {
			t.Errorf("%s: %d %q", path, docx.Code, docx.Header())
		}
	}
	b.do(http.MethodGet, "/api/events/demo/notulen.docx", mine, "").refused(http.StatusForbidden, classroom.NotAllowed, "not_allowed")
	if got := b.do(http.MethodGet, "/api/bpsdm/events/demo/survey.csv", bpsdm, "").Body.String(); !strings.Contains(got, `"Rata-rata (1–5)"`) {
		t.Errorf("survey:\n%s", got)
	}
	b.do(http.MethodGet, "/api/bpsdm/events/demo/answers.csv", minutes, "").refused(http.StatusForbidden, classroom.NotAllowed, "not_allowed")
	if got := b.do(http.MethodGet, "/api/bpsdm/events/demo/answers.csv", bpsdm, "").Body.String(); !strings.Contains(got, `"Post-test 1. 2 + 2?"`) {
		t.Errorf("answers:\n%s", got)
	}
	b.do(http.MethodGet, "/api/events/demo/notulen.txt", mine, "").refused(http.StatusForbidden, classroom.NotAllowed, "not_allowed")
	b.do(http.MethodGet, "/api/events/nosuch/captions.vtt", b.link(classroom.RoleGuest, func(c *signaling.Claims) { c.Door, c.Event = false, "nosuch" }), "").
		refused(http.StatusNotFound, classroom.NotFound, "event_unknown")

	csv := b.do(http.MethodGet, "/api/bpsdm/events/demo/scores.csv", bpsdm, "").Body.String()
	rows := strings.Split(csv, "\r\n")
	if len(rows) != 4 || !strings.HasSuffix(rows[1], `"";"";"";"1";"1";"100";""`) || !strings.HasSuffix(rows[2], `"";"";"";"";"";"";""`) {
		t.Errorf("scores:\n%s", csv)
	}
	if x := b.do(http.MethodGet, "/api/bpsdm/events/demo/scores.xlsx", bpsdm, ""); x.Code != http.StatusOK || !strings.HasPrefix(x.Body.String(), "PK") {
		t.Errorf("scores.xlsx: %d", x.Code)
	}
	for file, begins := range map[string]string{"polls.xlsx": "PK", "polls.csv": "\xef\xbb\xbf\"No\";\"Pertanyaan\""} {
		if x := b.do(http.MethodGet, "/api/bpsdm/events/demo/"+file, bpsdm, ""); x.Code != http.StatusOK || !strings.HasPrefix(x.Body.String(), begins) {
			t.Errorf("%s: %d: %.60q", file, x.Code, x.Body)
		}
	}
	var v summaryView
	b.do(http.MethodGet, "/api/bpsdm/events/demo/summary", bpsdm, "").json(&v)
	if s := v.Summary; s.Asked != 1 || s.Answered != 1 || s.Written != 1 || s.Polls != 1 || s.Captions != 1 || s.Notes != 1 || s.People != 1 || s.Peak != 1 ||
		!v.Ended || len(v.Questions) != 1 || v.Names["62.02"] != "Kabupaten Kotawaringin Timur" {
		t.Errorf("summary: %+v", v)
	}
	if strings.Contains(b.log.String(), sriNIP) {
		t.Error("a NIP is in the log")
	}
}

func TestTheEvaluationIsAnsweredOnceAndAnonymously(t *testing.T) {
	st := past(t)
	over := &overHub{}
	b := newBench(t, func(c *Config) {
		c.Record = st
		c.Hub = func(context.Context, classroom.EventID) (Hub, error) { return over, nil }
	})
	body := func(value int, good string) string {
		return fmt.Sprintf(`{"values":[%s],"good":%q,"better":""}`, strings.TrimSuffix(strings.Repeat(fmt.Sprint(value, ","), len(survey.Items)), ","), good)
	}
	who := func(id string) string {
		return b.link(classroom.RoleGuest, func(c *signaling.Claims) { c.ID, c.Door = id, false })
	}
	const at = "/api/events/demo/survey"
	b.do(http.MethodPost, at, who("g1"), body(4, "")).refused(http.StatusConflict, classroom.Conflict, "survey_early")
	over.phase = "ended"
	b.do(http.MethodPost, at, who("g1"), body(6, "")).refused(http.StatusBadRequest, classroom.Invalid, "survey_values")
	b.do(http.MethodPost, at, who("g1"), body(4, strings.Repeat("a", survey.MaxText+1))).refused(http.StatusBadRequest, classroom.Invalid, "survey_text")
	b.do(http.MethodPost, at, who("g1"), `{"values":[]}{}`).refused(http.StatusBadRequest, classroom.Invalid, "message_malformed")
	for i, good := range []string{"<script>alert(1)</script>", "", "Jelas"} {
		var v surveyView
		b.do(http.MethodPost, at, who(fmt.Sprint("g", i+1)), body(4+i%2, good)).json(&v)
		if !v.Done {
			t.Errorf("answer %d: %+v", i, v)
		}
	}
	b.do(http.MethodPost, at, who("g1"), body(1, "")).refused(http.StatusConflict, classroom.Conflict, "survey_done")
	var own surveyView
	if b.do(http.MethodGet, at, who("g9"), "").json(&own); own.Done || !own.Open || len(own.Items) != len(survey.Items) {
		t.Errorf("who has not answered: %+v", own)
	}
	b.do(http.MethodGet, at, b.link(classroom.RoleOperator), "").refused(http.StatusForbidden, classroom.NotAllowed, "not_allowed")
	var v summaryView
	b.do(http.MethodGet, "/api/bpsdm/events/demo/summary", b.link(classroom.RoleBPSDM), "").json(&v)
	if v.Survey.N != 3 || v.Survey.Items[0].Mean != 433 || len(v.Survey.Good) != 2 {
		t.Errorf("results: %+v", v.Survey)
	}
}

// overHub is an event's hub in a phase.
type overHub struct {
	fakeHub
	phase string
}

func (h *overHub) PublicEvent() wire.Event { return wire.Event{ID: string(demo), Phase: h.phase} }
