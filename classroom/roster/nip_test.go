package roster

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"

	"pgregory.net/rapid"
)

// shape is the pattern of kalteng.json, which RE2 needs in two steps (it has no look-ahead).
var shape = regexp.MustCompile(`^(?:19|20)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2]|2[1-9])[12]\d{3}$`)

func codeOf(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok && e.Kind == classroom.Invalid {
		return e.Code
	}
	return fmt.Sprint(err)
}

func TestParseNIP(t *testing.T) {
	const pns, pppk = "199001012015031999", "199502282022212998"
	for _, c := range []struct{ name, in, nip, code string }{
		{"PNS", pns, pns, ""},
		{"PPPK", pppk, pppk, ""},
		{"PPPK, second agreement year, code 24", "198812122025241997", "198812122025241997", ""},
		{"as on paper", "19900101 201503 1 999", pns, ""},
		{"dots", "19900101.201503.1.999", pns, ""},
		{"dashes of every length", "19900101-201503–1—999", pns, ""},
		{"non-breaking hyphen and minus sign", "19900101\u2011201503\u22121999", pns, ""},
		{"NBSP, thin space, tab, line end", "19900101\u00a0201503\u20091\t999\r\n", pns, ""},
		{"zero width, BOM, soft hyphen", "\ufeff19900101\u200b201503\u20601\u00ad999\u200d", pns, ""},
		{"Excel's apostrophe", "'199001012015031999", pns, ""},
		{"typographic apostrophe after a space", " \u2019199001012015031999", pns, ""},
		{"leap day", "199602292019032999", "199602292019032999", ""},
		{"code 29", "199001012025291001", "199001012025291001", ""},
		{"month 12", "199001012015121001", "199001012015121001", ""},

		{"empty", "", "", CodeLength},
		{"only spaces", " \u00a0 ", "", CodeLength},
		{"17 digits", "19900101201503199", "", CodeLength},
		{"19 digits", "1990010120150319990", "", CodeLength},
		{"a letter", "19900101201503199O", "", CodeLength},
		{"apostrophe inside", "19900101'2015031999", "", CodeLength},
		{"Arabic-Indic digits", "١٩٩٠٠١٠١٢٠١٥٠٣١٩٩٩", "", CodeLength},
		{"full-width digits", "１９９００１０１２０１５０３１９９９", "", CodeLength},
		{"NRP of police", "88010123", "", CodeLength},
		{"NIK", "6271010101900001", "", CodeLength},
		{"two numbers in a cell", pns + pppk, "", CodeLength},
		{"very long", strings.Repeat(" ", 1<<20) + pns, "", CodeLength},
		{"broken UTF-8", "\xff\xfe" + pns, "", CodeLength},

		{"the old NIP", "131234567", "", CodeOld},
		{"the old NIP, spaced", "131 234 567", "", CodeOld},

		{"Excel's 000", "199001012015031000", "", CodeExcel},
		{"Excel's 000 beats a wrong date", "199002302015031000", "", CodeExcel},
		{"Excel's notation, Indonesian", "1,99001E+17", "", CodeExcel},
		{"Excel's notation, English", "1.99001E+17", "", CodeExcel},
		{"Excel's notation, short", "2E+17", "", CodeExcel},
		{"not Excel's: another exponent", "1,99001E+16", "", CodeLength},
		{"not Excel's: nothing before E", "E+17", "", CodeLength},

		{"30 February", "199002302015031999", "", CodeDate},
		{"29 February of a common year", "199502292019031999", "", CodeDate},
		{"1900 was no leap year", "190002291925031999", "", CodeDate},
		{"month 13", "199013012015031999", "", CodeDate},
		{"month 00", "199000012015031999", "", CodeDate},
		{"day 00", "199001002015031999", "", CodeDate},
		{"day 32", "199001322015031999", "", CodeDate},
		{"day 99", "199001992015031999", "", CodeDate},
		{"born in 1890", "189001012015031999", "", CodeDate},

		{"code 13", "199001012015131999", "", CodeCode},
		{"code 00", "199001012015001999", "", CodeCode},
		{"code 20", "199001012015201999", "", CodeCode},
		{"code 30", "199001012015301999", "", CodeCode},
		{"appointed in 1815", "199001011815031999", "", CodeCode},
		{"appointed in 3015", "199001013015031999", "", CodeCode},

		{"sex 3", "199001012015033999", "", CodeSex},
		{"sex 0", "199001012015030999", "", CodeSex},
	} {
		t.Run(c.name, func(t *testing.T) {
			nip, warn, err := ParseNIP(c.in)
			if c.code != "" {
				if codeOf(err) != c.code || nip != "" || warn != nil {
					t.Fatalf("got %q, %v, %v; want code %s", nip, warn, err, c.code)
				}
				return
			}
			if err != nil || nip != c.nip || len(warn) != 0 {
				t.Fatalf("got %q, %v, %v; want %q", nip, warn, err, c.nip)
			}
		})
	}
}

