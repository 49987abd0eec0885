package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/classroom/store/query"
)

// SaveHeads keeps heads that a node signed, after holding them to the key by which that node signed first: the given one, if
// none is known. cosign.ErrOtherKey if a head does not fit, or another of its number is kept; then none is.
func (s *Store) SaveHeads(ctx context.Context, node string, key ed25519.PublicKey, heads []cosign.Signed) error {
	return s.write(ctx, true, func(ctx context.Context, w *writer) error {
		if err := w.q.PinKey(ctx, query.PinKeyParams{Node: node, Public: key}); err != nil {
			return err
		}
		pinned, err := w.q.NodeKey(ctx, node)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if h.Node != node || !h.Fits(pinned) {
				return fmt.Errorf("%s, head %d: %w", node, h.K, cosign.ErrOtherKey)
			}
			if err := w.q.PutHead(ctx, query.PutHeadParams{
				Event: h.Event, Node: node, K: h.K, UpTo: h.UpTo, Spans: h.Spans, Digest: h.Digest[:], Prev: h.Prev[:], Sig: h.Sig,
			}); foreignKey(err) {
				return classroom.Refuse(classroom.NotFound, "event_unknown")
			} else if err != nil {
				return err
			}
		}
		for _, h := range heads {
			kept, err := w.q.HeadAt(ctx, query.HeadAtParams{Event: h.Event, Node: node, K: h.K})
			if err != nil {
				return err
			}
			if had, err := headOf(h.Event, node, kept); err != nil || had.Hash() != h.Hash() {
				return fmt.Errorf("%s has two heads %d: %w", node, h.K, errors.Join(cosign.ErrOtherKey, err))
			}
		}
		return nil
	})
}

func headOf(event, node string, r query.Head) (h cosign.Signed, err error) {
	if len(r.Digest) != len(h.Digest) || len(r.Prev) != len(h.Prev) {
		return h, fmt.Errorf("head %d of %s is damaged", r.K, node)
	}
	return cosign.Signed{Head: cosign.Head{
		Event: event, Node: node, K: r.K, UpTo: r.UpTo, Spans: r.Spans, Digest: cosign.Hash(r.Digest), Prev: cosign.Hash(r.Prev),
	}, Sig: r.Sig}, nil
}

// Heads gives the heads of a node whose evidence goes beyond a number, ascending.
func (s *Store) Heads(ctx context.Context, event classroom.EventID, node string, after int64) ([]cosign.Signed, error) {
	rows, err := s.read.Heads(ctx, query.HeadsParams{Event: string(event), Node: node, UpTo: after})
	if err != nil {
		return nil, fail(err)
	}
	heads := make([]cosign.Signed, len(rows))
	for i, r := range rows {
		if heads[i], err = headOf(string(event), node, r); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// LastHead is the newest head of a node; ok is false if there is none.
func (s *Store) LastHead(ctx context.Context, event classroom.EventID, node string) (h cosign.Signed, ok bool, err error) {
	r, err := s.read.LastHead(ctx, query.LastHeadParams{Event: string(event), Node: node})
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fail(err)
	}
	h, err = headOf(string(event), node, r)
	return h, err == nil, err
}

// Witnessed is what other nodes sent of an event, as each said it last, with what it signed.
func (s *Store) Witnessed(ctx context.Context, event classroom.EventID) ([]cosign.Witness, error) {
	marks, err := s.read.Marks(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	var out []cosign.Witness
	for _, m := range marks {
		w := cosign.Witness{Node: m.Node, Mark: m.N}
		if w.Key, err = s.read.NodeKey(ctx, m.Node); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fail(err)
		}
		if w.Heads, err = s.Heads(ctx, event, m.Node, 0); err != nil {
			return nil, err
		}
		rows, err := s.read.NodeSpans(ctx, query.NodeSpansParams{Event: string(event), Node: m.Node})
		if err != nil {
			return nil, fail(err)
		}
		for _, r := range rows {
			w.Spans = append(w.Spans, attend.Span{Person: r.Person, Session: r.Session, Class: attend.Class(r.Class), From: r.FromMs, To: r.ToMs})
		}
		out = append(out, w)
	}
	return out, nil
}
