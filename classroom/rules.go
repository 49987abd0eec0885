package classroom

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"betang/classroom/attend"
)

// maxPolicies bounds how often an event's policy is changed, maxLists how many lists are ratified of it, maxVoids how many of them
// are voided.
const (
	maxPolicies = 100
	maxVoids    = 100
	maxLists    = 200
)

// The commands of BPSDM about what an event's evidence is worth, and about what was ratified of it. Who is the name and
// office of who decides.
type (
	// SetPolicy changes the event's policy. From is the revision that was looked at; the new one's is left 0.
	// That nothing is ratified is for whoever asks to check: the room knows facts, not documents.
	SetPolicy struct {
		Policy      attend.Policy
		From        int
		Reason, Who string
	}
	// VoidList takes back a ratified list. That there is such a list, and that it counts, is for whoever asks to check.
	VoidList struct {
		Number, SHA256 string
		Reason, Who    string
	}
	// RatifyList makes a signed document the event's list. The document is kept before; without the fact that this becomes it
	// counts nowhere, so that of several servers only the event's home can ratify.
	RatifyList struct {
		Number, SHA256 string
		Revision       int // above that of every list before
		Reason, Who    string
	}
)

func (SetPolicy) commandName() string  { return "policy.set" }
func (VoidList) commandName() string   { return "list.void" }
func (RatifyList) commandName() string { return "list.ratify" }

// The facts they become.
type (
	// PolicySet says: from here on the event's evidence is worth what Policy makes of it, all of it, also what came
	// before. Its Revision counts on from the one before.
	PolicySet struct {
		Policy attend.Policy `json:"policy"`
		Reason string        `json:"reason"`
		Who    string        `json:"who"`
	}
	// ListVoided says: the ratified list of that number does not count any more.
	ListVoided struct {
		Number string `json:"number"`
		SHA256 string `json:"sha256"` // of its document, hexadecimal
		Reason string `json:"reason"`
		Who    string `json:"who"`
	}
	// ListRatified says: the document of that number is the event's list, in place of the one before.
	ListRatified struct {
		Number   string `json:"number"`
		SHA256   string `json:"sha256"` // of the document, hexadecimal
		Revision int    `json:"revision"`
		Reason   string `json:"reason"`
		Who      string `json:"who"`
	}
)

// FactKind names the body in the journal.
func (PolicySet) FactKind() string { return "policy" }

// FactKind names the body in the journal.
func (ListVoided) FactKind() string { return "list.voided" }

// FactKind names the body in the journal.
func (ListRatified) FactKind() string { return "list.ratified" }

// PolicyChange is a policy and how the event came to it.
type PolicyChange struct {
	PolicySet
	At time.Time
}

// Voiding is a list that was taken back.
type Voiding struct {
	ListVoided
	At time.Time
}

// rules is what a room knows of the event's policy and of its lists that do not count.
type rules struct {
	planned attend.Policy
	changes []PolicyChange
	voided  []Voiding
	lists   []ListRatified
}

func (r *Room) planPolicy(c SetPolicy) ([]FactBody, error) {
	now, next := r.event.Policy, c.Policy
	next.Revision = now.Revision
	if c.From != now.Revision {
		if next == now {
			return nil, nil // sent twice
		}
		return nil, Refuse(Conflict, "policy_moved")
	}
	if err := checkDeed(c.Reason, c.Who); err != nil {
		return nil, err
	}
	if err := next.Check(); err != nil {
		return nil, &Error{Kind: Invalid, Code: "event_policy", Err: err}
	}
	switch {
	case next == now:
		return nil, Refuse(Conflict, "policy_same")
	case next.Version < now.Version:
		return nil, Refuse(Invalid, "event_policy") // no way back to a rule set that is kept only for what was ratified by it
	case len(r.rules.changes) >= maxPolicies:
		return nil, Refuse(TooMany, "policy_many")
	}
	next.Revision++
	return []FactBody{PolicySet{next, c.Reason, c.Who}}, nil
}

