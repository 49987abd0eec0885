package classroom

// The bodies of facts. Their JSON is what the journal hashes and keeps: fields are only ever added.
type (
	// PhaseSet: the event moved on.
	PhaseSet struct {
		To Phase `json:"to"`
	}
	// StageEntered: a source came on the stage.
	StageEntered struct {
		Source Source `json:"source"`
	}
	// StageLeft: a source went off the stage.
	StageLeft struct {
		Source SourceID `json:"source"`
	}
	// SceneSet: which source fills which slot, by an operator's choice or by the room's own rule (Auto).
	SceneSet struct {
		Scene Scene `json:"scene"`
		Auto  bool  `json:"auto"`
	}
	// Asked: a question came in. The asker is the fact's actor.
	Asked struct {
		Question QuestionID `json:"question"`
		Text     string     `json:"text"`
	}
	// Supported: the actor's vote was given (On) or taken back.
	Supported struct {
		Question QuestionID `json:"question"`
		On       bool       `json:"on"`
	}
	// Approved: everyone may see the question.
	Approved struct {
		Question QuestionID `json:"question"`
	}
	// Merged: the question was folded into another.
	Merged struct {
		Question QuestionID `json:"question"`
		Into     QuestionID `json:"into"`
	}
	// Rejected: the question was dismissed.
	Rejected struct {
		Question QuestionID `json:"question"`
		Reason   string     `json:"reason"`
	}
	// Shown: the question on the stage; "" for none.
	Shown struct {
		Question QuestionID `json:"question"`
	}
	// Answered: live (Text "") or in writing.
	Answered struct {
		Question QuestionID `json:"question"`
		Text     string     `json:"text"`
	}
	// Admitted: the actor's session was let in.
	Admitted struct {
		Method string `json:"method"`
	}
)

// FactKind names the body in the journal.
func (PhaseSet) FactKind() string     { return "phase" }
func (StageEntered) FactKind() string { return "stage.entered" }
func (StageLeft) FactKind() string    { return "stage.left" }
func (SceneSet) FactKind() string     { return "scene" }
func (Asked) FactKind() string        { return "qa.asked" }
func (Supported) FactKind() string    { return "qa.supported" }
func (Approved) FactKind() string     { return "qa.approved" }
func (Merged) FactKind() string       { return "qa.merged" }
func (Rejected) FactKind() string     { return "qa.rejected" }
func (Shown) FactKind() string        { return "qa.shown" }
func (Answered) FactKind() string     { return "qa.answered" }
func (Admitted) FactKind() string     { return "admitted" }
