package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling"
)

func TestEventPage(t *testing.T) {
	b := newBench(t)
	var got eventInfo
	w := b.do(http.MethodGet, "/api/events/demo", "", "")
	w.json(&got)
	if got.ID != "demo" || got.Phase != "live" || got.Notice.Unit != "BPSDM" || time.Since(time.UnixMilli(got.Now)) > time.Minute {
		t.Errorf("got %s", w.Body)
	}
	for _, path := range []string{"/api/events/nosuch", "/api/events/" + sriNIP + "00", "/api/events/A%2F..%2Fdemo", "/api/events/%00"} {
		b.do(http.MethodGet, path, "", "").refused(404, classroom.NotFound, "event_unknown")
	}
}

func TestRegions(t *testing.T) {
	var got []region
	newBench(t).do(http.MethodGet, "/api/regions", "", "").json(&got)
	seen := map[string]string{}
	for _, r := range got {
		seen[r.Code] = r.Name
	}
	if !strings.Contains(seen["62.02"], "Kotawaringin Timur") || len(seen) != len(got) {
		t.Errorf("got %v", got)
	}
}

// enter walks a link through identify and join and gives what the session token says.
func enter(b *bench, link, body string) (identity, signaling.Claims) {
	b.t.Helper()
	var who identity
	b.do(http.MethodPost, "/api/events/demo/identify", link, body).json(&who)
	var in joined
	b.do(http.MethodPost, "/api/events/demo/join", link, `{"ticket":"`+who.Ticket+`"}`).json(&in)
	c, err := b.tokens.Verify(in.Token, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	if in.Role != string(c.Role) {
		b.t.Errorf("role %s told, %s signed", in.Role, c.Role)
	}
	return who, c
}

func TestIdentifyAndJoin(t *testing.T) {
	for name, c := range map[string]struct {
		personal     bool
		body, method string
	}{
		"NIP":                   {false, `{"nip":"` + sriNIP + `"}`, "nip"},
		"NIP as written":        {false, `{"nip":"19900101 201503 2 001"}`, "nip"},
		"code":                  {false, `{"code":"` + sriCode + `"}`, "code"},
		"code as typed":         {false, `{"code":"k7qm-2xpa "}`, "code"},
		"personal link":         {true, `{}`, "link"},
		"personal link, blanks": {true, `{"nip":"","code":""}`, "link"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			link := b.link(classroom.RoleParticipant)
			if c.personal {
				link = b.link(classroom.RoleParticipant, personal)
			}
			who, session := enter(b, link, c.body)
			if who.NIP != "1990••••••••••••01" || strings.Contains(who.Name, "Wahyuni") || !strings.HasPrefix(who.Name, "S") ||
				who.Unit != "Dinas Pendidikan" || !strings.Contains(who.Region, "Kotawaringin Timur") || !who.Verified {
				t.Errorf("shown %+v", who)
			}
			if session.Person != "p-sri" || session.Role != classroom.RoleParticipant || session.Door || session.Method != c.method || session.Event != demo {
				t.Errorf("session %+v", session)
			}
		})
	}
}

