package classroom

import (
	"fmt"

	"betang/classroom/checks"
)

// CheckTally is what became of a person's checks ("Masih menyimak?") in an event.
type CheckTally struct {
	Answered, Missed, Excused int
	Next                      int // number of the first check that has no outcome yet and none after it has
}

func (t CheckTally) with(b Checked) (CheckTally, error) {
	if b.N < t.Next {
		return t, fmt.Errorf("check %d after check %d", b.N, t.Next-1)
	}
	switch b.Outcome {
	case checks.Answered:
		t.Answered++
	case checks.Missed:
		t.Missed++
	case checks.Excused:
		t.Excused++
	default:
		return t, fmt.Errorf("check outcome %q", b.Outcome)
	}
	t.Next = b.N + 1
	return t, nil
}

func (r *Room) foldCheck(id PersonID, b Checked) error {
	if id == "" {
		return fmt.Errorf("a check of nobody")
	}
	t, err := r.checks[id].with(b)
	if err == nil {
		r.checks[id] = t
	}
	return err
}

func (r *Room) planCheck(by Actor, c RecordCheck) ([]FactBody, error) {
	b := Checked(c)
	if by.Person == "" || c.N < 0 || c.Asked < 0 || c.After < 0 {
		return nil, Refuse(Invalid, "check_over")
	}
	if _, err := r.checks[by.Person].with(b); err != nil {
		return nil, Refuse(Conflict, "check_over")
	}
	return []FactBody{b}, nil
}

// Checks is what became of a person's checks so far.
func (r *Room) Checks(id PersonID) CheckTally { return r.checks[id] }
