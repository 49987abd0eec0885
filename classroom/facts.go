package classroom

// The bodies of facts. Their JSON is what the journal hashes and keeps: fields are only ever added.
type (
	// PhaseSet says: the event moved on.
	PhaseSet struct {
		To Phase `json:"to"`
	}
	// StageEntered says: a source came on the stage, or behind it.
	StageEntered struct {
		Source Source `json:"source"`
		Behind bool   `json:"behind,omitempty"`
	}
	// StageLeft says: a source went off the stage.
	StageLeft struct {
		Source SourceID `json:"source"`
	}
	// SceneSet says: which source fills which slot, by an operator's choice or by the room's own rule (Auto).
	SceneSet struct {
		Scene Scene `json:"scene"`
		Auto  bool  `json:"auto"`
	}
	// Asked says: a question came in. The asker is the fact's actor.
	Asked struct {
		Question QuestionID `json:"question"`
		Text     string     `json:"text"`
	}
	// Supported says: the actor's vote was given (On) or taken back.
	Supported struct {
		Question QuestionID `json:"question"`
		On       bool       `json:"on"`
	}
	// Approved says: everyone may see the question.
	Approved struct {
		Question QuestionID `json:"question"`
	}
	// Merged says: the question was folded into another.
	Merged struct {
		Question QuestionID `json:"question"`
		Into     QuestionID `json:"into"`
	}
	// Rejected says: the question was dismissed.
	Rejected struct {
		Question QuestionID `json:"question"`
		Reason   string     `json:"reason"`
	}
	// Shown says: the question on the stage; "" for none.
	Shown struct {
		Question QuestionID `json:"question"`
	}
	// Answered says: live (Text "") or in writing.
	Answered struct {
		Question QuestionID `json:"question"`
		Text     string     `json:"text"`
	}
	// Admitted says: the actor's session was let in.
	Admitted struct {
		Method string `json:"method"`
		Device string `json:"device,omitempty"` // the random name that the browser gave itself
	}
	// Checked says: the actor's N-th "Masih menyimak?" is over. Outcome is one of package checks.
	Checked struct {
		N       int    `json:"n"` // from 0
		Outcome string `json:"outcome"`
		Asked   int64  `json:"asked"` // Unix ms
		After   int64  `json:"after"` // ms until the answer; 0 without one
	}
)

// FactKind names the body in the journal.
func (PhaseSet) FactKind() string { return "phase" }

// FactKind names the body in the journal.
func (StageEntered) FactKind() string { return "stage.entered" }

// FactKind names the body in the journal.
func (StageLeft) FactKind() string { return "stage.left" }

// FactKind names the body in the journal.
func (SceneSet) FactKind() string { return "scene" }

// FactKind names the body in the journal.
func (Asked) FactKind() string { return "qa.asked" }

// FactKind names the body in the journal.
func (Supported) FactKind() string { return "qa.supported" }

// FactKind names the body in the journal.
func (Approved) FactKind() string { return "qa.approved" }

// FactKind names the body in the journal.
func (Merged) FactKind() string { return "qa.merged" }

// FactKind names the body in the journal.
func (Rejected) FactKind() string { return "qa.rejected" }

// FactKind names the body in the journal.
func (Shown) FactKind() string { return "qa.shown" }

// FactKind names the body in the journal.
func (Answered) FactKind() string { return "qa.answered" }

// FactKind names the body in the journal.
func (Admitted) FactKind() string { return "admitted" }

// FactKind names the body in the journal.
func (Checked) FactKind() string { return "checked" }
