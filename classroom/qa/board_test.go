package qa

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// desk is a board with its history and a clock.
type desk struct {
	t     failer
	b     *Board
	now   int64
	rev   int64
	steps []step
}

type step struct {
	at, rev int64
	c       Change
}

// failer is what a test, a benchmark and a property have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func newDesk(t failer) *desk { return &desk{t: t, b: New(), now: 1_800_000_000_000} }

// try plans and commits; the planned changes must commit.
func (d *desk) try(c Change) ([]Change, error) {
	changes, err := d.b.Plan(nil, d.now, c)
	if err != nil {
		if len(changes) != 0 {
			d.t.Fatalf("%+v: changes beside %v", c, err)
		}
		return nil, err
	}
	for _, c := range changes {
		d.rev++
		if err := d.b.Commit(d.now, d.rev, c); err != nil {
			d.t.Fatalf("planned %+v does not commit: %v", c, err)
		}
		d.steps = append(d.steps, step{d.now, d.rev, c})
	}
	return changes, nil
}

func (d *desk) do(c Change) {
	d.t.Helper()
	if _, err := d.try(c); err != nil {
		d.t.Fatalf("%+v: %v", c, err)
	}
}

func (d *desk) refuse(c Change, want Refusal) {
	d.t.Helper()
	if _, err := d.try(c); !errors.Is(err, want) {
		d.t.Fatalf("%+v: %v, want %v", c, err, want)
	}
}

// asked puts n questions of n people on the board and approves them.
func (d *desk) asked(n int) {
	d.t.Helper()
	for range n {
		q := d.b.Len() + 1
		d.do(Change{Op: OpAsk, Who: fmt.Sprintf("asker %d", q), Text: "Apa?"})
		d.do(Change{Op: OpApprove, Question: q})
	}
}

func support(n int, who string) Change { return Change{Op: OpSupport, Question: n, Who: who, On: true} }

func TestText(t *testing.T) {
	d := newDesk(t)
	ask := func(text string) Change {
		d.now += AskEvery
		return Change{Op: OpAsk, Who: text[:min(len(text), 3)] + "?", Text: text}
	}
	d.refuse(ask(""), ErrEmpty)
	d.refuse(ask(" \t\n"), ErrEmpty)
	d.refuse(ask(strings.Repeat("a", 301)), ErrLong)
	d.refuse(ask("a\x00b"), ErrText)
	d.refuse(ask("a\x1bb"), ErrText)
	d.refuse(ask("a\u0085b"), ErrText)
	d.refuse(ask("a\xffb"), ErrText)
	d.do(ask(strings.Repeat("é", 300))) // characters, not bytes
	d.do(ask("  " + strings.Repeat("a", 300) + "\n"))
	d.do(ask("dua\nbaris"))
	q, _ := d.b.Question(2)
	if q.Text != strings.Repeat("a", 300) {
		t.Fatalf("not trimmed: %q", q.Text)
	}
	reject := func(text string) Change { return Change{Op: OpReject, Question: 1, Text: text} }
	d.refuse(reject("  "), ErrReasonEmpty)
	d.refuse(reject(strings.Repeat("a", 201)), ErrReasonLong)
	d.refuse(reject("a\x00"), ErrText)
	d.do(reject(strings.Repeat("a", 200)))
	d.do(Change{Op: OpApprove, Question: 2})
	d.refuse(Change{Op: OpAnswer, Question: 2, Text: strings.Repeat("a", 1001)}, ErrAnswerLong)
	d.do(Change{Op: OpAnswer, Question: 2, Text: strings.Repeat("a", 1000)})
	d.refuse(Change{Op: OpAsk, Text: "Siapa?"}, ErrNobody)
	d.refuse(Change{}, ErrOp)
}

func TestAskRates(t *testing.T) {
	d := newDesk(t)
	ask := Change{Op: OpAsk, Who: "sri", Text: "Apa?"}
	d.do(ask)
	d.now += AskEvery - 1
	d.refuse(ask, ErrAskRate)
	d.do(Change{Op: OpAsk, Who: "budi", Text: "Apa?"}) // each for oneself
	d.now++
	d.do(ask)
	for range MaxPending - 2 {
		d.now += AskEvery
		d.do(ask)
	}
	d.now += 24 * 3600 * 1000
	d.refuse(ask, ErrPendingLimit)
	d.do(Change{Op: OpReject, Question: 1, Text: "Sudah dijawab"}) // each way out of the queue makes room
	d.do(ask)
	d.now += AskEvery
	d.refuse(ask, ErrPendingLimit)
	d.do(Change{Op: OpApprove, Question: 3})
	d.do(ask)
	d.now += AskEvery
	d.refuse(ask, ErrPendingLimit)
	d.do(Change{Op: OpMerge, Question: 4, Into: 3})
	d.do(ask)
	d.now -= 3600 * 1000 // a clock set back locks nobody out, but for the limits that know no clock
	d.refuse(ask, ErrPendingLimit)
	d.do(Change{Op: OpApprove, Question: 5})
	d.do(ask)
	d.now -= AskEvery - 1
	d.do(Change{Op: OpApprove, Question: 6})
	d.refuse(ask, ErrAskRate)
}

