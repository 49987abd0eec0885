// Package papers is what several origins copy from one another so that each has all of an auditor's papers, and the rule by which they
// end alike whatever came first.
//
// A paper never changes. What people change (a roster's people, personal codes, PICs, an event as planned) is a chain of versions, each
// of which is a paper: it names those that it took the place of. Of the versions that no other took the place of, the one that counts is
// found by Less alone, so every origin that has the same papers shows the same. Two origins that change the same while parted make
// two such versions: one counts, and the other is kept and shown (Clash) until somebody changes that again.
package papers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// The kinds of paper: what stands before the first "/" of an ID.
const (
	KindVersion = "version"
	KindInvited = "invited" // a person is on an event's list; nobody is taken off
	KindImport  = "import"  // a list was taken in
	KindHall    = "hall"    // the picture of a hall's sheet
	KindList    = "list"    // a signed attendance list
)

// The kinds of Version.
const (
	OfEvent  = "event"
	OfPerson = "person"
	OfCode   = "code"
	OfPIC    = "pic"
)

// Paper is one on its way from origin to origin.
type Paper struct {
	ID   string          `json:"id"` // kind/event/key
	Body json.RawMessage `json:"body,omitempty"`
}

// ErrPaper is in the chain of what says that a paper is none.
var ErrPaper = errors.New("a paper that is none")

// Parts splits an ID. The key may hold any sign; an event's id holds no "/".
func (p Paper) Parts() (kind, event, key string, err error) {
	kind, rest, ok := strings.Cut(p.ID, "/")
	event, key, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || key == "" || !slices.Contains([]string{KindVersion, KindInvited, KindImport, KindHall, KindList}, kind) {
		return "", "", "", fmt.Errorf("%w: %.80q", ErrPaper, p.ID)
	}
	return kind, event, key, nil
}

// Version is the body of a version.
type Version struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Event  string          `json:"event,omitempty"` // "" of a person
	Key    string          `json:"key"`
	Token  int64           `json:"token"` // of the event's home that it was made at; 0: of none
	At     int64           `json:"at"`    // Unix ms, and above that of what it took the place of
	Source string          `json:"source"`
	Bases  []string        `json:"bases,omitempty"` // what it took the place of
	Body   json.RawMessage `json:"body"`
}

// Less orders versions of one thing: the greatest counts. A home's order goes before a clock's; ids settle the rest.
func (v Version) Less(w Version) bool {
	return cmp.Or(cmp.Compare(v.Token, w.Token), cmp.Compare(v.At, w.At), cmp.Compare(v.ID, w.ID)) < 0
}

// Check refuses a version that no origin can have made.
func (v Version) Check() error {
	switch {
	case v.ID == "" || v.Key == "" || len(v.Bases) > 64 || slices.Contains(v.Bases, v.ID),
		!slices.Contains([]string{OfEvent, OfPerson, OfCode, OfPIC}, v.Kind),
		(v.Kind == OfPerson) != (v.Event == ""), !json.Valid(v.Body):
		return fmt.Errorf("%w: version %.40q", ErrPaper, v.ID)
	}
	return nil
}

// Next is a version that takes the place of all heads, made at a moment by a home's token. It is above each of them.
func Next(heads []Version, fresh Version) Version {
	fresh.Bases = nil
	for _, h := range heads {
		fresh.Bases = append(fresh.Bases, h.ID)
		fresh.Token, fresh.At = max(fresh.Token, h.Token), max(fresh.At, h.At+1)
	}
	slices.Sort(fresh.Bases)
	return fresh
}

// Clash is something that was changed at two places at once, and not since.
type Clash struct {
	Counts Version
	Others []Version // none says the same as Counts
}

// ClashOf tells of one; ok is false if all heads say the same. heads are those that no other takes the place of,
// the one that counts first.
func ClashOf(heads []Version) (c Clash, ok bool) {
	for i, h := range heads {
		if i == 0 {
			c.Counts = h
		} else if !Same(c.Counts.Body, h.Body) {
			c.Others = append(c.Others, h)
		}
	}
	return c, len(c.Others) > 0
}

// Took is what became of papers that were taken in.
type Took struct {
	New     int
	Clashes []Clash
	// Missing are people whom papers speak of and nobody here knows: of the papers nothing is kept then.
	Missing []string
	Bad     []error // of papers that are none; they are left out
}

// Same tells whether two bodies say the same.
func Same(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// The bodies of versions.
type (
	// Event is an event as planned.
	Event struct {
		Kind    string          `json:"kind"`
		Title   string          `json:"title"`
		Speaker string          `json:"speaker"`
		Host    string          `json:"host"`
		Place   string          `json:"place"`
		Starts  int64           `json:"starts"`
		Ends    int64           `json:"ends"`
		Policy  json.RawMessage `json:"policy"`
	}
	// Person is somebody as the roster knows them.
	Person struct {
		Front    string `json:"front"`
		Name     string `json:"name"`
		Back     string `json:"back"`
		Kind     string `json:"kind"`
		Grade    string `json:"grade"`
		Position string `json:"position"`
		Unit     string `json:"unit"`
		Instansi string `json:"instansi"`
		Region   string `json:"region"`
		Verified bool   `json:"verified"`
		NIP      string `json:"nip"`
	}
	// Code is a personal code, by its keyed hash, hexadecimal.
	Code struct {
		Hash string `json:"hash"`
	}
	// PIC is somebody who looks after halls, with the hash of their code.
	PIC struct {
		Name  string `json:"name"`
		Slice string `json:"slice"`
		Hash  string `json:"hash"`
	}
)

// The bodies of other papers.
type (
	// Import is the record of a list that was taken in.
	Import struct {
		At      int64  `json:"at"`
		Digest  []byte `json:"digest"`
		By      string `json:"by"`
		People  int64  `json:"people"`
		Added   int64  `json:"added"`
		Changed int64  `json:"changed"`
		Refused int64  `json:"refused"`
	}
	// Hall is the picture of a hall's sheet.
	Hall struct {
		Hall string `json:"hall"`
		Type string `json:"type"`
		At   int64  `json:"at"`
		By   string `json:"by"`
		Body []byte `json:"body"`
	}
	// List is a signed attendance list; that it counts is for the journal to say, or Settled: the origin that it came from had it as a list.
	List struct {
		Revision int64  `json:"revision"`
		At       int64  `json:"at"`
		Document []byte `json:"document"`
		Settled  bool   `json:"settled,omitempty"`
	}
)
