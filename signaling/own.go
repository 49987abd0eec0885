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

// Own gives one person's attendance.
func (h *Hub) Own(ctx context.Context, id classroom.PersonID) (Own, error) {
	var o Own
	err := h.call(ctx, func() {
		now := h.now()
		o = Own{
			Policy: h.room.Event().Policy, Held: h.room.Held(now), Checks: h.room.Checks(id), Corrections: h.room.CorrectionsOf(id),
			Phase: h.room.Phase(), Spans: h.evidenceOf(nil, id, now),
		}
	})
	return o, err
}

// evidenceOf appends all evidence of a person that counts.
func (h *Hub) evidenceOf(dst []attend.Span, id classroom.PersonID, now time.Time) []attend.Span {
	dst = append(append(dst, h.room.Granted(id)...), h.hallSpans(id, now)...)
	if p := h.persons[id]; p != nil {
		dst = p.evidence(dst)
	}
	return dst
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
