package export

import (
	_ "embed"
	"strings"
	"unicode"

	"github.com/go-pdf/fpdf"
)

//go:embed fonts/Arimo-Regular.ttf
var arimo []byte

//go:embed fonts/Arimo-Bold.ttf
var arimoBold []byte

const family = "arimo"

func loadFonts(f *fpdf.Fpdf) {
	f.AddUTF8FontFromBytes(family, "", arimo)
	f.AddUTF8FontFromBytes(family, "B", arimoBold)
}

// inFont tells whether the embedded fonts have a rune; see fonts/README.md.
func inFont(r rune) bool {
	switch {
	case r >= 0x20 && r <= 0x7e, r >= 0xa0 && r <= 0x24f, r >= 0x1e00 && r <= 0x1eff, r >= 0x2010 && r <= 0x2027,
		r >= 0x2030 && r <= 0x203a, r == 0x20ac, r == 0x2122, r == 0x2212:
		return true
	}
	return false
}

// clean is text as it is printed: one line, no control characters, and a question mark for what the fonts lack.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		case inFont(r):
			return r
		}
		return '?'
	}, s))
}

// align is where a text stands between two edges.
type align uint8

const (
	left align = iota
	centre
	right
)

const mmPerPoint = 25.4 / 72

func (b *press) font(size float64, bold bool) {
	style := ""
	if bold {
		style = "B"
	}
	b.f.SetFont(family, style, size)
}

// text writes one line between x and x+w, its middle at y, in the font that is set.
func (b *press) text(s string, x, y, w float64, how align) {
	if s == "" {
		return
	}
	size, _ := b.f.GetFontSize()
	switch how {
	case centre:
		x += (w - b.f.GetStringWidth(s)) / 2
	case right:
		x += w - b.f.GetStringWidth(s)
	}
	b.f.Text(x, y+0.36*size*mmPerPoint, s) // capitals are 0.72 of the size high
}

// wrap breaks a text into lines no wider than w in the font that is set. A word that is too long is broken.
func (b *press) wrap(s string, w float64) []string {
	s = clean(s)
	if b.f.GetStringWidth(s) <= w {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" {
			if longer := line + " " + word; b.f.GetStringWidth(longer) <= w {
				line = longer
				continue
			}
			lines = append(lines, line)
		}
		for b.f.GetStringWidth(word) > w {
			n := b.fits(word, w)
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// fits is how many bytes of a word go into w, at least one letter; a break after a slash or hyphen is preferred.
func (b *press) fits(word string, w float64) int {
	n, nice := 0, 0
	for i, r := range word {
		end := i + len(string(r))
		if n > 0 && b.f.GetStringWidth(word[:end]) > w {
			break
		}
		n = end
		if r == '/' || r == '-' {
			nice = end
		}
	}
	if nice > 0 {
		return nice
	}
	return n
}
