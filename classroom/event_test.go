package classroom

import (
	"errors"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
	"betang/classroom/qa"
)

func TestEventID(t *testing.T) {
	for id, want := range map[EventID]bool{
		"demo": true, "kuliah-umum-2026-11-24": true, "a": true, EventID(strings.Repeat("a", 64)): true,
		"": false, EventID(strings.Repeat("a", 65)): false, "Demo": false, "a b": false, "-a": false, "a-": false,
		"../x": false, "é": false, "*": false,
	} {
		if id.Valid() != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}

func TestEventCheck(t *testing.T) {
	if err := testEvent().Check(); err != nil {
		t.Fatal(err)
	}
	for code, changes := range map[string][]func(*Event){
		"event_id":   {func(e *Event) { e.ID = "A" }},
		"event_kind": {func(e *Event) { e.Kind = "party" }},
		"event_title": {
			func(e *Event) { e.Title = "" }, func(e *Event) { e.Title = strings.Repeat("a", 301) },
			func(e *Event) { e.Title = "a\nb" },
		},
		"event_text": {
			func(e *Event) { e.Speaker = "\xff" }, func(e *Event) { e.Host = "\x00" }, func(e *Event) { e.Place = "\x7f" },
		},
		"event_times": {
			func(e *Event) { e.EndsAt = e.StartsAt }, func(e *Event) { e.StartsAt = time.Time{} },
		},
		"event_policy": {
			func(e *Event) { e.Policy = attend.Policy{} }, func(e *Event) { e.Policy.Version = 3 },
			func(e *Event) { e.Policy.MinutesPerJP = 0 }, func(e *Event) { e.Policy.ThresholdPercent = 101 },
			func(e *Event) { e.Policy.BridgeSeconds = -1 }, func(e *Event) { e.Policy.ApprovedJP = -1 },
			func(e *Event) { e.Policy.Earns = 0 }, func(e *Event) { e.Policy.Earns = attend.Corrected },
		},
	} {
		for _, change := range changes {
			e := testEvent()
			change(&e)
			err := e.Check()
			if KindOf(err) != Invalid || err.(*Error).Code != code { //nolint:errorlint // bare
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

func TestPlannedJP(t *testing.T) {
	e := testEvent()
	if got := e.PlannedJP(); got != 2 { // two hours
		t.Error(got)
	}
	e.Policy.ApprovedJP = 3
	if got := e.PlannedJP(); got != 3 {
		t.Error(got)
	}
}

// Each refusal of the board has a kind, and keeps its code.
func TestBoardRefusals(t *testing.T) {
	for _, r := range []qa.Refusal{
		qa.ErrUnknown, qa.ErrState, qa.ErrEmpty, qa.ErrLong, qa.ErrReasonEmpty, qa.ErrReasonLong, qa.ErrAnswerLong,
		qa.ErrText, qa.ErrAskRate, qa.ErrPendingLimit, qa.ErrSupportRate, qa.ErrMergeSelf, qa.ErrMergeInvisible,
		qa.ErrNobody, qa.ErrOp,
	} {
		if e, _ := errors.AsType[*Error](refusal(r)); e.Kind == "" || e.Kind == Internal || e.Code != string(r) {
			t.Errorf("%s: %v", r, e)
		}
	}
	h := newHall(t)
	h.refuse(sri, Ask{""}, Invalid, "question_empty")
	h.refuse(sri, Ask{strings.Repeat("a", 301)}, Invalid, "question_long")
	h.do(sri, Ask{"Satu?"})
	h.refuse(sriPhone, Ask{"Dua?"}, TooMany, "question_rate")
	h.refuse(moderator, Merge{"q1", "q1"}, Invalid, "merge_self")
	h.refuse(moderator, Reject{"q1", " "}, Invalid, "reason_empty")
	for range 4 {
		h.wait(31 * time.Second)
		h.do(sriPhone, Ask{"Lagi?"})
	}
	h.wait(31 * time.Second)
	h.refuse(sri, Ask{"Keenam?"}, TooMany, "question_pending_limit")
	h.checkReplay()
}
