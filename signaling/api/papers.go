package api

import (
	"context"
	"strings"
	"time"

	"betang/classroom"
)

type absentInfo struct {
	Number   string `json:"number"`
	Revision int    `json:"revision"`
	Hash     string `json:"hash"`
	By       string `json:"by"`
}

// copyInfo is how far another server has copied what lies here.
type copyInfo struct {
	Node   string `json:"node"`
	Behind int    `json:"behind"` // papers that it lacks
	At     string `json:"at"`     // when it asked last; "" if it never did
}

// clashInfo is a person whom two servers changed while they were parted, and nobody since.
type clashInfo struct {
	Name   string         `json:"name"`
	Counts clashVersion   `json:"counts"`
	Others []clashVersion `json:"others"`
}

type clashVersion struct {
	Node string `json:"node"` // "": before there were several servers
	At   string `json:"at"`   // "": nobody knows
	Says string `json:"says"` // name, jabatan and unit, without the number
}

// PaperDesk is what a server knows of its papers at other servers; cmd makes one of a cluster's member.
type PaperDesk interface {
	Copies(ctx context.Context) ([]PaperCopy, error)
	Clashes(ctx context.Context, id classroom.EventID) ([]PaperClash, error)
}

// PaperCopy is how far one of them has copied.
type PaperCopy struct {
	Node   string
	Behind int
	At     time.Time // zero: it never asked
}

// PaperClash is a person whom two servers changed while they were parted.
type PaperClash struct {
	Counts PersonVersion
	Others []PersonVersion
}

// PersonVersion is a person as one server had them.
type PersonVersion struct {
	Person classroom.Person
	Node   string
	At     time.Time
}

// sharedPapers tells of the other servers' papers.
func (s *server) sharedPapers(ctx context.Context, id classroom.EventID, v *ratificationView) error {
	v.Copies = []copyInfo{}
	if s.papers == nil {
		return nil
	}
	copies, err := s.papers.Copies(ctx)
	if err != nil {
		return err
	}
	for _, c := range copies {
		info := copyInfo{Node: c.Node, Behind: c.Behind}
		if !c.At.IsZero() {
			info.At = stamp(c.At.UnixMilli())
		}
		v.Copies = append(v.Copies, info)
	}
	clashes, err := s.papers.Clashes(ctx, id)
	if err != nil {
		return err
	}
	says := func(p PersonVersion) clashVersion {
		parts := []string{p.Person.FullName()}
		for _, more := range []string{p.Person.Position, p.Person.Unit} {
			if more != "" {
				parts = append(parts, more)
			}
		}
		v := clashVersion{Node: p.Node, Says: strings.Join(parts, ", ")}
		if p.At.UnixMilli() > 1 { // else it is from before versions were kept
			v.At = stamp(p.At.UnixMilli())
		}
		return v
	}
	for _, c := range clashes[:min(len(clashes), shownClashes)] {
		info := clashInfo{Name: c.Counts.Person.FullName(), Counts: says(c.Counts)}
		for _, o := range c.Others {
			info.Others = append(info.Others, says(o))
		}
		v.Clashes = append(v.Clashes, info)
	}
	return nil
}

// shownClashes bounds what a page shows; the rest comes when these are settled.
const shownClashes = 50
