package api

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"betang/classroom"
	"betang/signaling"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// TestMediaTranscript plays requests of testdata/*.http and compares the answers written there. In a request "$NAME"
// stands for a token, "{session}" for the name in the last Location.
func TestMediaTranscript(t *testing.T) {
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) < 2 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(newBench(t), string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("the transcript changed (-update rewrites it):\n%s", diff(string(want), got))
			}
		})
	}
}

// shown are the headers of answers that a transcript holds.
var shown = []string{
	"Location", "ETag", "Content-Type", "Accept-Post", "Accept-Patch", "Allow", "WWW-Authenticate",
	"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers",
}

var sessionName = regexp.MustCompile(`[a-z2-7]{26}`)

// play sends every block of lines that begin with "> " and writes the answer's lines after it with "< ".
// "hub: x" makes the hub's next answer to a fragment x.
func play(b *bench, transcript string) string {
	tokens := map[string]string{
		"$SPEAKER": b.link(classroom.RoleSpeaker), "$PLAYER": b.link(classroom.RolePlayer), "$BPSDM": b.link(classroom.RoleBPSDM),
		"$OTHER": b.link(classroom.RoleSpeaker, func(c *signaling.Claims) { c.ID = "link-other" }),
	}
	var out strings.Builder
	session, request := "", []string{}
	send := func() {
		if len(request) == 0 {
			return
		}
		method, path, _ := strings.Cut(request[0], " ")
		headers, body, inBody, token := []string{}, []string{}, false, ""
		for _, line := range request[1:] {
			switch {
			case inBody:
				body = append(body, line)
			case line == "":
				inBody = true
			case strings.HasPrefix(line, "Authorization: Bearer "):
				token = tokens[strings.TrimPrefix(line, "Authorization: Bearer ")]
			default:
				headers = append(headers, line)
			}
		}
		request = request[:0]
		w := b.do(method, strings.ReplaceAll(path, "{session}", session), token, strings.Join(body, "\r\n"), headers...)
		if at := w.Header().Get("Location"); at != "" {
			session = sessionName.FindString(at)
		}
		fmt.Fprintf(&out, "< %d %s\n", w.Code, http.StatusText(w.Code))
		for _, name := range shown {
			for _, v := range w.Header().Values(name) {
				fmt.Fprintf(&out, "< %s: %s\n", name, sessionName.ReplaceAllString(v, "{session}"))
			}
		}
		if w.Body.Len() > 0 {
			fmt.Fprintln(&out, "<")
			for line := range strings.SplitSeq(strings.TrimRight(strings.ReplaceAll(w.Body.String(), "\r", ""), "\n"), "\n") {
				fmt.Fprintln(&out, "< "+line)
			}
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(transcript, "\n"), "\n") {
		if line, is := strings.CutPrefix(line, ">"); is {
			request = append(request, strings.TrimPrefix(line, " "))
			fmt.Fprintln(&out, strings.TrimRight("> "+strings.TrimPrefix(line, " "), " "))
			continue
		}
		send()
		if strings.HasPrefix(line, "<") {
			continue
		}
		if frag, is := strings.CutPrefix(line, "hub: "); is {
			b.hub.frag = strings.TrimPrefix(strings.ReplaceAll(frag, "|", "\r\n"), "-")
		}
		fmt.Fprintln(&out, line)
	}
	send()
	return out.String()
}

// diff shows the first line that differs.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, a, b)
		}
	}
	return "no difference"
}

