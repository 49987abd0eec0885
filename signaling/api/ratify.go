package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/correction"
	"betang/classroom/ratify"
	"betang/signaling/wire"
)

// deskRoutes are BPSDM's addresses below an event that ratify and correct.
func (s *server) deskRoutes(r chi.Router) {
	correct := r.With(s.authorize(mayCorrect), s.atHome, s.byToken(s.limits.bpsdm))
	correct.Get("/{event}/corrections", s.corrections)
	decide := r.With(s.authorize(mayDecide), s.atHome, s.byToken(s.limits.bpsdm))
	decide.Post("/{event}/corrections/{correction}", s.decide)
	r.With(s.authorize(mayMake), s.atHome, s.byToken(s.limits.bpsdm)).Post("/{event}/corrections", s.correct)
	r.With(s.authorize(mayRead), s.atHome, s.byToken(s.limits.bpsdm)).Get("/{event}/policy", s.policy)
	r.With(s.authorize(mayPolicy), s.atHome, s.byToken(s.limits.bpsdm)).Post("/{event}/policy", s.setPolicy)
	if s.ratify == nil {
		return
	}
	deed := r.With(s.authorize(mayRatify), s.atHome, s.byToken(s.limits.bpsdm))
	deed.Get("/{event}/ratification", s.ratification)
	deed.Post("/{event}/ratification", s.ratifyEvent)
	r.With(s.authorize(mayVoid), s.atHome, s.byToken(s.limits.bpsdm)).Post("/{event}/ratification/{number}/void", s.voidList)
	signed := r.With(s.authorize(mayExport), s.atHome, s.byToken(s.limits.export))
	signed.Get("/{event}/document.json", s.document)
}

// listInfo tells of a ratified list.
type listInfo struct {
	Number   string `json:"number"`
	Revision int    `json:"revision"`
	At       string `json:"at"` // RFC 3339, UTC
	By       string `json:"by"`
	Reason   string `json:"reason"`
	Order    string `json:"order"`
	People   int    `json:"people"`
	Hash     string `json:"hash"` // SHA-256, hexadecimal
	Key      string `json:"key"`
	Page     string `json:"page"` // of verification

	Void *voidInfo `json:"void,omitempty"` // it was taken back
}

type voidInfo struct {
	At     string `json:"at"` // RFC 3339, UTC
	Who    string `json:"who"`
	Reason string `json:"reason"`
}

func (s *server) info(l ratify.List) listInfo {
	m := l.Doc.Manifest
	seal := l.Seal(s.baseURL)
	return listInfo{
		Number: l.Number, Revision: l.Revision, At: stamp(l.At), By: m.By, Reason: m.Reason, Order: m.Order, People: m.Rows,
		Hash: l.Hash, Key: seal.Key, Page: seal.Link,
	}
}

// ratificationView says whether an event can be ratified, and what was ratified; the newest list first.
type ratificationView struct {
	Ended     bool       `json:"ended"`
	Counting  bool       `json:"counting"` // evidence is still open
	People    int        `json:"people"`
	Meets     int        `json:"meets"`
	Pending   int        `json:"pending"`   // corrections that wait
	Decisions int        `json:"decisions"` // since the newest list
	Key       string     `json:"key"`
	Lists     []listInfo `json:"lists"`

	Absent  *absentInfo `json:"absent,omitempty"`  // the newest list, when its document is at a server that cannot be reached
	Copies  []copyInfo  `json:"copies"`            // other servers that keep these papers, and live
	Clashes []clashInfo `json:"clashes,omitempty"` // people whom two servers changed while they were parted
}

func (s *server) ratification(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	age := statusAge
	if hub.PublicEvent().Phase == string(classroom.Ended) {
		age = sheetAge // somebody waits for the last evidence
	}
	st, _, err := s.statuses.get(r.Context(), id, hub, age)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	v := ratificationView{
		Ended: st.Ended, Counting: st.Open > 0, People: st.People, Meets: st.Meets, Pending: st.Pending, Decisions: st.Decisions,
		Key: s.ratify.Public(), Lists: []listInfo{},
	}
	for _, l := range slices.Backward(st.Lists) {
		info := s.info(l)
		if void, ok := st.Voids[l.Number]; ok {
			info.Void = &voidInfo{stamp(void.At.UnixMilli()), void.Who, void.Reason}
		}
		v.Lists = append(v.Lists, info)
	}
	if a := st.Absent; a != nil {
		v.Absent = &absentInfo{Number: a.Number, Revision: a.Revision, Hash: a.SHA256, By: a.Who}
	}
	if err := s.sharedPapers(r.Context(), id, &v); err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, v)
}

