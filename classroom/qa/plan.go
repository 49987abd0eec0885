package qa

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plan appends what the request c becomes, in the order in which it is to be committed, and changes nothing. now is
// Unix ms. A request that is already so (a vote that stands, a question already shown) becomes no change at all, so
// that a client may repeat itself after a lost answer. Errors are Refusals.
func (b *Board) Plan(dst []Change, now int64, c Change) ([]Change, error) {
	switch c.Op {
	case OpAsk:
		return b.planAsk(dst, now, c)
	case OpSupport:
		return b.planSupport(dst, now, c)
	case OpMerge:
		return b.planMerge(dst, c)
	case OpShow:
		return b.planShow(dst, c)
	case OpApprove, OpReject, OpAnswer:
		return b.planJudge(dst, c)
	default:
		return dst, ErrOp
	}
}

func (b *Board) planAsk(dst []Change, now int64, c Change) ([]Change, error) {
	text, err := clean(c.Text, MaxQuestion, ErrLong)
	switch {
	case err != nil:
		return dst, err
	case text == "":
		return dst, ErrEmpty
	case c.Who == "":
		return dst, ErrNobody
	}
	if a := b.askers[c.Who]; a != nil {
		if a.pending >= MaxPending {
			return dst, ErrPendingLimit
		}
		if near(now, a.lastAt, AskEvery) {
			return dst, ErrAskRate
		}
	}
	return append(dst, Change{Op: OpAsk, Question: len(b.all) + 1, Who: c.Who, Text: text}), nil
}

// planSupport sends a vote for a merged question on to the one it was folded into: the voter's page may not know
// of the merge yet.
func (b *Board) planSupport(dst []Change, now int64, c Change) ([]Change, error) {
	q := b.root(c.Question)
	switch {
	case q == nil:
		return dst, ErrUnknown
	case c.Who == "":
		return dst, ErrNobody
	case q.Status != Approved:
		return dst, ErrState
	}
	if _, on := q.supporters[c.Who]; on == c.On {
		return dst, nil
	}
	if v := b.voters[c.Who]; v != nil {
		n := 0
		for _, at := range v.recent {
			if near(now, at, SupportSpan) {
				n++
			}
		}
		if n >= MaxSupports {
			return dst, ErrSupportRate
		}
	}
	return append(dst, Change{Op: OpSupport, Question: q.N, Who: c.Who, On: c.On}), nil
}

func (b *Board) planMerge(dst []Change, c Change) ([]Change, error) {
	q, t := b.at(c.Question), b.root(c.Into)
	switch {
	case q == nil || t == nil:
		return dst, ErrUnknown
	case q == t:
		return dst, ErrMergeSelf
	case !q.open() || !t.open():
		return dst, ErrState
	case q.Status == Approved && t.Status == Pending:
		return dst, ErrMergeInvisible
	}
	if b.shown == q.N { // the stage goes on with the same question, told by the other person
		dst = append(dst, Change{Op: OpShow, Question: t.N})
	}
	return append(dst, Change{Op: OpMerge, Question: q.N, Into: t.N}), nil
}

func (b *Board) planShow(dst []Change, c Change) ([]Change, error) {
	if c.Question == b.shown {
		return dst, nil
	}
	if c.Question == 0 {
		return append(dst, Change{Op: OpShow}), nil
	}
	q := b.at(c.Question)
	switch {
	case q == nil:
		return dst, ErrUnknown
	case q.Status != Approved:
		return dst, ErrState
	}
	return append(dst, Change{Op: OpShow, Question: q.N}), nil
}

// planJudge plans approve, reject and answer. What is judged comes off the stage first.
func (b *Board) planJudge(dst []Change, c Change) ([]Change, error) {
	q := b.at(c.Question)
	if q == nil {
		return dst, ErrUnknown
	}
	out := Change{Op: c.Op, Question: q.N}
	var err error
	switch c.Op {
	case OpApprove:
		if q.Status != Pending {
			return dst, ErrState
		}
	case OpReject:
		if !q.open() {
			return dst, ErrState
		}
		if out.Text, err = clean(c.Text, MaxReason, ErrReasonLong); err != nil {
			return dst, err
		}
		if out.Text == "" {
			return dst, ErrReasonEmpty
		}
	default:
		if q.Status != Approved {
			return dst, ErrState
		}
		if out.Text, err = clean(c.Text, MaxAnswer, ErrAnswerLong); err != nil {
			return dst, err
		}
	}
	if b.shown == q.N {
		dst = append(dst, Change{Op: OpShow})
	}
	return append(dst, out), nil
}

// clean trims text and refuses what is too long (in code points), is not UTF-8, or holds control characters other
// than line breaks and tabs: such text would not come back from the journal as it went in, or would not be seen.
func clean(text string, limit int, long Refusal) (string, error) {
	if !utf8.ValidString(text) {
		return "", ErrText
	}
	text = strings.TrimSpace(text)
	n := 0
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", ErrText
		}
		n++
	}
	if n > limit {
		return "", long
	}
	return text, nil
}

// near tells whether now and at are less than span apart, in either direction: a clock that was set back must not
// lock people out until it has caught up.
func near(now, at, span int64) bool {
	d := now - at
	return -span < d && d < span
}
