package classroom

// Command is something somebody asks of a room. Room.Apply checks it against the policy table and the room's
// state and answers with the facts it became, or with an *Error and no change.
type Command interface{ commandName() string }

// The commands. Text is trimmed and its control characters are refused at the edge (wire.Decode).
type (
	// SetPhase moves the event on: live, paused, live again, ended.
	SetPhase struct{ To Phase }

	// EnterStage puts a published source on the stage; behind it if its owner wishes so or the gate is closed. If the event
	// is scheduled, a camera or screen on the stage makes it live.
	EnterStage struct {
		Source Source
		Behind bool
	}
	// LeaveStage takes a source off the stage; it also stands for a publisher that was lost.
	LeaveStage struct{ Source SourceID }
	// SetScene fixes which source fills which slot. Auto gives the choice back to the room's own rule
	// (a shared screen is main and its owner's camera second; else the latest camera is main).
	SetScene struct {
		Scene Scene
		Auto  bool
		// Seen is what stood when the operator chose: main, second and interpreter, with commas between. If it is another by now,
		// the command is refused (scene_moved), so that two operators do not undo each other unseen. "": whatever stands.
		Seen string
	}

	// Ask puts a question before the moderators: 1 to 300 characters.
	Ask struct{ Text string }
	// Support gives or takes back the one vote a person has on a question.
	Support struct {
		Question QuestionID
		On       bool
	}
	// Approve shows a question to everyone.
	Approve struct{ Question QuestionID }
	// Merge folds a duplicate into another question; its supporters move along, each counted once.
	Merge struct{ Question, Into QuestionID }
	// Reject dismisses a question; its asker reads the reason.
	Reject struct {
		Question QuestionID
		Reason   string
	}
	// Show puts an approved question on the stage, large. "" takes it down.
	Show struct{ Question QuestionID }
	// Answer closes a question: live (text "") or in writing.
	Answer struct {
		Question QuestionID
		Text     string
	}

	// Admit records that a session of a person (or a guest) was let in.
	Admit struct {
		// Method is how identity was shown: "nip", "code", "link" or "guest".
		Method string
		// Device is the random name of the browser, "" if it gave none.
		Device string
	}
	// RecordCheck records what became of a person's check. The hub alone gives it, in the person's name.
	RecordCheck struct {
		N            int
		Outcome      string
		Asked, After int64 // Unix ms; ms
	}
)

func (SetPhase) commandName() string    { return "phase" }
func (EnterStage) commandName() string  { return "stage.enter" }
func (LeaveStage) commandName() string  { return "stage.leave" }
func (SetScene) commandName() string    { return "scene" }
func (Ask) commandName() string         { return "ask" }
func (Support) commandName() string     { return "support" }
func (Approve) commandName() string     { return "approve" }
func (Merge) commandName() string       { return "merge" }
func (Reject) commandName() string      { return "reject" }
func (Show) commandName() string        { return "show" }
func (Answer) commandName() string      { return "answer" }
func (Admit) commandName() string       { return "admit" }
func (RecordCheck) commandName() string { return "check.record" }
