// Package survey is the evaluation after an event: of its organisation and of its speaker, by a scale of 1 to 5 and in
// words. It is pure and imports nothing of ours.
//
// Answers are anonymous for good: they are no facts and have no writer, no time and no order. Who has answered is known
// apart from what was answered, and results are not shown before there are MinShown of them.
package survey

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits.
const (
	Top      = 5 // highest value of an item; the lowest is 1
	MaxText  = 500
	MinShown = 3 // answers before anybody sees results
)

// Items are what is asked, in order: first of the organisation, then of the speaker (DOMAIN section 5).
var Items = []string{
	"service", "broadcast", "material", "schedule", // pelayanan panitia, siaran, materi, waktu pelaksanaan
	"mastery", "order", "answers", "time", "language", "motivation", // penguasaan, sistematika, menjawab, waktu, bahasa, motivasi
}

// Answer is what one person says: a value for each item, in their order, and words.
type Answer struct {
	Values []int  `json:"values"`
	Good   string `json:"good"` // what was good
	Better string `json:"better"`
}

// Refusal says why an answer was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrValues Refusal = "survey_values" // an item without a value of 1 to Top
	ErrText   Refusal = "survey_text"   // too long or not printable
)

// Check refuses what is no answer.
func (a Answer) Check() error {
	if len(a.Values) != len(Items) || slices.ContainsFunc(a.Values, func(v int) bool { return v < 1 || v > Top }) {
		return ErrValues
	}
	for _, s := range []string{a.Good, a.Better} {
		control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' }
		if !utf8.ValidString(s) || strings.TrimSpace(s) != s || utf8.RuneCountInString(s) > MaxText || strings.ContainsFunc(s, control) {
			return ErrText
		}
	}
	return nil
}

// Encode writes a checked answer for storage.
func (a Answer) Encode() ([]byte, error) { return json.Marshal(a) }

// Decode reads what Encode wrote.
func Decode(data []byte) (Answer, error) {
	var a Answer
	if err := json.Unmarshal(data, &a); err != nil {
		return Answer{}, err
	}
	return a, a.Check()
}

// Result is what the answers add up to. Below MinShown it holds their number alone.
type Result struct {
	N      int      `json:"n"`
	Items  []Item   `json:"items"`
	Good   []string `json:"good"`
	Better []string `json:"better"`
}

// Item is one item's sum.
type Item struct {
	Key    string `json:"key"`
	Mean   int    `json:"mean"` // in hundredths, rounded to the nearest
	Counts []int  `json:"counts"`
}

// Add sums answers up. Words come sorted, so that their order tells nothing of who wrote when.
func Add(answers []Answer) Result {
	r := Result{N: len(answers), Items: []Item{}, Good: []string{}, Better: []string{}}
	if r.N < MinShown {
		return r
	}
	for i, key := range Items {
		item, sum := Item{Key: key, Counts: make([]int, Top)}, 0
		for _, a := range answers {
			item.Counts[a.Values[i]-1]++
			sum += a.Values[i]
		}
		item.Mean = (200*sum + r.N) / (2 * r.N)
		r.Items = append(r.Items, item)
	}
	for _, a := range answers {
		if a.Good != "" {
			r.Good = append(r.Good, a.Good)
		}
		if a.Better != "" {
			r.Better = append(r.Better, a.Better)
		}
	}
	slices.Sort(r.Good)
	slices.Sort(r.Better)
	return r
}
