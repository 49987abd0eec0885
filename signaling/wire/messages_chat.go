package wire

// MaxChat bounds a chat message, in characters.
const MaxChat = 300

// ---- client to server ----

// Chat writes into the chat.
type Chat struct {
	Text string `json:"text"`
}

// ChatRemove takes a message down: one's own, and by the desk anybody's.
type ChatRemove struct {
	Message string `json:"message"`
}

// ChatPromote makes a message a question of its writer's, approved.
type ChatPromote struct {
	Message string `json:"message"`
}

// ChatSet lets people write into the chat, and react, or not.
type ChatSet struct {
	Chat      bool `json:"chat"`
	Reactions bool `json:"reactions"`
}

// React is a gesture of the moment; nothing of it is kept.
type React struct {
	Kind string `json:"kind" ts:"'clap' | 'agree' | 'love' | 'thanks'"`
}

// ---- server to client ----

// Talk says whether one may write into the chat, and react.
type Talk struct {
	Chat      bool `json:"chat"`
	Reactions bool `json:"reactions"`
}

// ChatLine is one message of the chat. A page keeps the last 100.
type ChatLine struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Unit   string `json:"unit,omitempty"`
	Region string `json:"region,omitempty"`
	At     int64  `json:"at"`              // Unix ms
	Asked  bool   `json:"asked,omitempty"` // made a question
	Gone   bool   `json:"gone,omitempty"`  // taken down; nothing else of it is said
}

// Reactions are how many reacted how since the message before: at most once a second, one for everybody.
type Reactions struct {
	Clap   int `json:"clap,omitempty"`
	Agree  int `json:"agree,omitempty"`
	Love   int `json:"love,omitempty"`
	Thanks int `json:"thanks,omitempty"`
}