func TestSupportRate(t *testing.T) {
	d := newDesk(t)
	d.asked(2 * MaxSupports)
	start := d.now
	for i := range MaxSupports {
		d.now = start + int64(i)
		d.do(support(i+1, "sri"))
	}
	d.do(support(1, "sri")) // what is so already is no vote
	d.refuse(support(MaxSupports+1, "sri"), ErrSupportRate)
	d.refuse(Change{Op: OpSupport, Question: 1, Who: "sri"}, ErrSupportRate) // taking back counts too
	d.do(support(1, "budi"))
	d.now = start + SupportSpan - 1
	d.refuse(support(MaxSupports+1, "sri"), ErrSupportRate)
	d.now = start + SupportSpan
	d.do(support(MaxSupports+1, "sri"))
	d.refuse(support(MaxSupports+2, "sri"), ErrSupportRate)
}

func TestMerge(t *testing.T) {
	d := newDesk(t)
	d.asked(4)
	d.do(Change{Op: OpAsk, Who: "sri", Text: "Kelima?"})
	d.do(Change{Op: OpAsk, Who: "budi", Text: "Keenam?"})
	for who, ns := range map[string][]int{"sri": {1, 2}, "budi": {2, 3}, "ani": {1}, "tono": {3}} {
		for _, n := range ns {
			d.do(support(n, who))
		}
	}
	want := func(n int, status Status, votes, into int) {
		t.Helper()
		q, _ := d.b.Question(n)
		if q.Status != status || q.Support != votes || q.Into != into {
			t.Fatalf("%+v", q)
		}
	}
	d.refuse(Change{Op: OpMerge, Question: 1, Into: 1}, ErrMergeSelf)
	d.refuse(Change{Op: OpMerge, Question: 1, Into: 9}, ErrUnknown)
	d.refuse(Change{Op: OpMerge, Question: 9, Into: 1}, ErrUnknown)
	d.refuse(Change{Op: OpMerge, Question: 1, Into: 5}, ErrMergeInvisible)
	d.do(Change{Op: OpMerge, Question: 6, Into: 5}) // two that wait
	d.do(Change{Op: OpMerge, Question: 2, Into: 1})
	want(1, Approved, 3, 0) // sri voted for both and counts once
	want(2, Merged, 0, 1)
	d.do(Change{Op: OpShow, Question: 1})
	d.do(Change{Op: OpMerge, Question: 1, Into: 3})
	want(3, Approved, 4, 0)
	want(1, Merged, 0, 3)
	want(2, Merged, 0, 3) // the chain is resolved
	if d.b.Shown() != 3 {
		t.Fatal("the stage did not follow the merge")
	}
	d.refuse(Change{Op: OpMerge, Question: 3, Into: 2}, ErrMergeSelf) // through the chain
	d.do(Change{Op: OpMerge, Question: 4, Into: 2})                   // goes where 2 went
	want(4, Merged, 0, 3)
	d.do(support(2, "wati")) // a vote for what was merged goes along
	want(3, Approved, 5, 0)
	d.do(Change{Op: OpSupport, Question: 1, Who: "wati"})
	want(3, Approved, 4, 0)
	for _, who := range []string{"budi", "ani"} {
		if got := d.b.SupportedBy(nil, who); !slices.Equal(got, []int{3}) {
			t.Fatal(who, got)
		}
	}
	d.do(Change{Op: OpAnswer, Question: 3})
	d.refuse(Change{Op: OpMerge, Question: 5, Into: 4}, ErrState)
	d.refuse(support(2, "wati"), ErrState)
	d.do(Change{Op: OpReject, Question: 5, Text: "Di luar tema"})
	d.refuse(Change{Op: OpMerge, Question: 5, Into: 3}, ErrState)
}

func TestJudgedComesOffTheStage(t *testing.T) {
	for _, op := range []Op{OpReject, OpAnswer} {
		d := newDesk(t)
		d.asked(1)
		d.do(Change{Op: OpShow, Question: 1})
		got, err := d.try(Change{Op: op, Question: 1, Text: "Baik"})
		want := []Change{{Op: OpShow}, {Op: op, Question: 1, Text: "Baik"}}
		if err != nil || !reflect.DeepEqual(got, want) || d.b.Shown() != 0 {
			t.Fatalf("%+v %v", got, err)
		}
	}
}