func (r *Room) foldPolicy(f Fact, b PolicySet) error {
	if err := b.Policy.Check(); err != nil {
		return err
	}
	if b.Policy.Revision != r.event.Policy.Revision+1 {
		return fmt.Errorf("policy revision %d after %d", b.Policy.Revision, r.event.Policy.Revision)
	}
	r.event.Policy, r.eventRev = b.Policy, f.Seq
	r.rules.changes = append(r.rules.changes, PolicyChange{b, f.At})
	return nil
}

func (r *Room) planVoid(c VoidList) ([]FactBody, error) {
	if c.Number == "" || !validText(c.Number, 64) || len(c.SHA256) != 64 || !validText(c.SHA256, 64) {
		return nil, Refuse(Invalid, "number_unknown")
	}
	if _, done := r.Voided(c.Number); done {
		return nil, nil
	}
	if err := checkDeed(c.Reason, c.Who); err != nil {
		return nil, err
	}
	if len(r.rules.voided) >= maxVoids {
		return nil, Refuse(TooMany, "void_many")
	}
	return []FactBody{ListVoided(c)}, nil
}

func (r *Room) foldVoid(f Fact, b ListVoided) error {
	if _, done := r.Voided(b.Number); done {
		return fmt.Errorf("list %s was voided before", b.Number)
	}
	r.rules.voided = append(r.rules.voided, Voiding{b, f.At})
	return nil
}

func (r *Room) planRatify(c RatifyList) ([]FactBody, error) {
	if c.Number == "" || !validText(c.Number, 64) || len(c.SHA256) != 64 || !validText(c.SHA256, 64) || c.Revision < 1 {
		return nil, Refuse(Invalid, "number_unknown")
	}
	if slices.Contains(r.rules.lists, ListRatified(c)) {
		return nil, nil // sent twice
	}
	if r.phase != Ended {
		return nil, Refuse(Conflict, "event_not_ended")
	}
	if _, void := r.Voided(c.Number); void || c.Revision <= r.lastRevision() {
		return nil, Refuse(Conflict, "already_ratified")
	}
	for _, text := range []string{c.Reason, c.Who} {
		if n := utf8.RuneCountInString(text); n < 3 || n > 300 || !validText(text, 1200) {
			return nil, Refuse(Invalid, "ratify_who_why")
		}
	}
	if len(r.rules.lists) >= maxLists {
		return nil, Refuse(TooMany, "ratify_many")
	}
	return []FactBody{ListRatified(c)}, nil
}

func (r *Room) foldRatified(b ListRatified) error {
	if b.Revision <= r.lastRevision() {
		return fmt.Errorf("list %s of revision %d after %d", b.Number, b.Revision, r.lastRevision())
	}
	r.rules.lists = append(r.rules.lists, b)
	return nil
}

// lastRevision is that of the list that was ratified last; 0: none was, or before lists were facts.
func (r *Room) lastRevision() int {
	if n := len(r.rules.lists); n > 0 {
		return r.rules.lists[n-1].Revision
	}
	return 0
}

// checkDeed demands a reason, and the name and office of who decides.
func checkDeed(reason, who string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(who); n < 3 || n > 200 || !validText(who, 800) {
		return Refuse(Invalid, "correction_who")
	}
	return nil
}

// PlannedPolicy is the policy as the event was planned: revision 0.
func (r *Room) PlannedPolicy() attend.Policy { return r.rules.planned }

// PolicyChanges are all changes of the policy, oldest first; the last one is what Event says.
func (r *Room) PolicyChanges() []PolicyChange { return slices.Clone(r.rules.changes) }

// Voided tells whether a list was taken back, and how.
func (r *Room) Voided(number string) (Voiding, bool) {
	for _, v := range r.rules.voided {
		if v.Number == number {
			return v, true
		}
	}
	return Voiding{}, false
}
