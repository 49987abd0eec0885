package classroom

import (
	"fmt"
	"time"

	"betang/classroom/qa"
)

// QuestionStatus is where a question stands.
type QuestionStatus = qa.Status

// The states of a question.
const (
	QuestionPending  = qa.Pending
	QuestionApproved = qa.Approved
	QuestionMerged   = qa.Merged
	QuestionRejected = qa.Rejected
	QuestionAnswered = qa.Answered
)

// QuestionView is a copy of one question. Who asked is for the server and the auditor; it goes to nobody.
type QuestionView struct {
	ID      QuestionID
	Text    string
	Status  QuestionStatus
	Support int       // distinct voters; 0 once merged, for they moved along
	Asker   PersonID  // "" for a guest
	Session SessionID // the device it was asked from
	AskedAt time.Time
	Into    QuestionID // merged into: never itself a merged question
	Reason  string     // of a rejection
	Answer  string     // in writing; "" and answered: live
	Rev     int64
}

// Questions are all questions whose revision is over since, ascending by id. It takes time by what changed.
func (r *Room) Questions(since int64) []QuestionView {
	return r.views(r.board.Since(nil, since))
}

// Question is one question.
func (r *Room) Question(id QuestionID) (QuestionView, bool) {
	n, _ := questionNumber(id)
	q, ok := r.board.Question(n)
	if !ok {
		return QuestionView{}, false
	}
	return r.view(q), true
}

// AskedBy are the questions of a person (over all devices) or of a guest's session, ascending by id.
func (r *Room) AskedBy(by Actor) []QuestionView {
	return r.views(r.board.AskedBy(nil, by.key()))
}

// Supported are the questions on which the vote of a person, or of a guest's session, stands, ascending by id.
func (r *Room) Supported(by Actor) []QuestionID {
	var out []QuestionID
	for _, n := range r.board.SupportedBy(nil, by.key()) {
		out = append(out, questionID(n))
	}
	return out
}

func (r *Room) views(qs []qa.Question) []QuestionView {
	out := make([]QuestionView, len(qs))
	for i, q := range qs {
		out[i] = r.view(q)
	}
	return out
}

func (r *Room) view(q qa.Question) QuestionView {
	by := r.askers[q.N]
	return QuestionView{
		ID: questionID(q.N), Text: q.Text, Status: q.Status, Support: q.Support, Asker: by.Person, Session: by.Session,
		AskedAt: time.UnixMilli(q.AskedAt).UTC(), Into: questionID(q.Into), Reason: q.Reason, Answer: q.Answer, Rev: q.Rev,
	}
}

// planBoard hands a command of the questions to the board, in the board's words, and gives back its answer in ours.
func (r *Room) planBoard(now int64, by Actor, cmd Command) ([]FactBody, error) {
	var c qa.Change
	var id, into QuestionID
	switch x := cmd.(type) {
	case Ask:
		c = qa.Change{Op: qa.OpAsk, Who: by.key(), Text: x.Text}
	case Support:
		c, id = qa.Change{Op: qa.OpSupport, Who: by.key(), On: x.On}, x.Question
	case Approve:
		c, id = qa.Change{Op: qa.OpApprove}, x.Question
	case Merge:
		c, id, into = qa.Change{Op: qa.OpMerge}, x.Question, x.Into
	case Reject:
		c, id = qa.Change{Op: qa.OpReject, Text: x.Reason}, x.Question
	case Show:
		c, id = qa.Change{Op: qa.OpShow}, x.Question
	case Answer:
		c, id = qa.Change{Op: qa.OpAnswer, Text: x.Text}, x.Question
	default:
		return nil, Refuse(Invalid, "command_unknown")
	}
	if r.phase == Ended && (c.Op == qa.OpAsk || c.Op == qa.OpSupport || c.Op == qa.OpShow) {
		return nil, Refuse(Conflict, "event_ended") // the desk may still tidy up and answer in writing
	}
	var ok1, ok2 bool
	c.Question, ok1 = questionNumber(id)
	c.Into, ok2 = questionNumber(into)
	if !ok1 || !ok2 {
		return nil, Refuse(NotFound, "question_unknown")
	}
	changes, err := r.board.Plan(nil, now, c)
	if err != nil {
		return nil, refusal(err)
	}
	out := make([]FactBody, len(changes))
	for i, c := range changes {
		out[i] = bodyOf(c)
	}
	return out, nil
}

func bodyOf(c qa.Change) FactBody {
	id := questionID(c.Question)
	switch c.Op {
	case qa.OpAsk:
		return Asked{id, c.Text}
	case qa.OpSupport:
		return Supported{id, c.On}
	case qa.OpApprove:
		return Approved{id}
	case qa.OpMerge:
		return Merged{id, questionID(c.Into)}
	case qa.OpReject:
		return Rejected{id, c.Text}
	case qa.OpShow:
		return Shown{id}
	default:
		return Answered{id, c.Text}
	}
}

// foldBoard commits a fact of the questions.
func (r *Room) foldBoard(f Fact) error {
	var c qa.Change
	var id, into QuestionID
	switch b := f.Body.(type) {
	case Asked:
		c, id = qa.Change{Op: qa.OpAsk, Who: f.By.key(), Text: b.Text}, b.Question
	case Supported:
		c, id = qa.Change{Op: qa.OpSupport, Who: f.By.key(), On: b.On}, b.Question
	case Approved:
		c, id = qa.Change{Op: qa.OpApprove}, b.Question
	case Merged:
		c, id, into = qa.Change{Op: qa.OpMerge}, b.Question, b.Into
	case Rejected:
		c, id = qa.Change{Op: qa.OpReject, Text: b.Reason}, b.Question
	case Shown:
		c, id = qa.Change{Op: qa.OpShow}, b.Question
	case Answered:
		c, id = qa.Change{Op: qa.OpAnswer, Text: b.Text}, b.Question
	default:
		return ErrFactKind
	}
	var ok1, ok2 bool
	c.Question, ok1 = questionNumber(id)
	c.Into, ok2 = questionNumber(into)
	if !ok1 || !ok2 {
		return fmt.Errorf("no question %q or %q", id, into)
	}
	if err := r.board.Commit(f.At.UnixMilli(), f.Seq, c); err != nil {
		return err
	}
	switch c.Op {
	case qa.OpAsk:
		r.askers[c.Question] = f.By
	case qa.OpShow:
		r.stage.rev = f.Seq
	}
	return nil
}

// refusals are the kinds of what the board refuses.
var refusals = map[qa.Refusal]Kind{
	qa.ErrUnknown: NotFound, qa.ErrState: Conflict, qa.ErrEmpty: Invalid, qa.ErrLong: Invalid, qa.ErrReasonEmpty: Invalid,
	qa.ErrReasonLong: Invalid, qa.ErrAnswerLong: Invalid, qa.ErrText: Invalid, qa.ErrAskRate: TooMany,
	qa.ErrPendingLimit: TooMany, qa.ErrSupportRate: TooMany, qa.ErrMergeSelf: Invalid, qa.ErrMergeInvisible: Conflict,
	qa.ErrNobody: Invalid, qa.ErrOp: Invalid,
}

func refusal(err error) error { return refusedBy(refusals, err) }

func questionID(n int) QuestionID { return QuestionID(numberID("q", n)) }

// questionNumber is the inverse of questionID: "" is 0. It is false for what questionID cannot give.
func questionNumber(id QuestionID) (int, bool) { return numbered("q", string(id)) }
