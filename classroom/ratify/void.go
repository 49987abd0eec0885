package ratify

import (
	"context"

	"betang/classroom"
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

// Settle brings what is looked up by number in line with the journal, which alone says what is void.
func (d *Desk) Settle(ctx context.Context, id classroom.EventID) error {
	facts, err := d.store.Facts(ctx, id, 0)
	if err != nil {
		return err
	}
	return d.settle(ctx, id, facts)
}

func (d *Desk) settle(ctx context.Context, id classroom.EventID, facts []classroom.Fact) error {
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