func TestIdentifyRefuses(t *testing.T) {
	b := newBench(t)
	public, own := b.link(classroom.RoleParticipant), b.link(classroom.RoleParticipant, personal)
	for _, c := range []struct {
		token, body string
		status      int
		kind        classroom.Kind
		code        string
	}{
		{public, `{}`, 400, classroom.Invalid, "nip_length"},
		{public, `{"nip":"1234"}`, 400, classroom.Invalid, "nip_length"},
		{public, `{"nip":"` + unknownNIP + `"}`, 404, classroom.NotFound, "nip_unknown"},
		{public, `{"code":"ABCDEFGH"}`, 404, classroom.NotFound, "code_unknown"},
		{public, `{"code":"AB"}`, 400, classroom.Invalid, "code_form"},
		{public, `{"code":"' OR 1=1 --"}`, 400, classroom.Invalid, "code_form"},
		{public, `{"code":"` + strings.Repeat("A", 100) + `"}`, 400, classroom.Invalid, "code_form"},
		{public, `{"nip":"` + sriNIP + `","code":"` + sriCode + `"}`, 400, classroom.Invalid, "nip_or_code"},
		{own, `{"nip":"` + unknownNIP + `"}`, 403, classroom.NotAllowed, "link_personal"},
		{own, `{"code":"` + sriCode + `"}`, 403, classroom.NotAllowed, "link_personal"},
	} {
		b.do(http.MethodPost, "/api/events/demo/identify", c.token, c.body).refused(c.status, c.kind, c.code)
	}
	lost := b.link(classroom.RoleParticipant, func(c *signaling.Claims) { c.Person = "p-gone" })
	b.do(http.MethodPost, "/api/events/demo/identify", lost, `{}`).refused(404, classroom.NotFound, "person_unknown")
	b.store.fail = errDisk
	w := b.do(http.MethodPost, "/api/events/demo/identify", public, `{"nip":"`+sriNIP+`"}`)
	w.refused(500, classroom.Internal, "internal")
	if strings.Contains(w.Body.String(), "disk") {
		t.Errorf("the reader learns %s", w.Body)
	}
	if !strings.Contains(b.log.String(), "disk on fire") {
		t.Error("the log does not tell why")
	}
}

func TestGuestJoins(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("Tamu ", 20)
	for name, c := range map[string]struct{ body, want string }{
		"no name": {`{"guest":true}`, ""}, "a name": {`{"guest":true,"name":"  Budi   Santoso "}`, "Budi Santoso"},
		"a long one": {`{"guest":true,"name":"` + long + `"}`, strings.TrimSpace(long[:60])},
		"markup":     {`{"guest":true,"name":"<b>Budi</b>"}`, "<b>Budi</b>"}, // text: whoever shows it escapes it
	} {
		for _, role := range []classroom.Role{classroom.RoleGuest, classroom.RoleParticipant} {
			var in joined
			b.do(http.MethodPost, "/api/events/demo/join", b.link(role), c.body).json(&in)
			s, err := b.tokens.Verify(in.Token, time.Now())
			if err != nil || in.Role != "guest" || s.Role != classroom.RoleGuest || s.Name != c.want || s.Person != "" || s.Door || s.Method != "guest" {
				t.Errorf("%s by %s link: %+v %+v %v", name, role, in, s, err)
			}
		}
	}
}

