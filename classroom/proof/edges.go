package proof

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"

	"betang/classroom/attend"
	"betang/classroom/cosign"
)

// Edge is what another server signed of the evidence that it gathered and this list holds: a head of its chain, see package
// cosign. Evidence names it by its place among the manifest's edges, from 1.
type Edge struct {
	Node      string `json:"node"`
	Key       string `json:"key"` // Ed25519
	K         int64  `json:"k"`
	UpTo      int64  `json:"upTo"`
	Spans     int64  `json:"spans"`
	Digest    string `json:"digest"`
	Prev      string `json:"prev"`
	Signature string `json:"signature"`
	// Rest is its evidence of who is on no row: the screens of shared rooms.
	Rest []Apart `json:"rest,omitempty"`
}

// Apart is evidence of somebody without a row.
type Apart struct {
	Person  string `json:"person"`
	Session string `json:"session"`
	Class   int    `json:"class"`
	From    int64  `json:"from"`
	To      int64  `json:"to"`
}

// FromWitness gives an edge as a manifest holds it. It is an error if what the edge sent is not what it signed.
func FromWitness(w cosign.Witness) (*Edge, error) {
	head, err := w.Stands()
	if err != nil {
		return nil, err
	}
	return &Edge{
		Node: w.Node, Key: hex.EncodeToString(w.Key), K: head.K, UpTo: head.UpTo, Spans: head.Spans,
		Digest: hex.EncodeToString(head.Digest[:]), Prev: hex.EncodeToString(head.Prev[:]), Signature: hex.EncodeToString(head.Sig),
	}, nil
}

// head reads the edge as it was signed; false if it was not by its key.
func (e Edge) head(event string) (cosign.Signed, bool) {
	digest, prev := unhex(e.Digest, len(cosign.Hash{})), unhex(e.Prev, len(cosign.Hash{}))
	if digest == nil || prev == nil {
		return cosign.Signed{}, false
	}
	s := cosign.Signed{Head: cosign.Head{
		Event: event, Node: e.Node, K: e.K, UpTo: e.UpTo, Spans: e.Spans, Digest: cosign.Hash(digest), Prev: cosign.Hash(prev),
	}, Sig: unhex(e.Signature, ed25519.SignatureSize)}
	return s, s.Sig != nil && s.Fits(unhex(e.Key, ed25519.PublicKeySize))
}

// Head is what the edge signed.
func (e Edge) Head(event string) cosign.Head {
	s, _ := e.head(event)
	return s.Head
}

// checkEdges holds a whole list to what its edges signed.
func checkEdges(d Document) (found []Finding) {
	sent := make([][]attend.Span, len(d.Manifest.Edges))
	for _, r := range d.Rows {
		for _, e := range r.Evidence {
			switch {
			case e.Node == 0:
			case e.Node < 0 || e.Node > len(sent):
				found = append(found, Finding{fmt.Sprint("row ", r.No), r.No, "evidence", fmt.Sprintf("edge %d is not in the manifest", e.Node)})
			default:
				sent[e.Node-1] = append(sent[e.Node-1], attend.Span{Person: r.Person, Session: e.Session, Class: attend.Class(e.Class), From: e.From, To: e.To})
			}
		}
	}
	for i, e := range d.Manifest.Edges {
		for _, a := range e.Rest {
			sent[i] = append(sent[i], attend.Span{Person: a.Person, Session: a.Session, Class: attend.Class(a.Class), From: a.From, To: a.To})
		}
		head, ok := e.head(d.Manifest.Event)
		switch {
		case !ok:
			found = append(found, Finding{"edge " + e.Node, 0, "", "its signature does not fit"})
		case int64(len(sent[i])) != e.Spans || cosign.Digest(sent[i]) != head.Digest:
			found = append(found, Finding{"edge " + e.Node, 0, "", "the evidence in the list is not what that server signed"})
		}
	}
	return found
}