// draw gives a request: mostly one that may well be accepted on a board of n questions, at times any.
func draw(t *rapid.T, n int) Change {
	any := rapid.IntRange(0, 9).Draw(t, "any") == 0
	if any {
		n := rapid.IntRange(-1, n+2)
		return Change{
			Op:       Op(rapid.IntRange(0, int(OpAnswer)+1).Draw(t, "op")),
			Question: n.Draw(t, "question"),
			Into:     n.Draw(t, "into"),
			Who:      rapid.SampledFrom([]string{"", "sri"}).Draw(t, "who"),
			Text:     rapid.SampledFrom([]string{"", "a\x00", strings.Repeat("a", 301)}).Draw(t, "text"),
			On:       rapid.Bool().Draw(t, "on"),
		}
	}
	question := rapid.IntRange(1, max(n, 1))
	return Change{
		Op: rapid.SampledFrom([]Op{
			OpAsk, OpAsk, OpAsk, OpSupport, OpSupport, OpSupport, OpSupport, OpApprove, OpApprove, OpMerge, OpMerge,
			OpReject, OpShow, OpAnswer,
		}).Draw(t, "op"),
		Question: question.Draw(t, "question"),
		Into:     question.Draw(t, "into"),
		Who:      rapid.SampledFrom([]string{"sri", "budi", "ani", "tono"}).Draw(t, "who"),
		Text:     "Apa?",
		On:       rapid.IntRange(0, 3).Draw(t, "on") > 0,
	}
}

func TestBoardProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(rt)
		m := &model{votes: map[int]map[string]bool{}}
		for range rapid.IntRange(1, 120).Draw(rt, "steps") {
			d.now += rapid.SampledFrom([]int64{0, 1000, 30_000, 60_000, -5000}).Draw(rt, "pass")
			c := draw(rt, d.b.Len())
			before, had, rev := snapshot(d.b), d.b.Since(nil, 0), d.rev
			changes, err := d.try(c)
			if (err != nil || len(changes) == 0) && !reflect.DeepEqual(snapshot(d.b), before) {
				rt.Fatalf("%+v changed the board with %v", c, err)
			}
			for _, c := range changes {
				m.fold(c)
			}
			m.check(rt, d.b)
			for i, q := range d.b.Since(nil, 0) { // who looks for what changed finds it
				if i < len(had) && q != had[i] && q.Rev <= rev {
					rt.Fatalf("%+v became %+v at an old revision", had[i], q)
				}
			}
		}
		again := New()
		for _, s := range d.steps {
			if err := again.Commit(s.at, s.rev, s.c); err != nil {
				rt.Fatalf("replay: %v", err)
			}
		}
		if !reflect.DeepEqual(again, d.b) {
			rt.Fatal("the replayed board differs")
		}
	})
}

// snapshot is all that can be seen of a board.
func snapshot(b *Board) any {
	votes := map[string][]int{}
	for who := range b.voters {
		votes[who] = b.SupportedBy(nil, who)
	}
	return []any{b.Since(nil, 0), votes, b.Shown(), b.Len()}
}

// model is the board told in the simplest words: who voted for what, and what stands for what.
type model struct {
	status []Status // of question i+1
	into   []int
	votes  map[int]map[string]bool
	shown  int
}

func (m *model) fold(c Change) {
	switch c.Op {
	case OpAsk:
		m.status, m.into = append(m.status, Pending), append(m.into, 0)
		m.votes[c.Question] = map[string]bool{}
	case OpSupport:
		if m.votes[c.Question][c.Who] = c.On; !c.On {
			delete(m.votes[c.Question], c.Who)
		}
	case OpApprove:
		m.status[c.Question-1] = Approved
	case OpReject:
		m.status[c.Question-1] = Rejected
	case OpAnswer:
		m.status[c.Question-1] = Answered
	case OpShow:
		m.shown = c.Question
	case OpMerge:
		m.status[c.Question-1] = Merged
		for i := range m.into {
			if m.into[i] == c.Question || i+1 == c.Question {
				m.into[i] = c.Into
			}
		}
		for who := range m.votes[c.Question] {
			m.votes[c.Into][who] = true
		}
		m.votes[c.Question] = nil
	}
}

