package wire

// Limits of polls.
const (
	MaxPollText   = 300 // characters
	MaxOptions    = 10
	MaxOption     = 120
	MaxPollAnswer = 200
	MaxTop        = 10 // highest value of a scale
)

// ---- client to server ----

// MakePoll drafts a poll or a question of a quiz. Only the desk sees it until it is opened.
type MakePoll struct {
	Kind      string `json:"kind" ts:"'single' | 'multiple' | 'scale' | 'text'"`
	Text      string `json:"text"`
	Options   string `json:"options"`                      // of single and multiple: 2 to 10 lines, one option each
	Top       int    `json:"top"`                          // of scale: its highest value, 2 to 10; the lowest is 1
	Right     int    `json:"right"`                        // right options, option i by bit i; 0: there is no right or wrong
	Set       string `json:"set" ts:"'' | 'pre' | 'post'"` // question of the pre-test or the post-test; ""
	Anonymous bool   `json:"anonymous"`                    // no screen and no export says who chose what
	Live      bool   `json:"live"`                         // everyone sees the counts while it is open
}

// TurnPoll opens a poll, closes it, or drops a draft.
type TurnPoll struct {
	Poll string `json:"poll"`
	To   string `json:"to" ts:"'open' | 'closed' | 'dropped'"`
}

// ShowPoll shows a poll's results to everyone, or hides them again.
type ShowPoll struct {
	Poll string `json:"poll"`
	On   bool   `json:"on"`
}

// AnswerPoll answers an open poll, or changes one's answer. Only the field that the poll's kind uses is set.
type AnswerPoll struct {
	Poll  string `json:"poll"`
	Pick  int    `json:"pick"`  // of single and multiple: option i by bit i
	Value int    `json:"value"` // of scale: 1 to its highest
	Text  string `json:"text"`  // of text: 1 to 200 characters
}

// ---- server to client ----

// Poll as the reader may see it. Drafts are for the desk; right and counts for the desk, and for everyone once the
// poll is closed and its results are shown.
type Poll struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind" ts:"'single' | 'multiple' | 'scale' | 'text'"`
	Text      string   `json:"text"`
	Options   []string `json:"options"`
	Top       int      `json:"top"`
	Set       string   `json:"set" ts:"'' | 'pre' | 'post'"`
	Anonymous bool     `json:"anonymous"`
	Live      bool     `json:"live"`
	Status    string   `json:"status" ts:"'draft' | 'open' | 'closed' | 'gone'"` // "gone": no longer there
	Shown     bool     `json:"shown"`                                            // its results are shown to everyone
	Right     int      `json:"right,omitempty"`
	Tally     *Tally   `json:"tally,omitempty"` // of a closed poll, where the reader may see it
}

// Tally is what a poll's answers add up to.
type Tally struct {
	Poll   string   `json:"poll"`
	N      int      `json:"n"`               // people who answered
	Counts []int    `json:"counts"`          // by option, or by value from 1; empty for texts
	Texts  []string `json:"texts,omitempty"` // of a text poll, for the desk: the latest, oldest first
}

// Tallies are the counts of open polls, at most once a second, when they changed: all for the desk, those of live or
// shown polls for everyone. It replaces the one before.
type Tallies struct {
	Polls []Tally `json:"polls"`
}

// MyAnswer is the reader's own answer to a poll, from any device.
type MyAnswer struct {
	Poll  string `json:"poll"`
	Pick  int    `json:"pick"`
	Value int    `json:"value"`
	Text  string `json:"text"`
}
