package classroom

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"betang/classroom/poll"
)

// PollView is a copy of one poll with what its answers add up to.
type PollView struct {
	ID PollID
	poll.Poll
	Tally poll.Tally
}

// Polls are all polls whose revision is over since, ascending by id. An answer changes no revision: counts are looked
// up by PollView's Tally when somebody wants them.
func (r *Room) Polls(since int64) []PollView {
	var out []PollView
	for _, p := range r.polls.Polls(nil, since) {
		out = append(out, PollView{pollID(p.N), p, r.polls.Tally(p.N)})
	}
	return out
}

// Poll is one poll.
func (r *Room) Poll(id PollID) (PollView, bool) {
	n, _ := numbered("j", string(id))
	p, ok := r.polls.Poll(n)
	if !ok {
		return PollView{}, false
	}
	return PollView{pollID(n), p, r.polls.Tally(n)}, true
}

// PollTexts are the last answers to a poll of kind text, oldest first: for the desk.
func (r *Room) PollTexts(id PollID, limit int) []string {
	n, _ := numbered("j", string(id))
	return r.polls.Texts(nil, n, limit)
}

// PollAnswers goes through what a person over all devices, or a guest's session, answered, ascending by poll.
func (r *Room) PollAnswers(by Actor) iter.Seq2[PollID, poll.Answer] {
	return func(yield func(PollID, poll.Answer) bool) {
		for n, a := range r.polls.AnswersBy(by.key()) {
			if !yield(pollID(n), a) {
				return
			}
		}
	}
}

// Score is a person's score in a quiz: how many of how many questions are right, and whether the person answered any of
// them. of is 0 where there is no such quiz.
func (r *Room) Score(set poll.Set, id PersonID) (right, of int, sat bool) {
	return r.polls.Score(set, Actor{Person: id}.key())
}

// planPoll hands a command of the polls to their board and gives its answer as facts.
func (r *Room) planPoll(by Actor, cmd Command) ([]FactBody, error) {
	c, id := poll.Change{Who: by.key()}, PollID("")
	switch x := cmd.(type) {
	case MakePoll:
		c.Op, c.Spec = poll.OpMake, x.Spec
	case TurnPoll:
		id = x.Poll
		switch x.To {
		case poll.Open:
			c.Op = poll.OpOpen
		case poll.Closed:
			c.Op = poll.OpClose
		case poll.Dropped:
			c.Op = poll.OpDrop
		default:
			return nil, Refuse(Invalid, "poll_state")
		}
	case ShowPoll:
		c.Op, c.On, id = poll.OpShow, x.On, x.Poll
	case AnswerPoll:
		c.Op, c.Answer, id = poll.OpAnswer, x.Answer, x.Poll
	default:
		return nil, Refuse(Invalid, "command_unknown")
	}
	var ok bool
	if c.Poll, ok = numbered("j", string(id)); !ok {
		return nil, Refuse(NotFound, string(poll.ErrUnknown))
	}
	step, err := r.polls.Plan(c)
	if err != nil {
		return nil, pollRefusal(err)
	}
	if step == nil {
		return nil, nil
	}
	return []FactBody{pollBody(*step)}, nil
}

func pollBody(c poll.Change) FactBody {
	id := pollID(c.Poll)
	switch c.Op {
	case poll.OpMake:
		s := c.Spec
		return PollMade{id, string(s.Kind), s.Text, s.Options, s.Top, uint32(s.Right), string(s.Set), s.Anonymous, s.Live}
	case poll.OpShow:
		return PollShown{id, c.On}
	case poll.OpAnswer:
		return PollAnswered{id, uint32(c.Answer.Pick), c.Answer.Value, c.Answer.Text}
	default:
		return PollTurned{id, string(turned[c.Op])}
	}
}

// turned are the states that the turning operations lead to.
var turned = map[poll.Op]poll.Status{poll.OpOpen: poll.Open, poll.OpClose: poll.Closed, poll.OpDrop: poll.Dropped}

// foldPoll commits a fact of the polls; ErrFactKind for any other.
func (r *Room) foldPoll(f Fact) error {
	c, id := poll.Change{Who: f.By.key()}, PollID("")
	switch b := f.Body.(type) {
	case PollMade:
		c.Op, id = poll.OpMake, b.Poll
		c.Spec = poll.Spec{
			Kind: poll.Kind(b.Kind), Text: b.Text, Options: b.Options, Top: b.Top, Right: poll.Pick(b.Right),
			Set: poll.Set(b.Set), Anonymous: b.Anonymous, Live: b.Live,
		}
	case PollTurned:
		id = b.Poll
		for op, to := range turned {
			if string(to) == b.To {
				c.Op = op
			}
		}
	case PollShown:
		c.Op, c.On, id = poll.OpShow, b.On, b.Poll
	case PollAnswered:
		c.Op, id = poll.OpAnswer, b.Poll
		c.Answer = poll.Answer{Pick: poll.Pick(b.Pick), Value: b.Value, Text: b.Text}
	default:
		return ErrFactKind
	}
	var ok bool
	if c.Poll, ok = numbered("j", string(id)); !ok || c.Poll == 0 {
		return fmt.Errorf("no poll %q", id)
	}
	return r.polls.Commit(f.Seq, c)
}

// pollKinds are the kinds of what the board of polls refuses.
var pollKinds = map[poll.Refusal]Kind{
	poll.ErrUnknown: NotFound, poll.ErrState: Conflict, poll.ErrClosed: Conflict, poll.ErrSpec: Invalid, poll.ErrText: Invalid,
	poll.ErrAnswer: Invalid, poll.ErrFull: Conflict, poll.ErrNobody: Invalid, poll.ErrOp: Invalid,
}

func pollRefusal(err error) error { return refusedBy(pollKinds, err) }

func pollID(n int) PollID { return PollID(numberID("j", n)) }

// numberID names the n-th thing of a sort by a letter and its number; "" for 0.
func numberID(letter string, n int) string {
	if n == 0 {
		return ""
	}
	return letter + strconv.Itoa(n)
}

// numbered is the inverse of numberID: "" is 0. It is false for what numberID cannot give.
func numbered(letter, id string) (int, bool) {
	if id == "" {
		return 0, true
	}
	digits, ok := strings.CutPrefix(id, letter)
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || numberID(letter, n) != id {
		return 0, false
	}
	return n, true
}
