package poll

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// do plans and commits a request and gives the number of the poll it was about.
func do(t testing.TB, b *Board, rev int64, c Change) int {
	t.Helper()
	step, err := b.Plan(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	if step == nil {
		t.Fatalf("%+v is already so", c)
	}
	if err := b.Commit(rev, *step); err != nil {
		t.Fatalf("commit %+v: %v", *step, err)
	}
	return step.Poll
}

func refusal(b *Board, c Change) error {
	_, err := b.Plan(c)
	return err
}

var yesNo = Spec{Kind: Single, Text: "Setuju?", Options: []string{"Ya", "Tidak"}, Live: true}

func TestOnePersonOneAnswer(t *testing.T) {
	b := &Board{}
	n := do(t, b, 1, Change{Op: OpMake, Spec: yesNo})
	if err := refusal(b, Change{Op: OpAnswer, Poll: n, Who: "p:sri", Answer: Answer{Pick: 1}}); !errors.Is(err, ErrUnknown) {
		t.Errorf("answered a draft: %v", err)
	}
	do(t, b, 2, Change{Op: OpOpen, Poll: n})
	do(t, b, 3, Change{Op: OpAnswer, Poll: n, Who: "p:sri", Answer: Answer{Pick: 1}})
	do(t, b, 4, Change{Op: OpAnswer, Poll: n, Who: "p:budi", Answer: Answer{Pick: 1}})
	do(t, b, 5, Change{Op: OpAnswer, Poll: n, Who: "p:sri", Answer: Answer{Pick: 2}})
	if step, err := b.Plan(Change{Op: OpAnswer, Poll: n, Who: "p:sri", Answer: Answer{Pick: 2}}); step != nil || err != nil {
		t.Errorf("said again: %v, %v", step, err)
	}
	if got, want := b.Tally(n), (Tally{N: 2, Counts: []int{1, 1}}); !reflect.DeepEqual(got, want) {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	if p, _ := b.Poll(n); p.Rev != 2 {
		t.Errorf("answers moved the poll to revision %d", p.Rev)
	}
	do(t, b, 6, Change{Op: OpClose, Poll: n})
	if err := refusal(b, Change{Op: OpAnswer, Poll: n, Who: "p:ani", Answer: Answer{Pick: 1}}); !errors.Is(err, ErrClosed) {
		t.Errorf("answered when closed: %v", err)
	}
}

func TestSpecs(t *testing.T) {
	long := strings.Repeat("a", MaxText+1)
	for name, tc := range map[string]struct {
		spec Spec
		want error
	}{
		"yes or no":                   {yesNo, nil},
		"several":                     {Spec{Kind: Multiple, Text: "Yang mana?", Options: []string{"A", "B", "C"}}, nil},
		"a scale":                     {Spec{Kind: Scale, Text: "Seberapa jelas?", Top: 5}, nil},
		"a text":                      {Spec{Kind: Text, Text: "Satu kata", Anonymous: true}, nil},
		"a quiz question":             {Spec{Kind: Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: Pre}, nil},
		"no text":                     {Spec{Kind: Text}, ErrText},
		"a long text":                 {Spec{Kind: Text, Text: long}, ErrText},
		"a text with a line break":    {Spec{Kind: Text, Text: "a\nb"}, ErrText},
		"one option":                  {Spec{Kind: Single, Text: "?", Options: []string{"A"}}, ErrSpec},
		"the same option twice":       {Spec{Kind: Single, Text: "?", Options: []string{"A", "A"}}, ErrSpec},
		"an empty option":             {Spec{Kind: Single, Text: "?", Options: []string{"A", ""}}, ErrText},
		"eleven options":              {Spec{Kind: Single, Text: "?", Options: strings.Split("abcdefghijk", "")}, ErrSpec},
		"a scale with options":        {Spec{Kind: Scale, Text: "?", Top: 5, Options: []string{"A", "B"}}, ErrSpec},
		"a scale of one":              {Spec{Kind: Scale, Text: "?", Top: 1}, ErrSpec},
		"texts shown as they come":    {Spec{Kind: Text, Text: "?", Live: true}, ErrSpec},
		"two right in a single":       {Spec{Kind: Single, Text: "?", Options: []string{"A", "B"}, Right: 3, Set: Post}, ErrSpec},
		"right is not offered":        {Spec{Kind: Single, Text: "?", Options: []string{"A", "B"}, Right: 4, Set: Post}, ErrSpec},
		"a quiz nobody can get right": {Spec{Kind: Single, Text: "?", Options: []string{"A", "B"}, Set: Post}, ErrSpec},
		"an anonymous quiz":           {Spec{Kind: Single, Text: "?", Options: []string{"A", "B"}, Right: 1, Set: Post, Anonymous: true}, ErrSpec},
		"a quiz that shows its votes": {Spec{Kind: Single, Text: "?", Options: []string{"A", "B"}, Right: 1, Set: Post, Live: true}, ErrSpec},
		"an unknown kind":             {Spec{Kind: "x", Text: "?"}, ErrSpec},
		"an unknown set":              {Spec{Kind: Text, Text: "?", Set: "x"}, ErrSpec},
	} {
		if err := refusal(&Board{}, Change{Op: OpMake, Spec: tc.spec}); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestAQuizIsScoredAndNotOpenedAgainOnceShown(t *testing.T) {
	b := &Board{}
	one := do(t, b, 1, Change{Op: OpMake, Spec: Spec{Kind: Single, Text: "2 + 2?", Options: []string{"3", "4"}, Right: 2, Set: Pre}})
	two := do(t, b, 2, Change{Op: OpMake, Spec: Spec{Kind: Multiple, Text: "Genap?", Options: []string{"1", "2", "4"}, Right: 6, Set: Pre}})
	do(t, b, 3, Change{Op: OpMake, Spec: Spec{Kind: Single, Text: "Draf", Options: []string{"1", "2"}, Right: 1, Set: Pre}})
	do(t, b, 4, Change{Op: OpOpen, Poll: one})
	do(t, b, 5, Change{Op: OpOpen, Poll: two})
	do(t, b, 6, Change{Op: OpAnswer, Poll: one, Who: "p:sri", Answer: Answer{Pick: 2}})
	do(t, b, 7, Change{Op: OpAnswer, Poll: two, Who: "p:sri", Answer: Answer{Pick: 2}}) // half right is not right
	if right, of, sat := b.Score(Pre, "p:sri"); right != 1 || of != 2 || !sat {
		t.Errorf("%d of %d, sat %v", right, of, sat)
	}
	if _, of, sat := b.Score(Pre, "p:budi"); of != 2 || sat {
		t.Errorf("who stayed away sat for %d questions: %v", of, sat)
	}
	if err := refusal(b, Change{Op: OpShow, Poll: one, On: true}); !errors.Is(err, ErrState) {
		t.Errorf("shown while people answer: %v", err)
	}
	do(t, b, 8, Change{Op: OpClose, Poll: one})
	do(t, b, 9, Change{Op: OpShow, Poll: one, On: true})
	if err := refusal(b, Change{Op: OpOpen, Poll: one}); !errors.Is(err, ErrState) {
		t.Errorf("opened again after everyone saw what is right: %v", err)
	}
}

// TestBoardProperties plays any requests against a model that keeps nothing but each person's last answer.
func TestBoardProperties(t *testing.T) {
	anonymous := yesNo
	anonymous.Anonymous = true
	specs := []Spec{
		yesNo, anonymous,
		{Kind: Multiple, Text: "?", Options: []string{"A", "B", "C"}},
		{Kind: Scale, Text: "?", Top: 5},
		{Kind: Text, Text: "?"},
		{Kind: Single, Text: "?", Options: []string{"A", "B"}, Right: 1, Set: Post},
		{Kind: "x"},
	}
	rapid.Check(t, func(t *rapid.T) {
		b, again := &Board{}, &Board{}
		model := map[int]map[string]Answer{}
		rev := int64(0)
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			c := Change{
				Op: Op(rapid.IntRange(1, 7).Draw(t, "op")), Poll: rapid.IntRange(0, 4).Draw(t, "poll"),
				On: rapid.Bool().Draw(t, "on"), Who: rapid.SampledFrom([]string{"p:a", "p:b", "s:c", ""}).Draw(t, "who"),
				Answer: Answer{
					Pick: Pick(rapid.IntRange(0, 9).Draw(t, "pick")), Value: rapid.IntRange(-1, 6).Draw(t, "value"),
					Text: rapid.SampledFrom([]string{"", "", "Baik"}).Draw(t, "text"),
				},
			}
			switch rapid.IntRange(0, 3).Draw(t, "shape") { // most answers of the kind that fits
			case 0:
				c.Answer.Value, c.Answer.Text = 0, ""
			case 1:
				c.Answer.Pick, c.Answer.Text = 0, ""
			case 2:
				c.Answer.Pick, c.Answer.Value = 0, 0
			}
			if c.Op == OpMake {
				c.Poll, c.Spec = 0, rapid.SampledFrom(specs).Draw(t, "spec")
			}
			before := fmt.Sprintf("%+v", b.Polls(nil, 0))
			step, err := b.Plan(c)
			if after := fmt.Sprintf("%+v", b.Polls(nil, 0)); after != before {
				t.Fatalf("planning changed %s to %s", before, after)
			}
			if err != nil || step == nil {
				continue
			}
			rev++
			if err := b.Commit(rev, *step); err != nil {
				t.Fatalf("planned, refused: %+v: %v", *step, err)
			}
			if err := again.Commit(rev, *step); err != nil {
				t.Fatalf("replay: %+v: %v", *step, err)
			}
			if err := again.Commit(rev+1, *step); err == nil {
				t.Fatalf("%+v was taken twice", *step)
			}
			if step.Op == OpAnswer {
				if model[step.Poll] == nil {
					model[step.Poll] = map[string]Answer{}
				}
				model[step.Poll][step.Who] = step.Answer
			}
		}
		if !reflect.DeepEqual(b, again) {
			t.Fatalf("replayed %+v, was %+v", again, b)
		}
		for _, p := range b.Polls(nil, 0) {
			want := Tally{N: len(model[p.N])}
			if n := max(len(p.Spec.Options), p.Spec.Top); n > 0 {
				want.Counts = make([]int, n)
			}
			for _, a := range model[p.N] {
				for i := range want.Counts {
					if a.Pick.Has(i) || a.Value == i+1 {
						want.Counts[i]++
					}
				}
			}
			if got := b.Tally(p.N); !reflect.DeepEqual(got, want) {
				t.Fatalf("poll %d: tally %+v, want %+v", p.N, got, want)
			}
			if texts := b.Texts(nil, p.N, 100); p.Spec.Kind == Text && len(texts) != want.N {
				t.Fatalf("texts %q of %d people", texts, want.N)
			}
			if p.Status == Draft && want.N > 0 || p.Spec.Set != NoSet && p.Shown && p.Status == Open {
				t.Fatalf("%+v with %d answers", p, want.N)
			}
		}
		for _, who := range []string{"p:a", "p:b", "s:c", ""} {
			got := map[int]Answer{}
			for n, a := range b.AnswersBy(who) {
				got[n] = a
			}
			want := map[int]Answer{}
			for n, answers := range model {
				if a, ok := answers[who]; ok {
					want[n] = a
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("%q answered %v, want %v", who, got, want)
			}
		}
	})
}

// BenchmarkAnswer must not grow with the number of those who answered.
func BenchmarkAnswer(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			board := &Board{}
			do(b, board, 1, Change{Op: OpMake, Spec: yesNo})
			do(b, board, 2, Change{Op: OpOpen, Poll: 1})
			for i := range n {
				do(b, board, int64(i+3), Change{Op: OpAnswer, Poll: 1, Who: fmt.Sprint("p:", i), Answer: Answer{Pick: 1}})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				do(b, board, int64(n+3+i), Change{Op: OpAnswer, Poll: 1, Who: "p:0", Answer: Answer{Pick: Pick(1 + (i+1)%2)}})
			}
		})
	}
}
