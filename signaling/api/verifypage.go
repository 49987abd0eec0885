package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"betang/classroom/proof"
	"betang/classroom/ratify"
	"betang/classroom/roster"
)

// The states of a list or a line on the verification page.
const (
	stateValid      = "valid"
	stateSuperseded = "superseded" // genuine, but a later revision counts
	stateVoid       = "void"       // genuine, but it was taken back; of a line also: the revision that counts has it not
)

// verifyView is what the public sees of a list: nobody's name.
type verifyView struct {
	listFacts
	State  string `json:"state"`
	People int    `json:"people"`
	Newest string `json:"newest"` // number of the list that counts; "" if none does
}

type listFacts struct {
	Number   string `json:"number"`
	Revision int    `json:"revision"`
	Title    string `json:"title"`
	Host     string `json:"host"`
	StartsAt string `json:"startsAt"`
	EndsAt   string `json:"endsAt"`
	At       string `json:"at"` // when it was ratified
	By       string `json:"by"`
	Hash     string `json:"hash"`
	Key      string `json:"key"`
	Voided   string `json:"voided,omitempty"` // when it was taken back
}

// personView is what the holder of a person's key shows: DOMAIN 3.5.
type personView struct {
	listFacts
	State   string `json:"state"`
	Name    string `json:"name"`
	NIP     string `json:"nip"` // masked
	JP      int    `json:"jp"`
	Meets   bool   `json:"meets"`
	Percent int    `json:"percent"`
	JPNow   int    `json:"jpNow"` // by the list that counts
}

func (s *server) verifyList(w http.ResponseWriter, r *http.Request) {
	list, newest, err := s.ratify.ByNumber(r.Context(), number(r))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	v := verifyView{listFacts: factsOf(list), State: stateValid, People: list.Doc.Manifest.Rows, Newest: newest.Number}
	switch {
	case list.Voided != 0:
		v.State = stateVoid
	case newest.Number != list.Number:
		v.State = stateSuperseded
	}
	answer(w, http.StatusOK, v)
}

// verifyPerson shows one line to whoever has its key. The key comes in the body: it stands in no address that is logged.
func (s *server) verifyPerson(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Key string `json:"key"`
	}
	if err := decode(w, r, &body); err != nil {
		s.refuse(w, r, err)
		return
	}
	list, newest, err := s.ratify.ByNumber(r.Context(), number(r))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	no, err := s.ratify.PersonOf(list.Number, body.Key)
	if err != nil || no > len(list.Doc.Rows) {
		s.refuse(w, r, err)
		return
	}
	row := list.Doc.Rows[no-1]
	v := personView{
		listFacts: factsOf(list), State: stateValid, Name: fullName(row), NIP: roster.Mask(row.NIP), JP: row.Credited.JP,
		Meets: row.Credited.Meets, Percent: row.Credited.Percent, JPNow: row.Credited.JP,
	}
	if newest.Number != list.Number {
		v.State, v.JPNow = stateVoid, 0
		for _, now := range newest.Doc.Rows {
			if now.Person == row.Person {
				v.State, v.JPNow = stateSuperseded, now.Credited.JP
			}
		}
		if list.Voided != 0 {
			v.State = stateVoid
		}
	}
	answer(w, http.StatusOK, v)
}

// number reads the path; what cannot be one is not looked for.
func number(r *http.Request) string {
	n := chi.URLParam(r, "number")
	if len(n) > 64 {
		return ""
	}
	return n
}

func factsOf(l ratify.List) listFacts {
	m := l.Doc.Manifest
	return listFacts{
		Number: l.Number, Revision: l.Revision, Title: m.Title, Host: m.Host, StartsAt: stamp(m.StartsAt), EndsAt: stamp(m.EndsAt),
		At: stamp(l.At), By: m.By, Hash: l.Hash, Key: l.Seal("").Key, Voided: stamp(l.Voided),
	}
}

func fullName(r proof.Row) string {
	return titled(personOf(r))
}
