package signaling

import (
	"context"
	"slices"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/correction"
)

// Own is one person's attendance as the hub counts it now.
type Own struct {
	Policy      attend.Policy
	Held        attend.Held
	Spans       []attend.Span // all evidence, with what the correction desk granted
	Checks      classroom.CheckTally
	Corrections []correction.Request
	Phase       classroom.Phase
}

// Result is what it is worth, with more evidence if that is asked about.
func (o Own) Result(more ...attend.Span) attend.Result {
	return attend.Credit(o.Policy, o.Held, slices.Concat(o.Spans, more))
}

// Own gives one person's attendance, as it was saved last: at most saveEvery beats old.
func (h *Hub) Own(ctx context.Context, id classroom.PersonID) (Own, error) {
	var o Own
	err := h.call(ctx, func() {
		now := h.now()
		o = Own{
			Policy: h.room.Event().Policy, Held: h.room.Held(now), Checks: h.room.Checks(id), Corrections: h.room.CorrectionsOf(id),
			Phase: h.room.Phase(), Spans: h.evidenceOf(id, now),
		}
	})
	return o, err
}

// evidenceOf is all evidence of a person that counts.
func (h *Hub) evidenceOf(id classroom.PersonID, now time.Time) []attend.Span {
	out := append(h.room.Granted(id), h.hallSpans(id, now)...)
	if p := h.persons[id]; p != nil {
		return append(out, p.spans...)
	}
	return out
}

// Policy is the event's policy as it was planned, and all changes of it, oldest first: the last one stands.
func (h *Hub) Policy(ctx context.Context) (planned attend.Policy, changes []classroom.PolicyChange, err error) {
	err = h.call(ctx, func() { planned, changes = h.room.PlannedPolicy(), h.room.PolicyChanges() })
	return planned, changes, err
}

// Corrections are all requests for corrections of the event, oldest first.
func (h *Hub) Corrections(ctx context.Context) ([]correction.Request, error) {
	var out []correction.Request
	err := h.call(ctx, func() { out = h.room.Corrections() })
	return out, err
}
