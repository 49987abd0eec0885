package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"betang/classroom"
	"betang/signaling"
	"betang/signaling/wire"
)

const (
	audienceLink   = "betang"
	audienceTicket = "betang-ticket"

	// tokenLeeway forgives clocks that differ between the machine that signed a link and this one.
	tokenLeeway = 60 * time.Second
	// ticketLife is how long a person may look at the masked name before saying "Benar, ini saya".
	ticketLife = 2 * time.Minute
	// sessionLife bounds a session token, within its link's own end: a long day of training.
	sessionLife = 24 * time.Hour

	minSecret = 32 // bytes: RFC 7518 section 3.2, a key as long as the hash
	maxName   = 200
)

// Revocations keeps the ids of revoked tokens over restarts.
type Revocations interface {
	Revoke(ctx context.Context, jti string) error
	Revoked(ctx context.Context) ([]string, error)
}

// Tokens signs and checks the tokens of links, sessions and tickets. Its methods may be called at the same time.
type Tokens struct {
	secret []byte
	store  Revocations

	changing sync.Mutex                          // one writer of revoked at a time; readers take no lock
	revoked  atomic.Pointer[map[string]struct{}] // never written to, replaced whole
}

var _ signaling.Verifier = (*Tokens)(nil)

// NewTokens needs a secret of at least 32 bytes and loads what was revoked before.
func NewTokens(ctx context.Context, secret []byte, store Revocations) (*Tokens, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("token secret of %d bytes: at least %d", len(secret), minSecret)
	}
	t := &Tokens{secret: slices.Clone(secret), store: store}
	t.revoked.Store(&map[string]struct{}{})
	return t, t.Reload(ctx)
}

// Reload takes over the revocations that another process wrote into the store.
func (t *Tokens) Reload(ctx context.Context) error {
	ids, err := t.store.Revoked(ctx)
	if err != nil {
		return fmt.Errorf("read revoked tokens: %w", err)
	}
	t.forbid(ids...)
	return nil
}

// Revoke makes a token, and every session that came from it, worthless: durably, and at once in this process.
func (t *Tokens) Revoke(ctx context.Context, jti string) error {
	if err := t.store.Revoke(ctx, jti); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	t.forbid(jti)
	return nil
}

// forbid adds ids; a revocation is never taken back.
func (t *Tokens) forbid(ids ...string) {
	t.changing.Lock()
	defer t.changing.Unlock()
	old := *t.revoked.Load()
	next := make(map[string]struct{}, len(old)+len(ids))
	for id := range old {
		next[id] = struct{}{}
	}
	for _, id := range ids {
		next[id] = struct{}{}
	}
	if len(next) != len(old) {
		t.revoked.Store(&next)
	}
}

// Revoked tells whether a token id is revoked, from memory. A session is revoked also when its Claims.Parent is.
func (t *Tokens) Revoked(jti string) bool {
	_, is := (*t.revoked.Load())[jti]
	return is && jti != ""
}

// body is what a token carries. Names are short because tokens stand in links.
type body struct {
	jwt.RegisteredClaims
	Event  string `json:"evt"`
	Role   string `json:"role"`
	Person string `json:"per,omitempty"`
	Name   string `json:"nam,omitempty"`
	Door   bool   `json:"door,omitempty"`
	Method string `json:"mth,omitempty"`
	Parent string `json:"par,omitempty"` // the link this came from: revoked together
	Hall   string `json:"hal,omitempty"`
	Slice  string `json:"slc,omitempty"`
	Device string `json:"dev,omitempty"`
}

// Issue signs a token. Claims.ID names it for revocation and must be set, as must Event, Role and Expires.
func (t *Tokens) Issue(c signaling.Claims) (string, error) { return t.sign(audienceLink, c) }

