package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/signaling"
)

var epoch = time.Date(2026, 9, 24, 2, 0, 0, 0, time.UTC)

func testTokens(t testing.TB, store *fakeStore) *Tokens {
	t.Helper()
	tokens, err := NewTokens(t.Context(), []byte(secretBytes), store)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// forge signs any header and claims with any key, as an attacker or a careless program would.
func forge(header, claims, key string) string {
	enc := base64.RawURLEncoding.EncodeToString
	head := enc([]byte(header)) + "." + enc([]byte(claims))
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(head))
	return head + "." + enc(mac.Sum(nil))
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

func TestTokenKeepsItsClaims(t *testing.T) {
	tokens := testTokens(t, newFakeStore())
	want := signaling.Claims{
		ID: "abc", Event: demo, Role: classroom.RoleParticipant, Person: "p-1", Name: "Sri", Door: true, Method: "link",
		Expires: epoch.Add(time.Hour), Parent: "p",
	}
	token, err := tokens.Issue(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.Verify(token, epoch)
	if err != nil || got != want {
		t.Errorf("got %+v %v, want %+v", got, err, want)
	}
}

func TestVerifyRefuses(t *testing.T) {
	const (
		head = `{"alg":"HS256","typ":"JWT"}`
		good = `{"jti":"x","aud":["betang"],"exp":1790215200,"evt":"demo","role":"speaker"}`
	)
	if epoch.Unix() >= 1790215200+60 || epoch.Unix() < 1790215200-86400 {
		t.Fatalf("exp in the table must be soon after %d", epoch.Unix())
	}
	hs512 := func() string {
		enc := base64.RawURLEncoding.EncodeToString
		h := enc([]byte(`{"alg":"HS512","typ":"JWT"}`)) + "." + enc([]byte(good))
		mac := hmac.New(sha512.New, []byte(secretBytes))
		mac.Write([]byte(h))
		return h + "." + enc(mac.Sum(nil))
	}()
	unsigned := forge(`{"alg":"none"}`, good, secretBytes)
	whole := forge(head, good, secretBytes)
	swap := func(old, new string) string { return forge(head, strings.Replace(good, old, new, 1), secretBytes) }
	tokens := testTokens(t, newFakeStore())
	if _, err := tokens.Verify(whole, epoch); err != nil {
		t.Fatalf("the pattern of the table: %v", err)
	}
	for name, c := range map[string]struct{ token, code string }{
		"nothing":           {"", "token_missing"},
		"words":             {"selamat pagi", "token_invalid"},
		"two parts":         {whole[:strings.LastIndex(whole, ".")], "token_invalid"},
		"alg none":          {unsigned[:strings.LastIndex(unsigned, ".")+1], "token_invalid"},
		"alg none, signed":  {unsigned, "token_invalid"},
		"alg HS512":         {hs512, "token_invalid"},
		"alg RS256":         {forge(`{"alg":"RS256"}`, good, secretBytes), "token_invalid"},
		"no alg":            {forge(`{}`, good, secretBytes), "token_invalid"},
		"other key":         {forge(head, good, "fedcba9876543210fedcba9876543210"), "token_invalid"},
		"signature changed": {whole[:len(whole)-2] + "AA", "token_invalid"},
		"claims changed":    {strings.Replace(whole, ".", ".e", 1), "token_invalid"},
		"critical header":   {forge(`{"alg":"HS256","crit":["exp"]}`, good, secretBytes), "token_invalid"},
		"a ticket":          {swap(`"betang"`, `"betang-ticket"`), "token_invalid"},
		"no audience":       {swap(`"aud":["betang"],`, ``), "token_invalid"},
		"no exp":            {swap(`"exp":1790215200,`, ``), "token_invalid"},
		"exp not a number":  {swap(`1790215200`, `"soon"`), "token_invalid"},
		"expired":           {swap(`1790215200`, `1700000000`), "token_expired"},
		"expired, forged":   {forge(head, strings.Replace(good, "1790215200", "1700000000", 1), "fedcba9876543210fedcba9876543210"), "token_invalid"},
		"not valid yet":     {swap(`"exp"`, `"nbf":1790999999,"exp"`), "token_invalid"},
		"no id":             {swap(`"jti":"x",`, ``), "token_invalid"},
		"event not a slug":  {swap(`"demo"`, `"../demo"`), "token_invalid"},
		"unknown role":      {swap(`"speaker"`, `"king"`), "token_invalid"},
		"too long":          {whole + strings.Repeat("A", 3000), "token_invalid"},
	} {
		if _, err := tokens.Verify(c.token, epoch); codeOf(err) != c.code || classroom.KindOf(err) != classroom.NotAllowed {
			t.Errorf("%s: got %v, want NotAllowed %s", name, err, c.code)
		}
	}
}

func TestExpiryHasAMinuteOfLeeway(t *testing.T) {
	tokens := testTokens(t, newFakeStore())
	token, err := tokens.Issue(signaling.Claims{ID: "x", Event: demo, Role: classroom.RoleSpeaker, Expires: epoch})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(token, epoch.Add(59*time.Second)); err != nil {
		t.Errorf("59 s late: %v", err)
	}
	if _, err := tokens.Verify(token, epoch.Add(60*time.Second)); codeOf(err) != "token_expired" {
		t.Errorf("60 s late: %v", err)
	}
}

func TestIssueRefusesWhatVerifyWould(t *testing.T) {
	tokens := testTokens(t, newFakeStore())
	ok := signaling.Claims{ID: "x", Event: demo, Role: classroom.RoleSpeaker, Expires: epoch}
	for name, change := range map[string]func(*signaling.Claims){
		"no id": func(c *signaling.Claims) { c.ID = "" }, "no end": func(c *signaling.Claims) { c.Expires = time.Time{} },
		"no event": func(c *signaling.Claims) { c.Event = "" }, "no role": func(c *signaling.Claims) { c.Role = "" },
		"long name": func(c *signaling.Claims) { c.Name = strings.Repeat("n", 201) },
	} {
		c := ok
		change(&c)
		if _, err := tokens.Issue(c); err == nil {
			t.Errorf("%s was signed", name)
		}
	}
	if _, err := NewTokens(t.Context(), []byte("short"), newFakeStore()); err == nil {
		t.Error("a secret of 5 bytes was taken")
	}
}

func TestRevocation(t *testing.T) {
	store := newFakeStore()
	tokens := testTokens(t, store)
	link := signaling.Claims{ID: "personal", Event: demo, Role: classroom.RoleParticipant, Person: "p-sri", Door: true, Expires: epoch.Add(time.Hour)}
	door := signaling.Claims{ID: "door", Event: demo, Role: classroom.RoleParticipant, Door: true, Expires: epoch.Add(time.Hour)}
	guest := signaling.Claims{ID: "guests", Event: demo, Role: classroom.RoleGuest, Door: true, Expires: epoch.Add(time.Hour)}
	session := func(link, c signaling.Claims) string {
		token, err := tokens.session(link, c, epoch)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	sri := signaling.Claims{Role: classroom.RoleParticipant, Person: "p-sri", Method: "link"}
	ofLink, ofDoor := session(link, sri), session(door, sri)
	ofGuest := session(guest, signaling.Claims{Role: classroom.RoleGuest, Method: "guest"})

	for _, id := range []string{"personal", "door", "guests"} {
		if err := tokens.Revoke(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	// The same after a restart, and in a server that only rereads the store.
	for name, tokens := range map[string]*Tokens{"same": tokens, "restarted": testTokens(t, store)} {
		if _, err := tokens.Verify(ofLink, epoch); codeOf(err) != "token_revoked" {
			t.Errorf("%s: session of a revoked personal link: %v", name, err)
		}
		if _, err := tokens.Verify(ofGuest, epoch); codeOf(err) != "token_revoked" {
			t.Errorf("%s: session of a revoked guest link: %v", name, err)
		}
		if _, err := tokens.Verify(ofDoor, epoch); err != nil {
			t.Errorf("%s: who came in by a public link and showed who they are stays: %v", name, err)
		}
	}
	late := testTokens(t, store)
	c, err := late.Verify(ofDoor, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Revoke(t.Context(), c.ID); err != nil { // by another process
		t.Fatal(err)
	}
	if err := late.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Verify(ofDoor, epoch); codeOf(err) != "token_revoked" {
		t.Errorf("after Reload: %v", err)
	}
	store.fail = errDisk
	if err := tokens.Revoke(t.Context(), "unsaved"); err == nil || tokens.Revoked("unsaved") {
		t.Errorf("a revocation that is not on disk counts: %v", err)
	}
}

func TestSessionEndsWithItsLink(t *testing.T) {
	tokens := testTokens(t, newFakeStore())
	for life, want := range map[time.Duration]time.Duration{time.Hour: time.Hour, 90 * 24 * time.Hour: sessionLife} {
		link := signaling.Claims{ID: "l", Event: demo, Role: classroom.RoleParticipant, Door: true, Expires: epoch.Add(life)}
		token, err := tokens.session(link, signaling.Claims{Role: classroom.RoleParticipant, Person: "p"}, epoch)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tokens.Verify(token, epoch)
		if err != nil || !c.Expires.Equal(epoch.Add(want)) || c.Door || c.ID == "l" {
			t.Errorf("link of %v: %+v %v", life, c, err)
		}
	}
}

func TestTicket(t *testing.T) {
	tokens := testTokens(t, newFakeStore())
	link := signaling.Claims{ID: "l", Event: demo, Role: classroom.RoleParticipant, Door: true, Expires: epoch.Add(time.Hour)}
	ticket, err := tokens.ticket(link, "p-sri", "nip", epoch)
	if err != nil {
		t.Fatal(err)
	}
	if p, m, err := tokens.redeem(link, ticket, epoch.Add(ticketLife-time.Second)); err != nil || p != "p-sri" || m != "nip" {
		t.Errorf("redeem: %q %q %v", p, m, err)
	}
	if _, _, err := tokens.redeem(link, ticket, epoch.Add(ticketLife)); codeOf(err) != "ticket_expired" {
		t.Errorf("two minutes later: %v", err)
	}
	if _, err := tokens.Verify(ticket, epoch); codeOf(err) != "token_invalid" {
		t.Errorf("a ticket as a session token: %v", err)
	}
	otherLink, otherEv := link, link
	otherLink.ID, otherEv.Event = "m", otherEvent
	for name, l := range map[string]signaling.Claims{"another link": otherLink, "another event": otherEv} {
		if _, _, err := tokens.redeem(l, ticket, epoch); codeOf(err) != "ticket_invalid" {
			t.Errorf("redeemed by %s: %v", name, err)
		}
	}
	session, err := tokens.session(link, signaling.Claims{Role: classroom.RoleParticipant, Person: "p-sri"}, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := tokens.redeem(link, session, epoch); codeOf(err) != "ticket_invalid" {
		t.Errorf("a session token as a ticket: %v", err)
	}
	if err := tokens.Revoke(t.Context(), "l"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tokens.redeem(link, ticket, epoch); codeOf(err) != "ticket_invalid" {
		t.Errorf("after the link was revoked: %v", err)
	}
}

func TestNewcomerID(t *testing.T) {
	a, b := testTokens(t, newFakeStore()), testTokens(t, newFakeStore())
	if a.Newcomer(sriNIP) != b.Newcomer(sriNIP) || a.Newcomer(sriNIP) == a.Newcomer(unknownNIP) {
		t.Error("a newcomer's id must follow from the NIP alone")
	}
	if strings.Contains(string(a.Newcomer(sriNIP)), "1990") {
		t.Error("the id shows the NIP")
	}
}

// FuzzVerify: whatever comes, no panic; what is accepted was signed by us and carries sane claims.
func FuzzVerify(f *testing.F) {
	tokens := testTokens(f, newFakeStore())
	token, err := tokens.Issue(signaling.Claims{ID: "x", Event: demo, Role: classroom.RoleSpeaker, Expires: epoch.Add(time.Hour)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("")
	f.Add("..")
	f.Add("a.b.c.d")
	f.Add(forge(`{"alg":"none"}`, `{}`, ""))
	f.Add(forge(`{"alg":"HS256"}`, `{"exp":1e400}`, secretBytes))
	f.Add(forge(`{"alg":"HS256"}`, `{"jti":"x","aud":"betang","exp":9e18,"evt":"*","role":"bpsdm"}`, secretBytes))
	f.Add(forge(`{"alg":"HS256"}`, `[]`, secretBytes))
	f.Add(forge(`{"alg":["HS256"]}`, `{"aud":{"a":1}}`, secretBytes))
	f.Fuzz(func(t *testing.T, s string) {
		for _, s := range []string{s, forge(`{"alg":"HS256"}`, s, secretBytes), forge(s, `{"jti":"x","aud":"betang","exp":9e9,"evt":"demo","role":"guest"}`, secretBytes)} {
			c, err := tokens.Verify(s, epoch)
			if err != nil {
				if code := codeOf(err); classroom.KindOf(err) != classroom.NotAllowed || !strings.HasPrefix(code, "token_") {
					t.Fatalf("%q: %v", s, err)
				}
				continue
			}
			if c.ID == "" || c.Expires.Add(tokenLeeway).Before(epoch) || c.Event == "" || c.Role == "" {
				t.Fatalf("%q accepted as %+v", s, c)
			}
		}
	})
}
