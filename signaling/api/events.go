package api

import (
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/roster"
	"betang/signaling"
	"betang/signaling/wire"
)

const (
	maxTyped     = 120 // characters of a name or a unit typed at the door
	maxGuestName = 60
	minCode      = 6 // characters of a personal code without its hyphens and spaces
	maxCode      = 32
)

// eventInfo is the public page of an event.
type eventInfo struct {
	wire.Event
	Notice Notice `json:"notice"`
	Now    int64  `json:"now"` // server clock, Unix ms
}

func (s *server) event(w http.ResponseWriter, r *http.Request) {
	hub, _, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, eventInfo{hub.PublicEvent(), s.notice, time.Now().UnixMilli()})
}

type region struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

func (s *server) regions(w http.ResponseWriter, _ *http.Request) {
	all := roster.Regions()
	out := make([]region, len(all))
	for i, g := range all {
		out[i] = region{g.Code, g.Name}
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	answer(w, http.StatusOK, out)
}

type identifyRequest struct {
	NIP  string `json:"nip"`
	Code string `json:"code"`
}

// identity is what somebody is shown to say "Benar, ini saya" to: enough to know oneself, too little to learn of others.
type identity struct {
	Name     string `json:"name"` // masked
	NIP      string `json:"nip"`  // masked, "" for who has none
	Unit     string `json:"unit"`
	Region   string `json:"region"` // its name
	Verified bool   `json:"verified"`
	Ticket   string `json:"ticket"`
}

// identify finds whom a participant's link, NIP or personal code stands for.
func (s *server) identify(w http.ResponseWriter, r *http.Request) {
	var req identifyRequest
	err := decode(w, r, &req)
	if err == nil {
		_, _, err = s.openHub(r)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	link := claimsOf(r)
	person, method, err := s.find(w, r, link, req)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	ticket, err := s.tokens.ticket(link, person.ID, method, time.Now())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, identity{
		Name: roster.MaskName(person.Name), NIP: maskNIP(person.NIP), Unit: person.Unit,
		Region: roster.RegionName(person.Region), Verified: person.Verified, Ticket: ticket,
	})
}

func maskNIP(nip string) string {
	if nip == "" {
		return ""
	}
	return roster.Mask(nip)
}

// find looks the person up and says by which method. Wrong NIPs and codes are counted as guesses.
func (s *server) find(w http.ResponseWriter, r *http.Request, link signaling.Claims, req identifyRequest) (classroom.Person, string, error) {
	ctx, none := r.Context(), classroom.Person{}
	switch {
	case link.Role == classroom.RoleGuest:
		return none, "", classroom.Refuse(classroom.NotAllowed, "guest_only")
	case link.Person != "":
		if req.NIP != "" || req.Code != "" {
			return none, "", classroom.Refuse(classroom.NotAllowed, "link_personal")
		}
		p, err := s.store.Person(ctx, link.Person)
		return p, "link", as(err, classroom.NotFound, "person_unknown")

	case req.NIP != "" && req.Code != "":
		return none, "", classroom.Refuse(classroom.Invalid, "nip_or_code")

	case req.Code != "":
		code, ok := cleanCode(req.Code)
		if !ok {
			return none, "", classroom.Refuse(classroom.Invalid, "code_form")
		}
		p, err := try(w, func() (classroom.Person, error) {
			p, err := s.store.PersonByCode(ctx, link.Event, code)
			return p, as(err, classroom.NotFound, "code_unknown")
		}, budget{s.limits.codes, address(r)}, budget{s.limits.linkCodes, link.ID})
		return p, "code", away(ctx, err, "origin_away")

	default:
		nip, _, err := roster.ParseNIP(req.NIP)
		if err != nil {
			return none, "", err
		}
		p, err := try(w, func() (classroom.Person, error) {
			p, err := s.store.PersonByNIP(ctx, nip)
			return p, as(err, classroom.NotFound, "nip_unknown")
		}, budget{s.limits.nips, address(r)})
		return p, "nip", away(ctx, err, "origin_away")
	}
}

// as gives an error of a kind the code that tells the reader what was not found.
func as(err error, kind classroom.Kind, code string) error {
	if err != nil && classroom.KindOf(err) == kind {
		return &classroom.Error{Kind: kind, Code: code, Err: err}
	}
	return err
}

// cleanCode takes a personal code as people type it: any case, with hyphens or spaces.
func cleanCode(code string) (string, bool) {
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\u00a0", "").Replace(code))
	if len(code) < minCode || len(code) > maxCode {
		return "", false
	}
	for _, c := range []byte(code) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return "", false
		}
	}
	return code, true
}