func (t *Tokens) sign(audience string, c signaling.Claims) (string, error) {
	b := body{
		RegisteredClaims: jwt.RegisteredClaims{
			ID: c.ID, Audience: jwt.ClaimStrings{audience}, ExpiresAt: jwt.NewNumericDate(c.Expires),
		},
		Event: string(c.Event), Role: string(c.Role), Person: string(c.Person), Name: c.Name,
		Door: c.Door, Method: c.Method, Parent: c.Parent, Hall: string(c.Hall), Slice: c.Slice, Device: c.Device,
	}
	if c.Expires.IsZero() {
		return "", errors.New("issue token: it must expire")
	}
	if err := b.check(); err != nil {
		return "", fmt.Errorf("issue token: %w", err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, b).SignedString(t.secret)
	if err != nil {
		return "", fmt.Errorf("issue token: %w", err)
	}
	if len(token) > wire.MaxToken {
		return "", fmt.Errorf("issue token: %d bytes, at most %d", len(token), wire.MaxToken)
	}
	return token, nil
}

// check holds what both sides demand of a body beyond the registered claims.
func (b *body) check() error {
	switch {
	case b.ID == "" || len(b.ID) > wire.MaxID:
		return errors.New("jti must be 1 to 64 bytes")
	case len(b.Parent) > wire.MaxID || len(b.Person) > wire.MaxID:
		return errors.New("parent and person are at most 64 bytes")
	case !classroom.EventID(b.Event).Valid() && b.Event != string(signaling.AnyEvent):
		return errors.New("event must be a slug")
	case !slices.Contains(classroom.Roles(), classroom.Role(b.Role)):
		return errors.New("unknown role")
	case len(b.Name) > maxName || len(b.Slice) > maxName || len(b.Hall) > wire.MaxID || len(b.Device) > wire.MaxID:
		return errors.New("name, slice or hall too long")
	}
	return nil
}

// Verify implements signaling.Verifier: HS256 and no other algorithm, audience "betang", exp required.
// Its errors are NotAllowed: token_missing for "", token_expired, token_revoked, else token_invalid.
func (t *Tokens) Verify(token string, now time.Time) (signaling.Claims, error) {
	return t.parse(audienceLink, token, now, tokenLeeway)
}

func (t *Tokens) parse(audience, token string, now time.Time, leeway time.Duration) (signaling.Claims, error) {
	if token == "" {
		return signaling.Claims{}, classroom.Refuse(classroom.NotAllowed, "token_missing")
	}
	invalid := func(err error) error {
		return &classroom.Error{Kind: classroom.NotAllowed, Code: "token_invalid", Err: err}
	}
	if len(token) > wire.MaxToken {
		return signaling.Claims{}, invalid(errors.New("too long"))
	}
	var b body
	parsed, err := jwt.ParseWithClaims(token, &b, func(*jwt.Token) (any, error) { return t.secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(leeway),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	// A wrong signature or audience outweighs the date: only an honest old token is called expired.
	for _, fatal := range []error{jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenInvalidAudience} {
		if errors.Is(err, fatal) {
			return signaling.Claims{}, invalid(err)
		}
	}
	if errors.Is(err, jwt.ErrTokenExpired) {
		return signaling.Claims{}, classroom.Refuse(classroom.NotAllowed, "token_expired")
	}
	if err != nil {
		return signaling.Claims{}, invalid(err)
	}
	if _, has := parsed.Header["crit"]; has { // RFC 7515 section 4.1.11: what must be understood, we do not
		return signaling.Claims{}, invalid(errors.New("critical header"))
	}
	if err := b.check(); err != nil {
		return signaling.Claims{}, invalid(err)
	}
	if t.Revoked(b.ID) || t.Revoked(b.Parent) {
		return signaling.Claims{}, classroom.Refuse(classroom.NotAllowed, "token_revoked")
	}
	return signaling.Claims{
		ID: b.ID, Event: classroom.EventID(b.Event), Role: classroom.Role(b.Role), Person: classroom.PersonID(b.Person),
		Name: b.Name, Door: b.Door, Method: b.Method, Expires: b.ExpiresAt.UTC(), Parent: b.Parent,
		Hall: classroom.HallID(b.Hall), Slice: b.Slice, Device: b.Device,
	}, nil
}

// ticket signs that the holder of link was shown who person is.
func (t *Tokens) ticket(link signaling.Claims, person classroom.PersonID, method string, now time.Time) (string, error) {
	return t.sign(audienceTicket, signaling.Claims{
		ID: NewTokenID(), Event: link.Event, Role: classroom.RoleParticipant, Person: person, Method: method,
		Expires: now.Add(ticketLife), Parent: link.ID,
	})
}

// redeem reads a ticket that must have been made for the same link.
func (t *Tokens) redeem(link signaling.Claims, ticket string, now time.Time) (person classroom.PersonID, method string, err error) {
	c, err := t.parse(audienceTicket, ticket, now, 0)
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		code := "ticket_invalid"
		if e.Code == "token_expired" {
			code = "ticket_expired"
		}
		return "", "", &classroom.Error{Kind: classroom.NotAllowed, Code: code, Err: e.Err}
	}
	if err != nil {
		return "", "", err
	}
	if c.Parent != link.ID || c.Event != link.Event || c.Person == "" {
		return "", "", classroom.Refuse(classroom.NotAllowed, "ticket_invalid")
	}
	return c.Person, c.Method, nil
}

// session signs what a websocket's hello carries, for somebody who came through link. It dies with a personal or
// a guest link; revoking a public link closes the door and leaves those inside who showed who they are.
func (t *Tokens) session(link, c signaling.Claims, now time.Time) (string, error) {
	c.ID, c.Event, c.Door = NewTokenID(), link.Event, false
	c.Expires = now.Add(sessionLife)
	if link.Expires.Before(c.Expires) {
		c.Expires = link.Expires
	}
	c.Parent = ""
	if link.Person != "" || link.Role == classroom.RoleGuest {
		c.Parent = link.ID
	}
	return t.Issue(c)
}

// Newcomer names somebody who is new to the roster: the same NIP always gives the same id, so that two devices of one
// person at the door cannot become two people, and the id tells nothing without the secret.
func (t *Tokens) Newcomer(nip string) classroom.PersonID {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte("newcomer\x00" + nip))
	return classroom.PersonID("u" + hex.EncodeToString(mac.Sum(nil)[:15]))
}

// NewTokenID makes an id for Claims.ID: 26 characters, 130 random bits.
func NewTokenID() string { return rand.Text() }
