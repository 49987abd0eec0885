package qa

import (
	"cmp"
	"slices"
)

// Board holds the questions of one event. The zero value is not usable; see New. Not safe for concurrent use.
type Board struct {
	all    []*question // all[n-1] is question n
	last   *question   // head of the list by revision, the newest first
	shown  int         // on the stage; always approved, or 0
	askers map[string]*asker
	voters map[string]*voter
}

type question struct {
	Question
	supporters map[string]struct{} // by voter key; Support is its length
	folded     []int               // questions merged into this one
	older      *question           // next in the list by revision
	newer      *question
}

type asker struct {
	lastAt  int64 // of the last question, Unix ms
	pending int
	asked   []int // ascending
}

type voter struct {
	recent []int64 // times of the last votes, no more than MaxSupports
	on     map[int]struct{}
}

// New gives an empty board.
func New() *Board {
	return &Board{askers: map[string]*asker{}, voters: map[string]*voter{}}
}

// Len is the number of questions asked.
func (b *Board) Len() int { return len(b.all) }

// Shown is the question on the stage, or 0.
func (b *Board) Shown() int { return b.shown }

// Question gives one question.
func (b *Board) Question(n int) (Question, bool) {
	q := b.at(n)
	if q == nil {
		return Question{}, false
	}
	return q.Question, true
}

// Since appends the questions whose revision is over rev, ascending by number. It takes time by what changed, not
// by what there is.
func (b *Board) Since(dst []Question, rev int64) []Question {
	start := len(dst)
	for q := b.last; q != nil && q.Rev > rev; q = q.older {
		dst = append(dst, q.Question)
	}
	slices.SortFunc(dst[start:], func(x, y Question) int { return cmp.Compare(x.N, y.N) })
	return dst
}

// AskedBy appends the questions of one asker, ascending by number.
func (b *Board) AskedBy(dst []Question, who string) []Question {
	if a := b.askers[who]; a != nil {
		for _, n := range a.asked {
			dst = append(dst, b.all[n-1].Question)
		}
	}
	return dst
}

// SupportedBy appends the numbers of the questions on which who's vote stands, ascending.
func (b *Board) SupportedBy(dst []int, who string) []int {
	start := len(dst)
	if v := b.voters[who]; v != nil {
		for n := range v.on {
			dst = append(dst, n)
		}
	}
	slices.Sort(dst[start:])
	return dst
}

// Commit makes one planned change real. at is its time, rev its revision, which must exceed every one before.
// A change that does not fit the board's state is refused and changes nothing: at replay that means the journal
// is not one this board wrote.
func (b *Board) Commit(at, rev int64, c Change) error {
	if b.last != nil && rev <= b.last.Rev {
		return ErrState
	}
	if c.Op == OpAsk {
		return b.commitAsk(at, rev, c)
	}
	if c.Op == OpShow && c.Question == 0 {
		if b.shown == 0 {
			return ErrState
		}
		b.shown = 0
		return nil
	}
	q := b.at(c.Question)
	if q == nil {
		return ErrUnknown
	}
	switch c.Op {
	case OpSupport:
		return b.commitSupport(at, rev, q, c)
	case OpApprove:
		if q.Status != Pending {
			return ErrState
		}
		b.leavePending(q)
		q.Status = Approved
	case OpMerge:
		return b.commitMerge(rev, q, c.Into)
	case OpReject:
		if !q.open() || b.shown == q.N {
			return ErrState
		}
		b.leavePending(q)
		q.Status, q.Reason = Rejected, c.Text
	case OpShow:
		if q.Status != Approved || b.shown == q.N {
			return ErrState
		}
		b.shown = q.N
		return nil
	case OpAnswer:
		if q.Status != Approved || b.shown == q.N {
			return ErrState
		}
		q.Status, q.Answer = Answered, c.Text
	default:
		return ErrOp
	}
	b.touch(q, rev)
	return nil
}

func (b *Board) commitAsk(at, rev int64, c Change) error {
	if c.Question != len(b.all)+1 {
		return ErrState
	}
	if c.Who == "" {
		return ErrNobody
	}
	q := &question{Question: Question{N: c.Question, Text: c.Text, Status: Pending, Asker: c.Who, AskedAt: at}}
	b.all = append(b.all, q)
	a := b.askers[c.Who]
	if a == nil {
		a = &asker{}
		b.askers[c.Who] = a
	}
	a.lastAt = at
	a.pending++
	a.asked = append(a.asked, q.N)
	b.touch(q, rev)
	return nil
}

func (b *Board) commitSupport(at, rev int64, q *question, c Change) error {
	if c.Who == "" {
		return ErrNobody
	}
	if _, on := q.supporters[c.Who]; q.Status != Approved || on == c.On {
		return ErrState
	}
	v := b.voters[c.Who]
	if v == nil {
		v = &voter{on: map[int]struct{}{}}
		b.voters[c.Who] = v
	}
	if len(v.recent) == MaxSupports {
		v.recent = append(v.recent[:0], v.recent[1:]...)
	}
	v.recent = append(v.recent, at)
	if c.On {
		q.support(c.Who)
		v.on[q.N] = struct{}{}
	} else {
		delete(q.supporters, c.Who)
		delete(v.on, q.N)
	}
	q.Support = len(q.supporters)
	b.touch(q, rev)
	return nil
}

// commitMerge folds q into the question numbered into: supporters are united, each counted once, and what had been
// folded into q before points at the new one, so that Into never needs following.
func (b *Board) commitMerge(rev int64, q *question, into int) error {
	t := b.at(into)
	switch {
	case t == nil:
		return ErrUnknown
	case t == q:
		return ErrMergeSelf
	case !q.open() || !t.open() || b.shown == q.N:
		return ErrState
	case q.Status == Approved && t.Status == Pending:
		return ErrMergeInvisible
	}
	b.leavePending(q)
	for who := range q.supporters {
		t.support(who)
		v := b.voters[who]
		delete(v.on, q.N)
		v.on[t.N] = struct{}{}
	}
	t.Support = len(t.supporters)
	q.supporters, q.Support = nil, 0
	for _, n := range q.folded {
		f := b.all[n-1]
		f.Into = t.N
		b.touch(f, rev)
	}
	t.folded = append(append(t.folded, q.folded...), q.N)
	q.folded = nil
	q.Status, q.Into = Merged, t.N
	b.touch(q, rev)
	b.touch(t, rev)
	return nil
}

func (b *Board) at(n int) *question {
	if n < 1 || n > len(b.all) {
		return nil
	}
	return b.all[n-1]
}

// root follows a merge to the question that now stands for n; nil if there is no n.
func (b *Board) root(n int) *question {
	q := b.at(n)
	if q != nil && q.Status == Merged {
		return b.at(q.Into)
	}
	return q
}

// leavePending takes q out of its asker's count of waiting questions.
func (b *Board) leavePending(q *question) {
	if q.Status == Pending {
		b.askers[q.Asker].pending--
	}
}

// touch gives q a new revision and moves it to the head of the list.
func (b *Board) touch(q *question, rev int64) {
	q.Rev = rev
	if b.last == q {
		return
	}
	if q.newer != nil {
		q.newer.older = q.older
	}
	if q.older != nil {
		q.older.newer = q.newer
	}
	q.newer, q.older = nil, b.last
	if b.last != nil {
		b.last.newer = q
	}
	b.last = q
}

// open tells whether q still waits for something to be done with it.
func (q *question) open() bool { return q.Status == Pending || q.Status == Approved }

func (q *question) support(who string) {
	if q.supporters == nil {
		q.supporters = map[string]struct{}{}
	}
	q.supporters[who] = struct{}{}
}