func TestMediaRefuses(t *testing.T) {
	b := newBench(t)
	for _, at := range []struct {
		base string
		role classroom.Role
	}{{"/whip/", classroom.RoleSpeaker}, {"/whep/", classroom.RolePlayer}} {
		token := b.link(at.role)
		any := b.link(at.role, func(c *signaling.Claims) { c.Event, c.ID = signaling.AnyEvent, "any-"+string(at.role) })
		sdp, frag := "Content-Type: "+sdpType, "Content-Type: "+fragmentType
		post := func(body string, headers ...string) reply {
			t.Helper()
			return b.do(http.MethodPost, at.base+"demo", token, body, headers...)
		}
		post(offer).refused(415, classroom.Invalid, "content_type")
		post("{}").refused(415, classroom.Invalid, "content_type")
		post(offer, "Content-Type: application/sdp;;;=").refused(415, classroom.Invalid, "content_type")
		post("", sdp).refused(400, classroom.Invalid, "sdp_malformed")
		post("GET / HTTP/1.1", sdp).refused(400, classroom.Invalid, "sdp_malformed")
		post("v=0"+strings.Repeat("a", 48<<10), sdp).refused(413, classroom.Invalid, "body_too_large")
		b.do(http.MethodPost, at.base+"nosuch", any, offer, sdp).refused(404, classroom.NotFound, "event_unknown")

		for code, status := range map[string]int{"codec_unsupported": 406, "sdp_malformed": 400} {
			b.hub.err = classroom.Refuse(classroom.Invalid, code)
			post(offer, sdp).refused(status, classroom.Invalid, code)
		}
		b.hub.err = classroom.Refuse(classroom.Conflict, "event_ended")
		post(offer, sdp).refused(409, classroom.Conflict, "event_ended")
		b.hub.err = classroom.Refuse(classroom.TooMany, "media_busy") // the server is full: each gets a time of its own
		busy := post(offer, sdp)
		busy.refused(429, classroom.TooMany, "media_busy")
		if s, err := strconv.Atoi(busy.Header().Get("Retry-After")); err != nil || s < 2 || s > 10 {
			t.Errorf("Retry-After %q", busy.Header().Get("Retry-After"))
		}
		b.hub.err = errDisk
		post(offer, sdp).refused(500, classroom.Internal, "internal")

		made := post(offer, "Content-Type: application/sdp; charset=utf-8")
		if made.Code != 201 {
			t.Fatalf("%d %s", made.Code, made.Body)
		}
		where := made.Header().Get("Location")
		patch := func(path, token, body string, headers ...string) reply {
			t.Helper()
			return b.do(http.MethodPatch, path, token, body, headers...)
		}
		patch(where, token, "a=x").refused(415, classroom.Invalid, "content_type")
		patch(where, token, "a=x", frag).refused(428, classroom.Invalid, "if_match_missing")
		patch(where, token, "a=x", frag, `If-Match: "77"`).refused(412, classroom.Conflict, "if_match_stale")
		patch(where, token, "a=x", frag, `If-Match: W/"1"`).refused(412, classroom.Conflict, "if_match_stale")
		patch(where, token, "\r\n", frag, `If-Match: *`).refused(400, classroom.Invalid, "sdp_malformed")
		patch(where, token, strings.Repeat("a", maxFragment+1), frag, `If-Match: *`).refused(413, classroom.Invalid, "body_too_large")
		patch(at.base+"demo/"+strings.Repeat("a", 26), token, "a=x", frag, `If-Match: *`).refused(404, classroom.NotFound, "media_unknown")

		// The session belongs to its token, its event and its direction; to others it does not exist.
		thief := b.link(at.role, func(c *signaling.Claims) { c.ID = "thief" })
		patch(where, thief, "a=x", frag, `If-Match: *`).refused(404, classroom.NotFound, "media_unknown")
		b.do(http.MethodDelete, where, thief, "").refused(404, classroom.NotFound, "media_unknown")
		b.do(http.MethodDelete, strings.Replace(where, "demo", "lain", 1), any, "").refused(404, classroom.NotFound, "media_unknown")
		opposite := strings.NewReplacer("/whip/", "/whep/", "/whep/", "/whip/").Replace(where)
		operator := b.link(classroom.RoleOperator, func(c *signaling.Claims) { c.ID = "link-" + string(at.role) })
		b.do(http.MethodDelete, opposite, operator, "").refused(404, classroom.NotFound, "media_unknown")

		// A refused restart leaves the session as it is (RFC 9725 section 4.3.3).
		b.hub.err = classroom.Refuse(classroom.Invalid, "sdp_malformed")
		patch(where, token, "a=x", frag, `If-Match: *`).refused(400, classroom.Invalid, "sdp_malformed")
		if w := patch(where, token, "a=x", frag, `If-Match: "0", "1"`); w.Code != 204 {
			t.Errorf("after a refused restart: %d %s", w.Code, w.Body)
		}
		// A transport that died took its session along.
		b.hub.err = classroom.Refuse(classroom.NotFound, "media_unknown")
		patch(where, token, "a=x", frag, `If-Match: *`).refused(404, classroom.NotFound, "media_unknown")
		before := len(b.hub.calls)
		b.do(http.MethodDelete, where, token, "").refused(404, classroom.NotFound, "media_unknown")
		if len(b.hub.calls) != before {
			t.Error("the hub was asked about a session that is gone")
		}

		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if w := b.do(method, at.base+"demo", token, ""); w.Code != 405 {
				t.Errorf("%s of the endpoint: %d", method, w.Code)
			}
		}
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost} {
			w := b.do(method, where, token, "")
			if w.Code != 405 || !slices.Equal(w.Header().Values("Allow"), []string{"PATCH", "DELETE", "OPTIONS"}) {
				t.Errorf("%s of the session: %d, Allow %v", method, w.Code, w.Header().Values("Allow"))
			}
		}
	}
}

func TestInterpreterPublishesAsInterpreter(t *testing.T) {
	b := newBench(t)
	for _, role := range publishers {
		if w := b.do(http.MethodPost, "/whip/demo", b.link(role), offer, "Content-Type: "+sdpType); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	want := []string{
		"publish link-speaker camera", "publish link-interpreter interpreter", "publish link-operator camera",
		"publish link-moderator camera", "publish link-mc camera", "publish link-vip camera",
	}
	if !slices.Equal(b.hub.calls, want) {
		t.Errorf("the hub was asked %q, want %q", b.hub.calls, want)
	}
}

func TestMediaSessionsAreBounded(t *testing.T) {
	s := newMediaSessions(3)
	var ids []string
	for i := range 100 {
		ids = append(ids, s.add(mediaSession{owner: "x", ice: 1}))
		if i%2 == 0 && i < 90 {
			s.remove(ids[i])
		}
	}
	if len(s.byID) != 3 || len(s.order) > 6 {
		t.Errorf("%d sessions, %d names kept, limit 3", len(s.byID), len(s.order))
	}
	for i, id := range ids {
		if _, err := s.get(id, "", "", "x"); (err == nil) != (i >= 97) {
			t.Errorf("session %d: %v", i, err)
		}
	}
	if s.restarted(ids[0]); len(s.byID) != 3 {
		t.Error("a restart brought a forgotten session back")
	}
}
