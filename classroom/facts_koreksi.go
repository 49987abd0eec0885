package classroom

// The facts of the correction desk.
type (
	// Contested says: the actor says to have been there from From to To, which was not counted.
	Contested struct {
		Correction CorrectionID `json:"correction"`
		From       int64        `json:"from"` // Unix ms
		To         int64        `json:"to"`
		Reason     string       `json:"reason"`
	}
	// Decided says: the desk granted a stretch, or (From and To 0) nothing. The last decision of a request counts.
	Decided struct {
		Correction CorrectionID `json:"correction"`
		Granted    bool         `json:"granted"`
		From       int64        `json:"from"`
		To         int64        `json:"to"`
		Reason     string       `json:"reason"`
		Who        string       `json:"who"` // name and office of who decided; the actor is the link it came by
	}
	// Corrected says: without being asked, the desk granted a person a stretch or took one away (Void). It is a request
	// and its first decision in one, and may be decided anew like any other.
	Corrected struct {
		Correction CorrectionID `json:"correction"`
		Person     PersonID     `json:"person"`
		Void       bool         `json:"void,omitempty"`
		From       int64        `json:"from"` // Unix ms
		To         int64        `json:"to"`
		Reason     string       `json:"reason"`
		Who        string       `json:"who"`
	}
)

// FactKind names the body in the journal.
func (Contested) FactKind() string { return "correction.asked" }

// FactKind names the body in the journal.
func (Corrected) FactKind() string { return "correction.made" }

// FactKind names the body in the journal.
func (Decided) FactKind() string { return "correction.decided" }
