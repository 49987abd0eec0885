package classroom

import (
	"errors"
	"testing"
	"time"

	"betang/classroom/checks"
)

func TestRecordCheck(t *testing.T) {
	r := NewRoom(Event{ID: "demo"})
	sri := Actor{Person: "per1", Role: RoleParticipant}
	now := time.UnixMilli(1_758_679_200_000).UTC()
	var facts []Fact
	for _, c := range []struct {
		by   Actor
		n    int
		out  string
		code string
	}{
		{sri, 0, checks.Answered, ""},
		{sri, 0, checks.Missed, "check_over"},
		{sri, 3, checks.Missed, ""},
		{sri, 2, checks.Answered, "check_over"},
		{sri, 4, "asleep", "check_over"},
		{sri, -1, checks.Answered, "check_over"},
		{Actor{Role: RoleParticipant, Session: "s"}, 0, checks.Answered, "check_over"},
		{Actor{Role: RoleOperator, Session: "s"}, 0, checks.Answered, "role"},
		{sri, 4, checks.Excused, ""},
	} {
		fs, err := r.Apply(now, c.by, RecordCheck{N: c.n, Outcome: c.out, Asked: 1, After: 2})
		facts = append(facts, fs...)
		code := ""
		if e, ok := errors.AsType[*Error](err); ok {
			code = e.Code
		}
		if code != c.code {
			t.Errorf("check %d %s by %s: %v, want %q", c.n, c.out, c.by.Role, err, c.code)
		}
	}
	want := CheckTally{Answered: 1, Missed: 1, Excused: 1, Next: 5}
	again, err := Replay(Event{ID: "demo"}, facts)
	if err != nil || r.Checks("per1") != want || again.Checks("per1") != want {
		t.Errorf("%+v, replayed %+v, %v; want %+v", r.Checks("per1"), again.Checks("per1"), err, want)
	}
	if err := again.Fold(Fact{Seq: again.Rev() + 1, At: now, By: sri, Body: Checked{N: 1, Outcome: checks.Missed}}); err == nil {
		t.Error("a check folded that was over")
	}
}