func TestParseNIPWarns(t *testing.T) {
	now := time.Date(2025, 9, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		in   string
		now  time.Time
		want []string
	}{
		{"199001012015031999", now, nil},
		{"199001012025091999", now, nil},
		{"199001012025101999", now, []string{WarnFuture}},
		{"199001012025101999", time.Time{}, nil},
		{"199001012025101999", time.Date(2025, 9, 30, 18, 0, 0, 0, time.UTC), nil}, // it is October in Palangka Raya
		{"199001012026031999", now, []string{WarnFuture}},
		{"199001012025211999", now, nil}, // a PPPK number holds no month
		{"199001012026211999", now, []string{WarnFuture}},
		{"199901012014031999", now, []string{WarnAge}},
		{"199801012014031999", now, nil},
		{"195001012015031999", now, nil},
		{"194901012015031999", now, []string{WarnAge}},
		{"199001012018211999", now, []string{WarnPPPK}},
		{"199001012019211999", now, nil},
		{"200501012018211999", now, []string{WarnAge, WarnPPPK}},
	} {
		nip, got, err := ParseNIPAt(c.in, c.now)
		if err != nil || nip != c.in || !slices.Equal(got, c.want) {
			t.Errorf("ParseNIPAt(%s, %v) = %q, %v, %v; want %v", c.in, c.now, nip, got, err, c.want)
		}
	}
}

// TestParseNIPReadsDecorated: what people put between the digits changes nothing.
func TestParseNIPReadsDecorated(t *testing.T) {
	dirt := rapid.StringOf(rapid.SampledFrom([]rune(" .-–\u00a0\u200b\ufeff\t")))
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(rapid.IntRange(1950, 2005).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC).
			AddDate(0, 0, rapid.IntRange(0, 364).Draw(t, "day"))
		code := rapid.SampledFrom([]string{"01", "09", "10", "12", "21", "24", "29"}).Draw(t, "code")
		nip := fmt.Sprintf("%s%04d%s%d%03d", day.Format("20060102"), rapid.IntRange(2019, 2025).Draw(t, "appointed"),
			code, rapid.IntRange(1, 2).Draw(t, "sex"), rapid.IntRange(1, 999).Draw(t, "serial"))
		var b strings.Builder
		b.WriteString(dirt.Draw(t, "before"))
		b.WriteString(rapid.SampledFrom([]string{"", "'"}).Draw(t, "apostrophe"))
		for _, d := range nip {
			if rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
				b.WriteString(dirt.Draw(t, "dirt"))
			}
			b.WriteRune(d)
		}
		if b.Len() > maxInput {
			t.Skip("longer than anything typed")
		}
		got, _, err := ParseNIP(b.String())
		if err != nil || got != nip {
			t.Fatalf("ParseNIP(%q) = %q, %v; want %q", b.String(), got, err, nip)
		}
	})
}

// FuzzParseNIP: whatever passes has the shape, is a day of the calendar, and stays as it is; nothing else leaks.
func FuzzParseNIP(f *testing.F) {
	for _, s := range []string{
		"199001012015031999", "19900101 201503 1 999", "'199502282022212998", "199001012015031000", "1,99001E+17",
		"131234567", "199002302015031999", "\ufeff1990\u200b", "", "E+17", "1990010120150319\xff9",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		nip, warn, err := ParseNIP(s)
		if err != nil {
			code := codeOf(err)
			if nip != "" || warn != nil {
				t.Fatalf("ParseNIP(%q) refused with %s and gave %q, %v", s, code, nip, warn)
			}
			if !slices.Contains([]string{CodeLength, CodeOld, CodeExcel, CodeDate, CodeCode, CodeSex}, code) {
				t.Fatalf("ParseNIP(%q): %v", s, err)
			}
			return
		}
		if !shape.MatchString(nip) || strings.HasSuffix(nip, "000") {
			t.Fatalf("ParseNIP(%q) = %q", s, nip)
		}
		if _, err := time.Parse("20060102", nip[:8]); err != nil {
			t.Fatalf("ParseNIP(%q) = %q: %v", s, nip, err)
		}
		again, _, err := ParseNIP(nip)
		if again != nip || err != nil {
			t.Fatalf("ParseNIP(%q) = %q, %v", nip, again, err)
		}
		if m := Mask(nip); strings.Contains(m, nip[4:16]) || len([]rune(m)) != 18 {
			t.Fatalf("Mask(%q) = %q", nip, m)
		}
	})
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"199001012015031999": "1990••••••••••••99",
		"":                   "",
		"88010123":           "••••••23",
		"1234567":            "•••••••",
		"abcdefghijklmnopqr": "••••••••••••••••qr",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMaskName(t *testing.T) {
	for in, want := range map[string]string{
		"Sri Wahyuni":       "S•• W••••••",
		"Suharto":           "S••••••",
		" M.  Noor ":        "M• N•••",
		"Éva Ma'ruf":        "É•• M•••••",
		"":                  "",
		"I Nyoman":          "I N•••••",
		"Tjilik\tRiwut\xff": "T••••• R•••••",
	} {
		if got := MaskName(in); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", in, got, want)
		}
	}
}
