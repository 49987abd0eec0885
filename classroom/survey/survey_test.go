package survey

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	full := slices.Repeat([]int{5}, len(Items))
	for name, tc := range map[string]struct {
		a    Answer
		want error
	}{
		"good":           {Answer{full, "<b>Jelas</b>\nsekali", ""}, nil},
		"one missing":    {Answer{full[1:], "", ""}, ErrValues},
		"a zero":         {Answer{append([]int{0}, full[1:]...), "", ""}, ErrValues},
		"a six":          {Answer{append([]int{6}, full[1:]...), "", ""}, ErrValues},
		"long":           {Answer{full, strings.Repeat("a", MaxText+1), ""}, ErrText},
		"control":        {Answer{full, "", "a\x00"}, ErrText},
		"not trimmed":    {Answer{full, " a", ""}, ErrText},
		"not UTF-8":      {Answer{full, "", "\xff"}, ErrText},
		"nothing at all": {Answer{}, ErrValues},
	} {
		if err := tc.a.Check(); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// TestResultProperties: sums are those of the answers in whatever order they lie, few are not shown, and an answer comes
// back from storage as it went in.
func TestResultProperties(t *testing.T) {
	one := rapid.Custom(func(t *rapid.T) Answer {
		return Answer{
			rapid.SliceOfN(rapid.IntRange(1, Top), len(Items), len(Items)).Draw(t, "values"),
			rapid.SampledFrom([]string{"", "Jelas", "<i>Baik</i>"}).Draw(t, "good"), rapid.SampledFrom([]string{"", "Suara"}).Draw(t, "better"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(one, 0, 12).Draw(t, "answers")
		r := Add(answers)
		if r.N != len(answers) || r.N < MinShown && (len(r.Items) > 0 || len(r.Good)+len(r.Better) > 0) {
			t.Fatalf("%d answers give %+v", len(answers), r)
		}
		for i, item := range r.Items {
			n, sum := 0, 0
			for v, c := range item.Counts {
				n, sum = n+c, sum+c*(v+1)
			}
			want := 0
			for _, a := range answers {
				want += a.Values[i]
			}
			if n != r.N || sum != want || item.Mean < 100 || item.Mean > 100*Top || 2*abs(item.Mean*r.N-100*sum) > r.N {
				t.Fatalf("%s: %+v of %d", item.Key, item, r.N)
			}
		}
		slices.Reverse(answers)
		if again := Add(answers); !reflect.DeepEqual(r, again) {
			t.Fatal("the order of answers shows")
		}
		for _, a := range answers {
			data, err := a.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Decode(data); err != nil || !reflect.DeepEqual(got, a) {
				t.Fatalf("%+v came back as %+v (%v)", a, got, err)
			}
		}
	})
}

func abs(n int) int { return max(n, -n) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"values":[1,2,3,4,5,1,2,3,4,5],"good":"Jelas","better":""}`))
	f.Add([]byte(`{"values":[1e9],"good":"\u0000"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := Decode(data); err == nil && a.Check() != nil {
			t.Fatalf("%q gave %+v", data, a)
		}
	})
}
