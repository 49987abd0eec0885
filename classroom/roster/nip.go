package roster

import (
	"strings"
	"time"
	"unicode"

	"betang/classroom"
)

// The codes of ParseNIP's refusals, all of kind Invalid. signaling/wire holds their sentences.
const (
	CodeLength = "nip_length" // not 18 digits
	CodeOld    = "nip_old"    // the 9-digit NIP that is no longer in use
	CodeExcel  = "nip_excel"  // ends in 000, or in E+17: a spreadsheet kept 15 digits of it
	CodeDate   = "nip_date"   // digits 1-8 are no day of the calendar
	CodeCode   = "nip_code"   // digits 9-14 are no year of 19xx or 20xx with a month, or with 21-29 (PPPK)
	CodeSex    = "nip_sex"    // digit 15 is neither 1 nor 2
)

// The warnings of ParseNIP and ParseNIPAt: unlikely, not impossible. They never keep anybody out.
const (
	WarnFuture = "nip_warn_future" // appointed after today
	WarnAge    = "nip_warn_age"    // younger than 16 or older than 65 when appointed
	WarnPPPK   = "nip_warn_pppk"   // a PPPK number from before 2019, when there were none
)

const (
	nipLength    = 18
	oldLength    = 9
	maxInput     = 256 // bytes looked at; longer input is no NIP
	firstPPPK    = 2019
	youngest     = 16
	oldest       = 65
	maskedDigits = "••••••••••••"
)

// ParseNIP reads the number of an ASN as people write it: spaces, dots, dashes, invisible characters and a leading
// apostrophe are dropped. The result has 18 ASCII digits. Errors are *classroom.Error with one of the codes above.
//
// Digits 13-14 are the month of appointment (PNS) or 21-29 (PPPK, by the work agreement's number); the serial
// 000 is never given out, but is what Excel leaves: it keeps 15 significant digits.
func ParseNIP(s string) (nip string, warn []string, err error) {
	return ParseNIPAt(s, time.Time{})
}

// ParseNIPAt is ParseNIP with a warning more, of an appointment after now. The zero time leaves that out.
func ParseNIPAt(s string, now time.Time) (nip string, warn []string, err error) {
	if len(s) > maxInput {
		return "", nil, refuse(CodeLength)
	}
	d := bare(s)
	switch {
	case scientific(d):
		return "", nil, refuse(CodeExcel)
	case !digits(d):
		return "", nil, refuse(CodeLength)
	case len(d) == oldLength:
		return "", nil, refuse(CodeOld)
	case len(d) != nipLength:
		return "", nil, refuse(CodeLength)
	case d[15:] == "000":
		return "", nil, refuse(CodeExcel)
	}
	birthYear, appointed := number(d[:4]), number(d[8:12])
	code, sex := number(d[12:14]), d[14]
	if !century(birthYear) || !onCalendar(birthYear, number(d[4:6]), number(d[6:8])) {
		return "", nil, refuse(CodeDate)
	}
	pppk := code >= 21 && code <= 29
	if !century(appointed) || (code < 1 || code > 12) && !pppk {
		return "", nil, refuse(CodeCode)
	}
	if sex != '1' && sex != '2' {
		return "", nil, refuse(CodeSex)
	}

	if !now.IsZero() {
		now = now.In(classroom.WIB)
		if appointed > now.Year() || appointed == now.Year() && !pppk && code > int(now.Month()) {
			warn = append(warn, WarnFuture)
		}
	}
	if age := appointed - birthYear; age < youngest || age > oldest {
		warn = append(warn, WarnAge)
	}
	if pppk && appointed < firstPPPK {
		warn = append(warn, WarnPPPK)
	}
	return d, warn, nil
}

func refuse(code string) error { return classroom.Refuse(classroom.Invalid, code) }

// bare drops what people and spreadsheets put around and between the digits.
func bare(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), r == '.', r == '\u2212':
			return -1 // spaces and NBSP; zero-width, BOM, soft hyphen; every dash; dot; minus sign
		}
		return r
	}, s)
	return strings.TrimLeft(s, "'\u2018\u2019`")
}

// scientific tells whether a spreadsheet wrote the number as 1,99001E+17 (its dot, if it had one, is gone by now).
func scientific(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(s), "E+")
	if !ok {
		mantissa, exponent, ok = strings.Cut(strings.ToUpper(s), "E")
	}
	if !ok || exponent != "17" {
		return false
	}
	whole, fraction, comma := strings.Cut(mantissa, ",")
	return digits(whole) && (!comma || digits(fraction))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads up to four digits.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func century(year int) bool { return year >= 1900 && year <= 2099 }

func onCalendar(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day && day <= 31
}

// Mask hides a NIP but for its first four and last two digits: 1990••••••••••••99. Of any other text it leaves the
// last two characters, of one shorter than eight none.
func Mask(nip string) string {
	if len(nip) == nipLength && digits(nip) {
		return nip[:4] + maskedDigits + nip[16:]
	}
	r := []rune(nip)
	if len(r) < 8 {
		return strings.Repeat("•", len(r))
	}
	return strings.Repeat("•", len(r)-2) + string(r[len(r)-2:])
}

// MaskName leaves the first letter of each word: "Sri Wahyuni" becomes "S•• W••••••". Give it a name without
// titles, or the titles stand there masked.
func MaskName(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		r := []rune(w)
		words[i] = string(r[0]) + strings.Repeat("•", len(r)-1)
	}
	return strings.Join(words, " ")
}
