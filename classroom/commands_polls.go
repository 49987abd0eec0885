package classroom

import "betang/classroom/poll"

// PollID names one poll within its event: "j" (jajak pendapat) and a running number.
type PollID string

// The commands of polls. Texts are trimmed at the edge, as everywhere.
type (
	// MakePoll drafts a poll; only the desk sees it.
	MakePoll struct{ Spec poll.Spec }
	// TurnPoll moves a poll on: poll.Open, poll.Closed, or poll.Dropped for a draft.
	TurnPoll struct {
		Poll PollID
		To   poll.Status
	}
	// ShowPoll shows a poll's results to everyone, or hides them again.
	ShowPoll struct {
		Poll PollID
		On   bool
	}
	// AnswerPoll is the one answer that a person, or a guest's session, has; until the poll closes it may change.
	AnswerPoll struct {
		Poll   PollID
		Answer poll.Answer
	}
)

func (MakePoll) commandName() string   { return "poll.make" }
func (TurnPoll) commandName() string   { return "poll.turn" }
func (ShowPoll) commandName() string   { return "poll.show" }
func (AnswerPoll) commandName() string { return "poll.answer" }