func (s *server) ratifyEvent(w http.ResponseWriter, r *http.Request) {
	var body struct {
		By     string `json:"by"`
		Reason string `json:"reason"`
		Order  string `json:"order"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	if err == nil {
		err = hub.Flush(r.Context())
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	deed := ratify.Deed{By: body.By, Reason: body.Reason, Order: body.Order, Office: s.office, URL: s.baseURL}
	by := claimsOf(r)
	list, err := s.ratify.Ratify(r.Context(), id, deed, time.Now(), func(ctx context.Context, c classroom.RatifyList) error {
		_, err := hub.Do(ctx, actorOf(by), c)
		return err
	})
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.readAnew(id)
	s.log.InfoContext(r.Context(), "attendance ratified", "id", noteOf(r).id, "event", string(id), "number", list.Number,
		"revision", list.Revision, "rows", len(list.Doc.Rows), "sha256", list.Hash, "token", by.ID, "role", string(by.Role))
	answer(w, http.StatusCreated, s.info(list))
}

// voidList takes the newest list back, with a reason: it still verifies, its page says that it is void, and no JP counts by
// it. Ratifying again makes a new number.
func (s *server) voidList(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Reason string `json:"reason"`
		Who    string `json:"who"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	reason, who, bad := tidyDeed(body.Reason, body.Who, ofDeed)
	if err == nil {
		err = bad
	}
	var list ratify.List
	if err == nil {
		list, err = s.ratify.ToVoid(r.Context(), id, number(r))
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.VoidList{Number: list.Number, SHA256: list.Hash, Reason: reason, Who: who})
	}
	if err == nil {
		err = s.ratify.Settle(r.Context(), id)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.readAnew(id)
	by := claimsOf(r)
	s.log.InfoContext(r.Context(), "ratified list voided", "id", noteOf(r).id, "event", string(id), "number", list.Number, "token", by.ID)
	s.ratification(w, r)
}

// reasonBounds is how long a reason may be, in characters, and what is wrong with any other.
type reasonBounds struct {
	least, most int
	code        string
}

var (
	ofDeed       = reasonBounds{3, 200, "reason_empty"}
	ofCorrection = reasonBounds{correction.MinReason, correction.MaxReason, string(correction.ErrReason)}
)

// tidyDeed takes a reason and the name of who decides as they were typed.
func tidyDeed(reason, who string, bounds reasonBounds) (string, string, error) {
	reason, bad := wire.Tidy(reason, bounds.least, bounds.most)
	if bad != "" {
		return "", "", classroom.Refuse(classroom.Invalid, bounds.code)
	}
	if who, bad = wire.Tidy(who, 3, correction.MaxWho); bad != "" {
		return "", "", classroom.Refuse(classroom.Invalid, string(correction.ErrWho))
	}
	return reason, who, nil
}

// readAnew makes the next reader of an event's sheet and status read anew.
func (s *server) readAnew(id classroom.EventID) {
	s.sheets.forget(id)
	if s.statuses != nil {
		s.statuses.forget(id)
	}
}

// document sends the signed document of an event, for `betang verify`.
func (s *server) document(w http.ResponseWriter, r *http.Request) {
	_, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	list, ok, err := s.ratify.Newest(r.Context(), id)
	if err == nil && !ok {
		err = classroom.Refuse(classroom.NotFound, "not_ratified")
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.note(r, id, "signed", len(list.Doc.Rows))
	name := "kehadiran-" + string(id) + "-" + strings.ToLower(list.Number) + ".json"
	attach(w, name, "application/json; charset=utf-8", bytes.NewBuffer(list.Document))
}
