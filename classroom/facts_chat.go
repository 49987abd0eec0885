package classroom

// The bodies of the facts of the chat. As in facts.go, fields are only ever added.
type (
	// ChatSet says: from now on one may write or not, react or not.
	ChatSet struct {
		Chat      bool `json:"chat"`
		Reactions bool `json:"reactions"`
	}
	// Chatted says: the actor wrote this.
	Chatted struct {
		Message MessageID `json:"message"`
		Text    string    `json:"text"`
	}
	// ChatRemoved says: a message was taken down.
	ChatRemoved struct {
		Message MessageID `json:"message"`
	}
	// ChatPromoted says: a message became a question of its writer's.
	ChatPromoted struct {
		Message  MessageID  `json:"message"`
		Question QuestionID `json:"question"`
	}
)

// FactKind names the body in the journal.
func (ChatSet) FactKind() string { return "chat.set" }

// FactKind names the body in the journal.
func (Chatted) FactKind() string { return "chat.said" }

// FactKind names the body in the journal.
func (ChatRemoved) FactKind() string { return "chat.removed" }

// FactKind names the body in the journal.
func (ChatPromoted) FactKind() string { return "chat.promoted" }
