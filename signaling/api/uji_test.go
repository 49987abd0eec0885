package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling"
	"betang/signaling/wire"
)

// A report is taken only whole and plausible: anybody may send one.
func TestReadinessReport(t *testing.T) {
	good := ujiResult{Region: "62.02", Unit: "  Dinas   Kesehatan ", Verdict: "ready", Socket: true, Kbps: 1900, Loss: 3, RTT: 40}
	now := time.Now()
	r, err := good.check(now)
	if err != nil || r.Unit != "Dinas Kesehatan" || r.Verdict != classroom.ReadyWell || r.At != now {
		t.Fatalf("%+v, %v", r, err)
	}
	for what, spoil := range map[string]func(*ujiResult){
		"no unit":            func(q *ujiResult) { q.Unit = " " },
		"a long unit":        func(q *ujiResult) { q.Unit = strings.Repeat("x", 200) },
		"a turned unit":      func(q *ujiResult) { q.Unit = "a\u202eb" },
		"no regency":         func(q *ujiResult) { q.Region = "" },
		"an unknown regency": func(q *ujiResult) { q.Region = "99.99" },
		"no verdict":         func(q *ujiResult) { q.Verdict = "fine" },
		"a loss over all":    func(q *ujiResult) { q.Loss = 1001 },
		"a negative rate":    func(q *ujiResult) { q.Kbps = -1 },
		"an endless trip":    func(q *ujiResult) { q.RTT = maxReported + 1 },
	} {
		q := good
		spoil(&q)
		if _, err := q.check(now); classroom.KindOf(err) != classroom.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// ujiBench is the API over a real store of two events and a measurement that says what it was asked.
type ujiBench struct {
	*bench
	busy  error        // of the next measurements
	asked [][]sfu.Step // the streams of the measurements
}

func newUjiBench(t *testing.T) *ujiBench {
	t.Helper()
	st := openStore(t, lectureNow(demo), lectureNow(otherEvent))
	u := &ujiBench{}
	u.bench = newBench(t, func(c *Config) {
		c.Readiness = st
		c.Measure = func(_ context.Context, offer string, steps []sfu.Step) (string, error) {
			if u.busy != nil {
				return "", u.busy
			}
			if !strings.HasPrefix(offer, "v=0\r\n") {
				return "", &sfu.Error{Code: sfu.SDPInvalid, Detail: "no offer"}
			}
			u.asked = append(u.asked, steps)
			return "v=0\r\ns=answer\r\n", nil
		}
		c.ICE = func(event classroom.EventID, _, _ string, life time.Duration) []wire.ICEServer {
			return []wire.ICEServer{{URLs: []string{"turn:betang.test"}, Username: string(event), Credential: life.String()}}
		}
	})
	return u
}

const reportPath = "/api/events/demo/uji"

// desk is what the operator reads.
func (u *ujiBench) desk(event classroom.EventID) []ujiResult {
	u.t.Helper()
	var page readinessPage
	op := u.link(classroom.RoleOperator, func(c *signaling.Claims) { c.Event = event })
	u.do(http.MethodGet, "/api/events/"+string(event)+"/readiness", op, "").json(&page)
	if len(page.Regions) != 14 {
		u.t.Errorf("%d regencies: those that have not reported belong to it", len(page.Regions))
	}
	return page.Reports
}

// An office reports, and again, and another does; the operator reads the last of each under its regency, no other event
// does, and nobody whom it is not for. What is not a report is refused with its reason and changes nothing.
func TestReadinessOverHTTP(t *testing.T) {
	u := newUjiBench(t)
	report := ujiResult{Region: "62.02", Unit: "Dinas Kesehatan", Verdict: "saving", Socket: true, TCP: true, Kbps: 300, Loss: 12, RTT: 640, Mic: true}
	send := func(q ujiResult) reply { return u.do(http.MethodPost, reportPath, "", asJSON(q)) }
	var ok struct{}
	before := time.Now().UnixMilli()
	send(report).json(&ok)
	better := report
	better.Unit, better.Verdict, better.UDP, better.Kbps = "DINAS  KESEHATAN", "ready", true, 1900
	better.At, better.Times = 1, 99 // the server's own, whatever the page says
	send(better).json(&ok)
	other := report
	other.Region, other.Unit, other.Verdict = "62.71", "Badan Kepegawaian", "none"
	send(other).json(&ok)

	for i, bad := range []struct {
		what, body string
		status     int
		code       string
	}{
		{"no body", "", 415, "content_type"},
		{"half a body", `{"region":"62.02"`, 400, "message_malformed"},
		{"two bodies", asJSON(report) + asJSON(report), 400, "message_malformed"},
		{"a list", `{"region":["62.02"]}`, 400, "message_malformed"},
		{"a field of its own", `{"region":"62.02","unit":"Dinas","verdict":"ready","name":"Sri"}`, 400, "message_malformed"},
		{"a number too large for it", `{"region":"62.02","unit":"Dinas","verdict":"ready","kbps":1e30}`, 400, "message_malformed"},
		{"an oversized body", `{"unit":"` + strings.Repeat("x", maxJSON) + `"}`, 413, "body_too_large"},
		{"no verdict", `{"region":"62.02","unit":"Dinas"}`, 400, "uji_report"},
		{"no regency", `{"unit":"Dinas","verdict":"ready"}`, 400, "region_unknown"},
		{"no unit", `{"region":"62.02","verdict":"ready"}`, 400, "unit_invalid"},
		{"a NIP for a unit", `{"region":"62.02","unit":"Sri 19900101 201503 2 001","verdict":"ready"}`, 400, "unit_nip"},
	} {
		t.Run(bad.what, func(t *testing.T) {
			u.from = "198.51.100." + strconv.Itoa(i) + ":1" // a budget of its own
			w := u.do(http.MethodPost, reportPath, "", bad.body)
			w.t = t
			w.refused(bad.status, classroom.Invalid, bad.code)
		})
	}
	u.from = officeIP
	u.do(http.MethodPost, "/api/events/tidakada/uji", "", asJSON(report)).refused(404, classroom.NotFound, "event_unknown")

	got := u.desk(demo)
	if len(got) != 2 {
		t.Fatalf("%+v, want the last report of each office", got)
	}
	if at := got[0].At; at < before || at > time.Now().UnixMilli() {
		t.Errorf("reported at %d", at)
	}
	got[0].At, got[1].At = 0, 0
	better.At, better.Times, better.Unit = 0, 2, "DINAS KESEHATAN"
	other.Times = 1
	if !slices.Equal(got, []ujiResult{better, other}) {
		t.Errorf("the desk reads %+v\nwant %+v", got, []ujiResult{better, other})
	}
	if rest := u.desk(otherEvent); len(rest) != 0 {
		t.Errorf("another event's desk reads %+v", rest)
	}

	const page = "/api/events/demo/readiness"
	u.do(http.MethodGet, page, u.link(classroom.RoleBPSDM), "").json(&readinessPage{})
	u.do(http.MethodGet, page, "", "").refused(401, classroom.NotAllowed, "token_missing")
	u.do(http.MethodGet, page, "x"+u.link(classroom.RoleOperator), "").refused(401, classroom.NotAllowed, "token_invalid")
	elsewhere := u.link(classroom.RoleOperator, func(c *signaling.Claims) { c.Event = otherEvent })
	for what, token := range map[string]string{
		"a participant": u.link(classroom.RoleParticipant, personal), "a speaker": u.link(classroom.RoleSpeaker), "another event's operator": elsewhere,
	} {
		if w := u.do(http.MethodGet, page, token, ""); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "KESEHATAN") {
			t.Errorf("%s reads %d %s", what, w.Code, w.Body)
		}
	}
	if log := u.log.String(); strings.Contains(log, "KESEHATAN") || strings.Contains(log, "201503") || !strings.Contains(log, "code=unit_nip") {
		t.Errorf("the log tells what was sent, or not why it was refused:\n%s", log)
	}
}

// An address may send so many reports and measurements a minute; the others are told when to come, and another address
// is none the worse. Nothing of the flood above the limit is kept or measured.
func TestUjiFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUjiBench(t)
		told := func(w reply) {
			t.Helper()
			w.refused(429, classroom.TooMany, "too_many")
			if s, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || s < 1 || s > 60 {
				t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
		}
		report := func(i int) reply {
			return u.do(http.MethodPost, reportPath, "", asJSON(ujiResult{Region: "62.02", Unit: fmt.Sprint("Kantor ", i), Verdict: "ready"}))
		}
		for i := range reportsPerMinute {
			report(i).json(&struct{}{})
		}
		for i := range 50 {
			told(report(1000 + i))
		}
		u.from = "[2001:db8:0:1::7]:4000"
		report(2000).json(&struct{}{})
		if got := u.desk(demo); len(got) != reportsPerMinute+1 {
			t.Errorf("%d reports kept, want %d", len(got), reportsPerMinute+1)
		}

		u.from = officeIP
		measure := func() reply { return u.do(http.MethodPost, "/api/uji", "", `{"sdp":"v=0\r\n","stream":true}`) }
		for range ujiPerAddress {
			measure().json(&ujiAnswer{})
		}
		told(measure())
		if len(u.asked) != ujiPerAddress {
			t.Errorf("%d measurements ran", len(u.asked))
		}
		u.from = "[2001:db8:0:1::8]:4000" // the same /64 as the report's; measurements have a budget of their own
		measure().json(&ujiAnswer{})
	})
}

