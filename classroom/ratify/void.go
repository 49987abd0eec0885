package ratify

import (
	"context"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/proof"
)

// ToVoid gives the list of that number if it can be taken back. NotFound number_unknown if the event has no such list;
// Conflict list_superseded if a revision took its place, and that one must be voided instead. A list that is void already
// is given once more, so that asking twice does no harm.
func (d *Desk) ToVoid(ctx context.Context, id classroom.EventID, number string) (List, error) {
	heads, err := d.store.Ratified(ctx, id)
	if err != nil {
		return List{}, err
	}
	for i, h := range heads {
		if h.Number != number {
			continue
		}
		if i < len(heads)-1 && h.Voided == 0 {
			return List{}, classroom.Refuse(classroom.Conflict, "list_superseded")
		}
		return d.open(ctx, number)
	}
	return List{}, classroom.Refuse(classroom.NotFound, "number_unknown")
}

// Settle brings what is looked up by number in line with the journal, which alone says what is a list and what is void.
func (d *Desk) Settle(ctx context.Context, id classroom.EventID) error {
	facts, err := d.store.Facts(ctx, id, 0)
	if err != nil {
		return err
	}
	return d.settle(ctx, id, facts)
}

func (d *Desk) settle(ctx context.Context, id classroom.EventID, facts []classroom.Fact) error {
	if err := d.accept(ctx, id, facts); err != nil {
		return err
	}
	void := voidings(facts)
	if len(void) == 0 {
		return nil
	}
	heads, err := d.store.Ratified(ctx, id)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if v, ok := void[h.Number]; ok && h.Voided == 0 {
			if err := d.store.VoidRatified(ctx, h.Number, v.At.UnixMilli()); err != nil {
				return err
			}
		}
	}
	return nil
}

// accept makes drafts lists that the journal names by number and sum, or that were lists at another server before lists were facts.
func (d *Desk) accept(ctx context.Context, id classroom.EventID, facts []classroom.Fact) error {
	drafts, err := d.store.Drafts(ctx, id)
	if err != nil || len(drafts) == 0 {
		return err
	}
	named := namings(facts)
	for _, number := range drafts {
		kept, err := d.store.Document(ctx, number)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(named, func(n classroom.ListRatified) bool { return n.Number == number })
		if i < 0 && !kept.Settled || i >= 0 && hashOf(kept.Document) != named[i].SHA256 {
			continue // not ratified, or not what was
		}
		doc, found := proof.Verify(kept.Document, nil)
		m := doc.Manifest
		if len(found) > 0 || classroom.EventID(m.Event) != id || m.Number != number {
			continue
		}
		jp := map[classroom.PersonID]int{}
		for _, r := range doc.Rows {
			jp[classroom.PersonID(r.Person)] = r.Credited.JP
		}
		kept.Revision, kept.At = m.RevisionNumber(), m.RatifiedAt
		year := time.UnixMilli(m.StartsAt).In(classroom.WIB).Year()
		if err := d.store.SaveRatified(ctx, kept, year, jp); err != nil && classroom.KindOf(err) != classroom.Conflict { // it is here by now
			return err
		}
	}
	return nil
}

// namings are the lists that a journal says were ratified, oldest first.
func namings(facts []classroom.Fact) (list []classroom.ListRatified) {
	for _, f := range facts {
		if b, ok := f.Body.(classroom.ListRatified); ok {
			list = append(list, b)
		}
	}
	return list
}

// missing is the newest list that the journal names, if its document is not here.
func missing(facts []classroom.Fact, here []classroom.RatifiedList) (classroom.ListRatified, bool) {
	named := namings(facts)
	if len(named) == 0 {
		return classroom.ListRatified{}, false
	}
	last := named[len(named)-1]
	return last, !slices.ContainsFunc(here, func(l classroom.RatifiedList) bool { return l.Number == last.Number })
}

// VoidOf tells whether the journal says that a document does not count any more, and why.
func VoidOf(ctx context.Context, store Source, id classroom.EventID, number string) (classroom.Voiding, bool, error) {
	facts, err := store.Facts(ctx, id, 0)
	if err != nil {
		return classroom.Voiding{}, false, err
	}
	v, ok := voidings(facts)[number]
	return v, ok, nil
}

// voidings are the lists that a journal says were taken back, by number.
func voidings(facts []classroom.Fact) map[string]classroom.Voiding {
	list := map[string]classroom.Voiding{}
	for _, f := range facts {
		if b, ok := f.Body.(classroom.ListVoided); ok {
			list[b.Number] = classroom.Voiding{ListVoided: b, At: f.At}
		}
	}
	return list
}
