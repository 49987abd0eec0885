package api

import (
	"net/http"
	"slices"
	"testing"

	"betang/classroom"
	"betang/signaling"
)

// endpoints are all that ask for a token, with a request that an allowed role gets through with, and who is allowed.
var endpoints = []struct {
	method, path, body, contentType string
	status                          int // for the allowed
	allowed                         []classroom.Role
	door                            bool // wants a link that leads through identify and join
}{
	{
		http.MethodPost, "/api/events/demo/identify", `{"nip":"` + sriNIP + `"}`, "application/json", 200,
		[]classroom.Role{classroom.RoleParticipant},
		true,
	},
	{
		http.MethodPost, "/api/events/demo/join", `{"guest":true}`, "application/json", 200,
		[]classroom.Role{classroom.RoleParticipant, classroom.RoleGuest},
		true,
	},
	{http.MethodPost, "/whip/demo", offer, sdpType, 201, publishers, false},
	{http.MethodPatch, "/whip/demo/nosuch", "a=x", fragmentType, 404, publishers, false},
	{http.MethodDelete, "/whip/demo/nosuch", "", "", 404, publishers, false},
	{http.MethodPost, "/whep/demo", offer, sdpType, 201, players, false},
	{http.MethodPatch, "/whep/demo/nosuch", "a=x", fragmentType, 404, players, false},
	{http.MethodDelete, "/whep/demo/nosuch", "", "", 404, players, false},
	{http.MethodGet, "/api/bpsdm/events", "", "", 200, bpsdm, false},
	{http.MethodGet, "/api/bpsdm/events/demo/attendance", "", "", 200, bpsdm, false},
	{http.MethodPost, "/api/bpsdm/events/demo/attendance", "{}", "application/json", 200, bpsdm, false},
	{http.MethodGet, "/api/bpsdm/events/demo/attendance.csv", "", "", 200, bpsdm, false},
	{http.MethodGet, "/api/bpsdm/events/demo/attendance.xlsx", "", "", 200, bpsdm, false},
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"

var (
	publishers = []classroom.Role{classroom.RoleSpeaker, classroom.RoleInterpreter, classroom.RoleOperator, classroom.RoleModerator, classroom.RoleMC, classroom.RoleVIP}
	players    = append([]classroom.Role{classroom.RoleHall, classroom.RolePlayer, classroom.RoleMinutes, classroom.RoleParticipant, classroom.RoleGuest}, publishers...)
	bpsdm      = []classroom.Role{classroom.RoleBPSDM}
)

func TestEveryRoleAtEveryEndpoint(t *testing.T) {
	b := newBench(t)
	for _, e := range endpoints {
		for _, role := range classroom.Roles() {
			for _, door := range []bool{false, true} {
				token := b.link(role, func(c *signaling.Claims) { c.Door = door })
				got := b.do(e.method, e.path, token, e.body, "Content-Type: "+e.contentType)
				switch {
				case role == classroom.RoleGuest && e.path == "/api/events/demo/identify" && door: // has nobody to identify
					got.refused(403, classroom.NotAllowed, "guest_only")
				case role == classroom.RoleGuest && e.path == "/api/events/demo/identify":
					got.refused(403, classroom.NotAllowed, "token_session")
				case !slices.Contains(e.allowed, role):
					got.refused(403, classroom.NotAllowed, "not_allowed")
				case door != e.door && e.door:
					got.refused(403, classroom.NotAllowed, "token_session")
				case door != e.door:
					got.refused(403, classroom.NotAllowed, "token_door")
				case got.Code != e.status:
					t.Errorf("%s %s as %s: %d %s, want %d", e.method, e.path, role, got.Code, got.Body, e.status)
				}
				if t.Failed() {
					t.Fatalf("%s %s as %s, door %v", e.method, e.path, role, door)
				}
			}
		}
	}
}

func TestBadTokensAtEveryEndpoint(t *testing.T) {
	b := newBench(t)
	for _, e := range endpoints {
		role := e.allowed[0]
		do := func(token string, headers ...string) reply {
			t.Helper()
			return b.do(e.method, e.path, token, e.body, append(headers, "Content-Type: "+e.contentType)...)
		}
		do("").refused(401, classroom.NotAllowed, "token_missing")
		do("x.y.z").refused(401, classroom.NotAllowed, "token_invalid")
		do("", "Authorization: Basic Ym9iOmJvYg==").refused(401, classroom.NotAllowed, "token_missing")
		do(b.link(role, func(c *signaling.Claims) { c.Expires = epoch.AddDate(-1, 0, 0) })).refused(401, classroom.NotAllowed, "token_expired")
		if role != classroom.RoleBPSDM {
			do(b.link(role, func(c *signaling.Claims) { c.Event = otherEvent })).refused(403, classroom.NotAllowed, "token_event")
		}
		gone := b.link(role, func(c *signaling.Claims) { c.ID = "revoked-" + string(role) })
		if err := b.tokens.Revoke(t.Context(), "revoked-"+string(role)); err != nil {
			t.Fatal(err)
		}
		do(gone).refused(401, classroom.NotAllowed, "token_revoked")

		// A token in the address is no token.
		in := b.link(role)
		b.do(e.method, e.path+"?token="+in+"&access_token="+in+"&t="+in, "", e.body, "Content-Type: "+e.contentType).
			refused(401, classroom.NotAllowed, "token_missing")
		if t.Failed() {
			t.Fatalf("%s %s", e.method, e.path)
		}
	}
	w := b.do(http.MethodPost, "/whip/demo", "", offer)
	if w.Header().Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate (RFC 9110 section 15.5.2)")
	}
}

func TestBPSDMOfOneEvent(t *testing.T) {
	b := newBench(t)
	token := b.link(classroom.RoleBPSDM, func(c *signaling.Claims) { c.Event = demo })
	b.do(http.MethodGet, "/api/bpsdm/events/lain/attendance", token, "").refused(403, classroom.NotAllowed, "token_event")
	var list []eventRow
	b.do(http.MethodGet, "/api/bpsdm/events", token, "").json(&list)
	if len(list) != 1 || list[0].Event.ID != "demo" {
		t.Errorf("list of a token for one event: %+v", list)
	}
}