// The plan is the measurement: its steps are those that are sent, and only to whom asks for the stream. An offer that is
// none is the page's fault; a server with its hands full says when to come again.
func TestUjiMeasure(t *testing.T) {
	u := newUjiBench(t)
	var plan ujiPlan
	u.do(http.MethodGet, "/api/uji", "", "").json(&plan)
	if len(plan.ICE) != 1 || plan.ICE[0].Credential != ujiLife.String() {
		t.Errorf("TURN %+v, want it for minutes", plan.ICE)
	}
	var answered ujiAnswer
	u.do(http.MethodPost, "/api/uji", "", `{"sdp":"v=0\r\n","stream":true}`).json(&answered)
	u.do(http.MethodPost, "/api/uji", "", `{"sdp":"v=0\r\n"}`).json(&ujiAnswer{})
	if answered.SDP != "v=0\r\ns=answer\r\n" || len(u.asked) != 2 || len(u.asked[1]) != 0 {
		t.Fatalf("%+v, streams %v", answered, u.asked)
	}
	var sent []ujiStep
	for _, s := range u.asked[0] {
		sent = append(sent, ujiStep{s.Rate / 1000, int(s.For.Milliseconds())})
	}
	if !slices.Equal(sent, plan.Steps) || len(sent) == 0 {
		t.Errorf("sent %v, planned %v", sent, plan.Steps)
	}

	post := func(body string) reply { return u.do(http.MethodPost, "/api/uji", "", body) }
	post(`{"sdp":"hello"}`).refused(400, classroom.Invalid, "sdp_malformed")
	post(`{"sdp":"`+strings.Repeat("a", wire.MaxSDP)+`"}`).refused(400, classroom.Invalid, "sdp_malformed")
	post(`{"sdp":"`+strings.Repeat("a", wire.MaxSDP+1024)+`"}`).refused(413, classroom.Invalid, "body_too_large")
	post(`{"sdp":1}`).refused(400, classroom.Invalid, "message_malformed")
	post("v=0\r\n").refused(415, classroom.Invalid, "content_type")
	u.busy = &sfu.Error{Code: sfu.Overloaded}
	w := post(`{"sdp":"v=0\r\n","stream":true}`)
	w.refused(429, classroom.TooMany, "uji_busy")
	if w.Header().Get("Retry-After") != measureRetryHint {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	if strings.Contains(u.log.String(), "v=0") {
		t.Error("the log holds an offer")
	}
}
