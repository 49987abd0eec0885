package attend

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// table calls f with the fields of each row of a table that an official can read, and tells how many there were.
func table(t *testing.T, file string, fields, least int, f func(t *testing.T, row []string)) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range strings.Lines(string(text)) {
		if strings.HasPrefix(row, "#") || strings.TrimSpace(row) == "" {
			continue
		}
		cells := strings.Split(row, "|")
		if len(cells) != fields {
			t.Fatalf("%q has %d fields", row, len(cells))
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		t.Run(cells[0], func(t *testing.T) { f(t, cells) })
		n++
	}
	if n < least {
		t.Errorf("%d rows", n)
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestVectors holds rule set 1 to its table.
func TestVectors1(t *testing.T) {
	table(t, "jp-1.txt", 8, 11, func(t *testing.T, row []string) {
		p := policy1()
		p.MinutesPerJP, p.ThresholdPercent = number(t, row[1]), number(t, row[2])
		var spans []Span
		for i, iv := range clocks(t, row[4]) {
			spans = append(spans, Span{Person: "p", Session: fmt.Sprint(i), Class: Delivered, From: iv.From, To: iv.To})
		}
		r := Credit(p, Held{Live: clocks(t, row[3])}, spans)
		if got := fmt.Sprint(r.Seconds, r.Percent, r.JP); got != strings.Join(row[5:], " ") {
			t.Errorf("%s, want %s", got, strings.Join(row[5:], " "))
		}
	})
}

// TestVectors2 holds rule set 2 to its table.
func TestVectors2(t *testing.T) {
	classes := map[string]Class{
		"A": Delivered, "B": Scanned, "C": Marked, "D": Paper, "S": Socket, "K": Corrected, "X": Voided,
	}
	reasons := map[Why]string{WhyCeremony: "upacara", WhyVoided: "batal", WhyUnearned: "lemah", WhyAbsent: "absen"}
	table(t, "jp-2.txt", 9, 50, func(t *testing.T, row []string) {
		p := readRule(t, row[1])
		var spans []Span
		words := strings.Fields(row[4])
		for i := 0; i+1 < len(words); i += 2 {
			class := classes[words[i][:1]]
			iv := clocks(t, words[i+1])[0]
			if class == 0 {
				t.Fatalf("no class %q", words[i])
			}
			spans = append(spans, Span{Person: "p", Session: words[i], Class: class, From: iv.From, To: iv.To})
		}
		r := Credit(p, Held{Live: clocks(t, row[2]), Ceremony: clocks(t, row[3])}, spans)
		less := map[Why]int64{}
		for _, m := range r.Missing {
			less[m.Why] += m.To - m.From
		}
		got := fmt.Sprint(r.Seconds, " ", r.Percent, " ", r.JP)
		for _, why := range []Why{WhyCeremony, WhyUnearned, WhyVoided, WhyAbsent} {
			if less[why] > 0 {
				got += fmt.Sprintf(" %s %d", reasons[why], less[why]/1000)
			}
		}
		if want := strings.TrimSpace(strings.Join(row[5:], " ")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// readRule reads how the table writes what differs from the usual rule.
func readRule(t *testing.T, s string) Policy {
	t.Helper()
	p := DefaultPolicy()
	for _, word := range strings.Fields(s) {
		rest := func(prefix string) (string, bool) { return strings.CutPrefix(word, prefix) }
		if n, ok := strings.CutSuffix(word, "menit"); ok {
			p.MinutesPerJP = number(t, n)
		} else if n, ok := strings.CutSuffix(word, "%"); ok {
			p.ThresholdPercent = number(t, n)
		} else if n, ok := rest("jeda"); ok {
			p.BridgeSeconds = number(t, n)
		} else if n, ok := rest("maks"); ok {
			p.CapJP = number(t, n)
		} else if n, ok := rest("jp"); ok {
			p.ApprovedJP = number(t, n)
		} else if l, ok := rest("tingkat"); ok {
			p.Earns, _ = ParseLevels(l)
		} else if r, ok := map[string]Rounding{"bulat-terdekat": RoundNearest, "bulat-atas": RoundUp}[word]; ok {
			p.Rounding = r
		} else if word == "upacara" {
			p.Ceremony = true
		} else {
			t.Fatalf("no rule %q", word)
		}
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestVectorsOfAYear(t *testing.T) {
	table(t, "tahun.txt", 4, 5, func(t *testing.T, row []string) {
		want := YearRule{Least: number(t, row[2]), Most: number(t, row[3])}
		if got := YearRules(row[1]); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func clocks(t *testing.T, s string) Window {
	t.Helper()
	var w Window
	for _, part := range strings.Fields(s) {
		var a, b [3]int64
		if _, err := fmt.Sscanf(part, "%d:%d:%d-%d:%d:%d", &a[0], &a[1], &a[2], &b[0], &b[1], &b[2]); err != nil {
			t.Fatal(part, err)
		}
		w = append(w, Interval{((a[0]*60+a[1])*60 + a[2]) * 1000, ((b[0]*60+b[1])*60 + b[2]) * 1000})
	}
	return w
}
