package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// check refuses a text that is no message. Markup is text like any other: every screen shows it as it was typed.
func check(s string) error {
	if !utf8.ValidString(s) || s == "" || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return ErrText
	}
	if utf8.RuneCountInString(s) > MaxText {
		return ErrText
	}
	if flood(s) {
		return ErrFlood
	}
	if HoldsNIP(s) {
		return ErrNIP
	}
	return nil
}

// flood finds what is not meant to be read: many pictures, one character over and over, accents on accents.
func flood(s string) bool {
	signs, same, marks := 0, 0, 0
	var before rune
	for _, r := range s {
		if same++; r != before {
			same = 1
		}
		before = r
		if unicode.In(r, unicode.Mn, unicode.Me) && !unicode.Is(unicode.Variation_Selector, r) {
			marks++
		} else {
			marks = 0
		}
		if r > unicode.MaxLatin1 && unicode.In(r, unicode.So, unicode.Sk, unicode.Co) {
			signs++
		}
		if signs > maxSigns || same > maxSame || marks > maxMarks {
			return true
		}
	}
	return false
}

// HoldsNIP finds 18 digits, however they are grouped: a NIP is nobody's business in a text that others read.
func HoldsNIP(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			n++
		case r == ' ' || r == '.' || r == '-' || r == '\u00a0':
			continue // between groups; what goes on as digits is one number
		default:
			if n >= nipLen {
				return true
			}
			n = 0
		}
	}
	return n >= nipLen
}