type joinRequest struct {
	Ticket string `json:"ticket"`
	Guest  bool   `json:"guest"`
	NIP    string `json:"nip"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Region string `json:"region"` // code
	Device string `json:"device"` // a random name of this browser; may be ""
}

type joined struct {
	Token string `json:"token"`
	Role  string `json:"role"`
}

// join turns a link into a session token.
func (s *server) join(w http.ResponseWriter, r *http.Request) {
	var req joinRequest
	err := decode(w, r, &req)
	if err == nil {
		_, _, err = s.openHub(r)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	link, now := claimsOf(r), time.Now()
	var session signaling.Claims
	switch {
	case req.Guest:
		session, err = asGuest(link, req)
	case link.Role == classroom.RoleGuest:
		err = classroom.Refuse(classroom.NotAllowed, "guest_only")
	case req.Ticket != "":
		session.Role = classroom.RoleParticipant
		session.Person, session.Method, err = s.tokens.redeem(link, req.Ticket, now)
	default:
		session, err = s.asNewcomer(w, r, link, req)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if halls.ValidID(req.Device) {
		session.Device = req.Device
	}
	token, err := s.tokens.session(link, session, now)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, joined{token, string(session.Role)})
}

// asGuest admits without a NIP and without credit: by a guest's link, or by a public one for who has no NIP.
func asGuest(link signaling.Claims, req joinRequest) (signaling.Claims, error) {
	if req.Ticket != "" || req.NIP != "" {
		return signaling.Claims{}, classroom.Refuse(classroom.Invalid, "guest_or_nip")
	}
	if link.Person != "" {
		return signaling.Claims{}, classroom.Refuse(classroom.NotAllowed, "link_personal")
	}
	name, ok := cleanName(req.Name)
	if !ok || wire.Pictures(name) {
		return signaling.Claims{}, classroom.Refuse(classroom.Invalid, "name_invalid")
	}
	if r := []rune(name); len(r) > maxGuestName {
		name = strings.TrimSpace(string(r[:maxGuestName]))
	}
	return signaling.Claims{Role: classroom.RoleGuest, Name: name, Method: "guest"}, nil
}

// asNewcomer admits somebody with a sound NIP that no roster knows, "menunggu verifikasi": nobody is refused a
// lecture for a late roster. A NIP that is known goes through identify.
func (s *server) asNewcomer(w http.ResponseWriter, r *http.Request, link signaling.Claims, req joinRequest) (signaling.Claims, error) {
	none := signaling.Claims{}
	if link.Person != "" {
		return none, classroom.Refuse(classroom.NotAllowed, "link_personal")
	}
	nip, _, err := roster.ParseNIP(req.NIP)
	if err != nil {
		return none, err
	}
	name, ok := cleanName(req.Name)
	if n := utf8.RuneCountInString(name); !ok || n < 2 || n > maxTyped || wire.Pictures(name) {
		return none, classroom.Refuse(classroom.Invalid, "name_invalid")
	}
	unit, ok := cleanName(req.Unit)
	if n := utf8.RuneCountInString(unit); !ok || n < 2 || n > maxTyped {
		return none, classroom.Refuse(classroom.Invalid, "unit_invalid")
	}
	if req.Region != "" && roster.RegionName(req.Region) == "" {
		return none, classroom.Refuse(classroom.Invalid, "region_unknown")
	}
	person := classroom.Person{ID: s.tokens.Newcomer(nip), NIP: nip, Name: name, Unit: unit, Region: req.Region}
	session := signaling.Claims{Role: classroom.RoleParticipant, Person: person.ID, Method: "nip"}

	known, err := s.store.PersonByNIP(r.Context(), nip)
	err = away(r.Context(), err, "origin_away") // the roster may have them
	switch {
	case err == nil && known == person:
		return session, nil // the same form again: the first answer was lost on the way
	case err == nil:
		return none, classroom.Refuse(classroom.Conflict, "nip_known")
	case classroom.KindOf(err) != classroom.NotFound:
		return none, err
	}
	if err := (budget{s.limits.newcomers, address(r)}).charge(w); err != nil {
		return none, err
	}
	if err := s.store.SavePeople(r.Context(), []classroom.Person{person}); err != nil {
		return none, as(err, classroom.Conflict, "nip_known") // a roster was read in just now
	}
	return session, nil
}

// cleanName takes one line of typed text: trimmed, single spaces. Control and format characters (among them those
// that turn the writing direction round) are refused, and so are accents heaped on accents.
func cleanName(s string) (string, bool) {
	marks := 0
	for _, c := range s {
		if marks++; !unicode.In(c, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > wire.MaxMarks || c == utf8.RuneError || unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Co, c) {
			return "", false
		}
	}
	return strings.Join(strings.Fields(s), " "), true
}
