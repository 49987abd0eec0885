package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/ratify"
	"betang/classroom/store"
	"betang/sfu"
	"betang/signaling"

	"github.com/go-chi/chi/v5"
)

// everyRole is nobody, and all who have a link.
var everyRole = []classroom.Role{
	"", classroom.RoleOperator, classroom.RoleSpeaker, classroom.RoleModerator, classroom.RoleInterpreter, classroom.RoleMinutes, classroom.RolePIC,
	classroom.RoleParticipant, classroom.RoleGuest, classroom.RoleBPSDM, classroom.RoleHall, classroom.RoleMC, classroom.RoleVIP, classroom.RolePlayer,
}

var everyBody = []string{"application/json", "application/octet-stream", sdpType, fragmentType, "text/plain"}

// FuzzRequest: whatever is asked at any address, by anybody, is answered, and never as a mistake of the server's; what is refused is
// refused in words.
func FuzzRequest(f *testing.F) {
	st, err := store.Open(f.Context(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	desk := ratify.New(st, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	secret := []byte(secretBytes)
	tokens, err := NewTokens(f.Context(), secret, st)
	if err != nil {
		f.Fatal(err)
	}
	if err := st.SaveEvent(f.Context(), lectureNow(demo)); err != nil {
		f.Fatal(err)
	}
	if err := st.SavePeople(f.Context(), []classroom.Person{sri()}); err != nil {
		f.Fatal(err)
	}
	var log lockedBuffer
	media := &loopMedia{viewers: map[sfu.PeerID]int64{}}
	hubs := signaling.New(signaling.Config{
		Store: st, Media: media, Verify: tokens, Revoked: tokens.Revoked, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	media.to = hubs
	f.Cleanup(func() {
		last, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := hubs.Shutdown(last); err != nil {
			f.Error(err)
		}
		if err := st.Close(); err != nil {
			f.Error(err)
		}
	})
	handler := New(Config{
		Tokens: tokens, Store: st, Roster: st, Hub: Hubs[Hub](hubs), Socket: http.NotFoundHandler(), Static: http.NotFoundHandler(),
		Sheet: desk.Sheet, Ratify: desk, Readiness: st, Record: st,
		Measure:  func(context.Context, string, []sfu.Step) (string, error) { return "v=0\r\ns=answer\r\n", nil },
		Material: MaterialConfig{Store: st, Hub: Hubs[RoomHub](hubs)},
		Halls: HallConfig{
			Store: st, Hub: Hubs[HallHub](hubs), Key: secret, Base: "https://betang.test", Facts: st.Facts,
			Flags: func(ctx context.Context, id classroom.EventID) ([]classroom.Flag, error) {
				return classroom.LoadFlags(ctx, st, id)
			},
		},
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	var routes []string // "METHOD pattern"
	err = chi.Walk(handler.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes = append(routes, method+" "+route)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	slices.Sort(routes)
	add := func(route string, role classroom.Role, param, query, body string) {
		i := slices.Index(routes, route)
		if i < 0 {
			f.Fatalf("no address %s in %s", route, strings.Join(routes, ", "))
		}
		f.Add(uint16(i), uint8(slices.Index(everyRole, role)), param, query, uint8(0), "id", []byte(body))
	}
	for _, route := range routes { // one for each, or most would take long to be found
		add(route, classroom.RoleBPSDM, "h1", "q=sri&save=00&lang=en", `{}`)
	}
	add("POST /api/events/{event}/identify", classroom.RoleParticipant, "", "", `{"nip":"`+sriNIP+`"}`)
	add("POST /api/bpsdm/events/{event}/attendance/person", classroom.RoleBPSDM, "", "", `{"person":"p-sri"}`)
	add("POST /api/events/{event}/halls/{hall}/marks", classroom.RolePIC, "h1", "", `{"sent":1,"marks":[{"entry":"m-0001","person":"p-sri","at":-9223372036854775808,"how":"list"}]}`)
	add("POST /api/events/{event}/halls/", classroom.RolePIC, "", "", `{"entry":"open-0001","name":"Aula","place":"Sampit"}`)
	n := uint32(0)
	f.Fuzz(func(t *testing.T, route uint16, role uint8, param, query string, kind uint8, lang string, body []byte) {
		method, path, _ := strings.Cut(routes[int(route)%len(routes)], " ")
		for _, p := range []struct{ name, value string }{{"{event}", string(demo)}, {"*", url.PathEscape(param)}} {
			path = strings.Replace(path, p.name, p.value, 1)
		}
		for {
			from := strings.IndexByte(path, '{')
			if from < 0 {
				break
			}
			path = path[:from] + url.PathEscape(param) + path[from+strings.IndexByte(path[from:], '}')+1:]
		}
		r := httptest.NewRequestWithContext(t.Context(), method, "/", bytes.NewReader(body))
		u, err := url.Parse(path)
		if err != nil {
			t.Skip()
		}
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, query
		r.Header.Set("Content-Type", everyBody[int(kind)%len(everyBody)])
		r.Header.Set("Accept-Language", lang)
		r.Header.Set("Origin", lang)
		r.Host = param
		n++ // each is another's, or the limits would answer
		r.RemoteAddr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 4000).String()
		if who := everyRole[int(role)%len(everyRole)]; who != "" {
			c := signaling.Claims{ID: fmt.Sprint("link-", n), Event: demo, Role: who, Name: "Nama", Expires: time.Now().Add(time.Hour)}
			if who == classroom.RoleBPSDM {
				c.Event = signaling.AnyEvent
			}
			token, err := tokens.Issue(c)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s %s?%s by %s: %d %s\n%s", method, path, query, everyRole[int(role)%len(everyRole)], w.Code, w.Body, log.String())
		}
		if strings.HasPrefix(path, "/api") && w.Code >= 400 && method != http.MethodHead {
			var e struct{ Code, Message string }
			if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Code == "" || e.Message == "" {
				t.Fatalf("%s %s: %d %q", method, path, w.Code, w.Body)
			}
		}
	})
}