func (m *model) check(t *rapid.T, b *Board) {
	t.Helper()
	pending := map[string]int{}
	supported := map[string][]int{}
	for i, q := range b.Since(nil, 0) {
		if q.N != i+1 || q.Status != m.status[i] || q.Into != m.into[i] || q.Support != len(m.votes[q.N]) {
			t.Fatalf("%+v; the model says %v, into %d, %d votes", q, m.status[i], m.into[i], len(m.votes[q.N]))
		}
		if q.Into != 0 && m.status[q.Into-1] == Merged {
			t.Fatalf("%+v leads to a merged one", q)
		}
		if (q.Status == Rejected) != (q.Reason != "") || q.Status != Answered && q.Answer != "" {
			t.Fatalf("%+v", q)
		}
		if q.Status == Pending {
			if pending[q.Asker]++; pending[q.Asker] > MaxPending {
				t.Fatalf("%d pending of %s", pending[q.Asker], q.Asker)
			}
		}
		for who := range m.votes[q.N] {
			supported[who] = append(supported[who], q.N)
		}
	}
	if n := len(m.status); n != b.Len() {
		t.Fatalf("%d questions, the model has %d", b.Len(), n)
	}
	for _, who := range []string{"sri", "budi", "ani", "tono"} {
		if got := b.SupportedBy(nil, who); !slices.Equal(got, supported[who]) {
			t.Fatalf("%s supports %v, the model says %v", who, got, supported[who])
		}
	}
	if b.Shown() != m.shown || m.shown != 0 && m.status[m.shown-1] != Approved {
		t.Fatalf("shown %d, the model says %d", b.Shown(), m.shown)
	}
	for rev := range int64(4) { // what changed since: the same as looking at all
		var want []Question
		for _, q := range b.Since(nil, 0) {
			if q.Rev > rev*5 {
				want = append(want, q)
			}
		}
		if got := b.Since(nil, rev*5); !slices.Equal(got, want) {
			t.Fatalf("since %d: %v, want %v", rev*5, got, want)
		}
	}
}

// FuzzBoard commits changes that nobody planned, as a forged or broken journal would: no panic, and a refused one
// changes nothing. Then the planned way must still work.
func FuzzBoard(f *testing.F) {
	f.Add([]byte{1, 1, 0, 3, 1, 0, 2, 1, 17, 6, 1, 0, 7, 1, 0})
	f.Add([]byte{1, 1, 0, 1, 2, 0, 4, 2, 1, 3, 1, 0, 2, 1, 18, 5, 1, 0})
	f.Add([]byte{1, 1, 0, 1, 2, 0, 3, 1, 0, 3, 2, 0, 2, 1, 16, 2, 2, 17, 4, 1, 2, 4, 2, 1, 6, 2, 0, 6, 0, 0})
	f.Add([]byte{1, 1, 0, 1, 2, 0, 3, 1, 0, 3, 2, 0, 6, 1, 0, 4, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := New()
		rev := int64(0)
		for len(data) >= 3 {
			c := Change{
				Op: Op(data[0] % 9), Question: int(int8(data[1])), Into: int(data[2] % 16),
				Who: []string{"a", "b", "c", ""}[data[2]%4], On: data[2]&16 != 0, Text: "x",
			}
			data = data[3:]
			before := snapshot(b)
			if err := b.Commit(rev, rev+1, c); err != nil {
				if !reflect.DeepEqual(before, snapshot(b)) {
					t.Fatalf("%+v was refused with %v and changed the board", c, err)
				}
				continue
			}
			rev++
			if q, _ := b.Question(b.Shown()); b.Shown() != 0 && q.Status != Approved {
				t.Fatalf("on the stage: %+v", q)
			}
		}
		for _, q := range b.Since(nil, 0) {
			if q.Support != len(b.all[q.N-1].supporters) || q.Support > 3 {
				t.Fatalf("%+v", q)
			}
			if q.Into != 0 && b.all[q.Into-1].Status == Merged {
				t.Fatalf("%+v leads to a merged one", q)
			}
		}
		d := &desk{t: t, b: b, now: rev + 100_000, rev: rev}
		d.asked(1)
	})
}

// BenchmarkSupport is one vote on a board of 10,000 questions with 10,000 voters.
func BenchmarkSupport(b *testing.B) {
	d := newDesk(b)
	const n = 10_000
	for i := range n {
		d.rev++
		_ = d.b.Commit(d.now, d.rev, Change{Op: OpAsk, Question: i + 1, Who: fmt.Sprint("asker ", i), Text: "Apa?"})
		d.rev++
		_ = d.b.Commit(d.now, d.rev, Change{Op: OpApprove, Question: i + 1})
		d.rev++
		_ = d.b.Commit(d.now, d.rev, support(1, fmt.Sprint("voter ", i)))
	}
	b.ReportAllocs()
	var plan []Change
	for i := 0; b.Loop(); i++ {
		d.now += SupportSpan
		c := support(i/2%n+1, "sri")
		c.On = i%2 == 0
		var err error
		if plan, err = d.b.Plan(plan[:0], d.now, c); err != nil {
			b.Fatal(err)
		}
		for _, c := range plan {
			d.rev++
			if err := d.b.Commit(d.now, d.rev, c); err != nil {
				b.Fatal(err)
			}
		}
	}
}