func TestNewcomerJoins(t *testing.T) {
	b := newBench(t)
	link := b.link(classroom.RoleParticipant)
	const form = `{"nip":"` + unknownNIP + `","name":"Budi Santoso","unit":"Dinas PUPR","region":"62.02"}`
	var first, again joined
	b.do(http.MethodPost, "/api/events/demo/join", link, form).json(&first)
	b.do(http.MethodPost, "/api/events/demo/join", link, form).json(&again) // the answer was lost
	if first.Role != "participant" || b.store.count() != 2 {
		t.Fatalf("%+v, %d people", first, b.store.count())
	}
	s, err := b.tokens.Verify(first.Token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.store.Person(t.Context(), s.Person)
	want := classroom.Person{ID: s.Person, NIP: unknownNIP, Name: "Budi Santoso", Unit: "Dinas PUPR", Region: "62.02"}
	if err != nil || p != want {
		t.Errorf("saved %+v %v, want %+v", p, err, want)
	}
	// From then on the NIP is known, and nobody rewrites the entry by typing another name.
	who, session := enter(b, link, `{"nip":"`+unknownNIP+`"}`)
	if who.Verified || session.Person != s.Person {
		t.Errorf("second device: %+v %+v", who, session)
	}
	other := strings.Replace(form, "Budi", "Rudi", 1)
	b.do(http.MethodPost, "/api/events/demo/join", link, other).refused(409, classroom.Conflict, "nip_known")
}

func TestJoinRefuses(t *testing.T) {
	b := newBench(t)
	public, own, guest := b.link(classroom.RoleParticipant), b.link(classroom.RoleParticipant, personal), b.link(classroom.RoleGuest)
	form := func(nip, name, unit, region string) string {
		return `{"nip":"` + nip + `","name":"` + name + `","unit":"` + unit + `","region":"` + region + `"}`
	}
	for _, c := range []struct {
		token, body string
		status      int
		kind        classroom.Kind
		code        string
	}{
		{public, `{}`, 400, classroom.Invalid, "nip_length"},
		{public, `{"ticket":"x"}`, 403, classroom.NotAllowed, "ticket_invalid"},
		{public, `{"ticket":"` + public + `"}`, 403, classroom.NotAllowed, "ticket_invalid"},
		{public, `{"guest":true,"nip":"` + sriNIP + `"}`, 400, classroom.Invalid, "guest_or_nip"},
		{public, `{"guest":true,"name":"a\u202eb"}`, 400, classroom.Invalid, "name_invalid"},
		{public, `{"guest":true,"name":"a` + strings.Repeat("\u0351", 5) + `b"}`, 400, classroom.Invalid, "name_invalid"},
		{public, `{"guest":true,"name":"` + strings.Repeat("👏", 40) + `"}`, 400, classroom.Invalid, "name_invalid"},
		{public, form(unknownNIP, "Budi 👏🏽", "Dinas", ""), 400, classroom.Invalid, "name_invalid"},
		{public, form(unknownNIP, "Bu\u2066di", "Dinas", ""), 400, classroom.Invalid, "name_invalid"},
		{public, `{"guest":true,"name":"a\u0000b"}`, 400, classroom.Invalid, "name_invalid"},
		{public, form(sriNIP, "Siapa Saja", "Dinas", ""), 409, classroom.Conflict, "nip_known"},
		{public, form("123", "Budi", "Dinas", ""), 400, classroom.Invalid, "nip_length"},
		{public, form(unknownNIP, "", "Dinas", ""), 400, classroom.Invalid, "name_invalid"},
		{public, form(unknownNIP, strings.Repeat("x", 121), "Dinas", ""), 400, classroom.Invalid, "name_invalid"},
		{public, form(unknownNIP, "Budi", "", ""), 400, classroom.Invalid, "unit_invalid"},
		{public, form(unknownNIP, "Budi", `Di\tnas`, ""), 400, classroom.Invalid, "unit_invalid"},
		{public, form(unknownNIP, "Budi", "Dinas", "99.99"), 400, classroom.Invalid, "region_unknown"},
		{own, form(unknownNIP, "Budi", "Dinas", ""), 403, classroom.NotAllowed, "link_personal"},
		{own, `{"guest":true}`, 403, classroom.NotAllowed, "link_personal"},
		{guest, `{"ticket":"x"}`, 403, classroom.NotAllowed, "guest_only"},
		{guest, form(unknownNIP, "Budi", "Dinas", ""), 403, classroom.NotAllowed, "guest_only"},
	} {
		b.do(http.MethodPost, "/api/events/demo/join", c.token, c.body).refused(c.status, c.kind, c.code)
	}
	if b.store.count() != 1 {
		t.Errorf("%d people after refusals, want the one of the roster", b.store.count())
	}
}

func TestMalformedBodies(t *testing.T) {
	b := newBench(t)
	link := b.link(classroom.RoleParticipant)
	for _, path := range []string{"/api/events/demo/identify", "/api/events/demo/join"} {
		for _, body := range []string{
			``, `{`, `[]`, `"x"`, `{"nip":1}`, `{"nip":null} {}`, `{"nip":"1"}x`, `{"nip":["1"]}`, `{"admin":true}`, "{\"nip\":\"\xff\"}", "\x00\x01",
			strings.Repeat("[", 4000),
		} {
			b.do(http.MethodPost, path, link, body, "Content-Type: application/json").refused(400, classroom.Invalid, "message_malformed")
		}
		b.do(http.MethodPost, path, link, `{"nip":"`+strings.Repeat("1", maxJSON)+`"}`).refused(413, classroom.Invalid, "body_too_large")
		b.do(http.MethodPost, path, link, `nip=1`, "Content-Type: application/x-www-form-urlencoded").refused(415, classroom.Invalid, "content_type")
		b.do(http.MethodPost, path, link, `nip=1`).refused(415, classroom.Invalid, "content_type")
		b.do(http.MethodGet, path, link, ``).refused(405, classroom.Invalid, "method_not_allowed")
	}
}
