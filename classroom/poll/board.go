package poll

import (
	"iter"
	"slices"
)

// Board holds the polls of one event. The zero value is an empty one. Not safe for concurrent use.
type Board struct {
	all  []*poll // all[n-1] is poll n
	open int
}

type poll struct {
	Poll
	answers map[string]Answer // by key of who answered
	counts  []int
	texts   []string // keys of those who answered a Text, in the order in which they first did
}

// Polls appends the polls whose revision is over rev, ascending by number.
func (b *Board) Polls(dst []Poll, rev int64) []Poll {
	for _, p := range b.all {
		if p.Rev > rev {
			dst = append(dst, p.copy())
		}
	}
	return dst
}

// Poll gives one poll.
func (b *Board) Poll(n int) (Poll, bool) {
	p := b.at(n)
	if p == nil {
		return Poll{}, false
	}
	return p.copy(), true
}

// Tally counts the answers of poll n; the zero Tally if there is no such poll.
func (b *Board) Tally(n int) Tally {
	p := b.at(n)
	if p == nil {
		return Tally{}
	}
	return Tally{N: len(p.answers), Counts: slices.Clone(p.counts)}
}

// AnswersBy goes through what who answered, ascending by poll.
func (b *Board) AnswersBy(who string) iter.Seq2[int, Answer] {
	return func(yield func(int, Answer) bool) {
		for _, p := range b.all {
			if a, ok := p.answers[who]; ok && !yield(p.N, a) {
				return
			}
		}
	}
}

// Texts appends the answers to a poll of kind Text, oldest first, at most the last limit of them.
func (b *Board) Texts(dst []string, n, limit int) []string {
	p := b.at(n)
	if p == nil {
		return dst
	}
	for _, who := range p.texts[max(0, len(p.texts)-limit):] {
		dst = append(dst, p.answers[who].Text)
	}
	return dst
}

// Score is how many questions of a set who has right, how many that set has, and whether who answered any of them.
// Drafts are no questions yet.
func (b *Board) Score(set Set, who string) (right, of int, sat bool) {
	for _, p := range b.all {
		if p.Spec.Set != set || p.Spec.Right == 0 || p.Status == Draft || p.Status == Dropped {
			continue
		}
		of++
		if a, ok := p.answers[who]; ok {
			sat = true
			if a.Pick == p.Spec.Right {
				right++
			}
		}
	}
	return right, of, sat
}

func (b *Board) at(n int) *poll {
	if n < 1 || n > len(b.all) {
		return nil
	}
	return b.all[n-1]
}

func (p *poll) copy() Poll {
	c := p.Poll
	c.Spec.Options = slices.Clone(c.Spec.Options)
	return c
}

// Commit makes one planned change real; rev is its revision. A change that does not fit is refused and changes nothing:
// at replay that means that the journal is not one this board wrote.
func (b *Board) Commit(rev int64, c Change) error {
	planned, err := b.Plan(c)
	switch {
	case err != nil:
		return err
	case planned == nil:
		return ErrState // nobody records what was already so
	}
	c = *planned
	if c.Op == OpMake {
		p := &poll{Poll: Poll{N: c.Poll, Spec: c.Spec, Status: Draft, Rev: rev}, answers: map[string]Answer{}}
		p.Spec.Options = slices.Clone(c.Spec.Options)
		if n := max(len(c.Spec.Options), c.Spec.Top); n > 0 {
			p.counts = make([]int, n)
		}
		b.all = append(b.all, p)
		return nil
	}
	p := b.at(c.Poll)
	switch c.Op {
	case OpAnswer:
		p.take(c.Who, c.Answer)
		return nil
	case OpOpen:
		p.Status = Open
		b.open++
	case OpClose:
		p.Status = Closed
		b.open--
	case OpShow:
		p.Shown = c.On
	case OpDrop:
		p.Status = Dropped
	}
	p.Rev = rev
	return nil
}

func (p *poll) take(who string, a Answer) {
	before, again := p.answers[who]
	if again {
		p.count(before, -1)
	} else if p.Spec.Kind == Text {
		p.texts = append(p.texts, who)
	}
	p.count(a, 1)
	p.answers[who] = a
}

func (p *poll) count(a Answer, by int) {
	if p.Spec.Kind == Scale {
		p.counts[a.Value-1] += by
		return
	}
	for i := range p.counts {
		if a.Pick.Has(i) {
			p.counts[i] += by
		}
	}
}
