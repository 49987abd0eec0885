package roster

import (
	"slices"
	"strings"
)

// fronts are the titles that stand before a name, as their letters in lower case. "dr" is Doctor and physician.
var fronts = []string{
	"prof", "dr", "drs", "dra", "drg", "drh", "ir", "h", "hj", "kh", "ust", "apt", "ns", "pdt", "rm", "rr", "letkol", "kol", "mayor", "brigjen",
}

// backs are the letters of degrees, after their first ("S.Sos" is "sos") and whole ("SE", "MM").
var backs = func() map[string]bool {
	known := map[string]bool{}
	for _, t := range strings.Fields("sos si kom kes kep keb hum ag ip e h t p ap m sc md farm gz hut pi pt tp psi stp tr " +
		"ked k ak eng an pwk stat kn pdi th ant fil sn par hub or akun pd bns ab ik in hi tk ars ling ds a pol " +
		"se sh st sst sp mm mh mt ma mba msi ssi spd mpd skm skep sked sstp map mpa mkes phd ss sag mag amd dea ners cn gr " +
		"ca cpa bkp qia crmp spog sppd spa spb span spkk sprad sptht gk mars mse dip dipl") {
		known[t] = true
	}
	return known
}()

// SplitTitles takes the titles off a name as lists write it: "Dr. SRI WAHYUNI, S.Sos., M.Si" becomes "Dr.",
// "SRI WAHYUNI", "S.Sos., M.Si". Initials ("M. Noor") and single-word names stay whole, and what follows a comma
// but is no title stays part of the name.
func SplitTitles(full string) (front, name, back string) {
	full = strings.Join(strings.Fields(full), " ")
	head, tail, comma := strings.Cut(full, ",")
	if comma && isBack(tail) {
		full, back = head, tail
	}
	words := strings.Fields(full)
	n := 0
	for n < len(words)-1 && isFront(words[n]) {
		n++
	}
	front, words = strings.Join(words[:n], " "), words[n:]
	// Without a comma only what has a dot inside is surely a degree: "S.Sos", not "Noor".
	last := len(words)
	for last > 1 && strings.Contains(strings.Trim(words[last-1], ".,"), ".") && isBackWord(words[last-1]) {
		last--
	}
	if last < len(words) {
		rest := strings.Join(words[last:], " ")
		if back = strings.TrimSpace(back); back != "" {
			rest += ", " + back
		}
		back = rest
	}
	return front, strings.Trim(strings.Join(words[:last], " "), " ,"), strings.Trim(back, " ,")
}

// isFront takes "Dr.", "Drs", "Ir.", "H."; a single letter only with its dot, and never "M." or another initial.
func isFront(word string) bool {
	bare := strings.ToLower(strings.ReplaceAll(word, ".", ""))
	if !slices.Contains(fronts, bare) {
		return false
	}
	return len(bare) > 2 || strings.HasSuffix(word, ".") || bare == "hj" || bare == "ir" || bare == "dr"
}

// isBack tells whether all that follows a comma is titles.
func isBack(s string) bool {
	any := false
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(s, ". ", "."), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		if !isBackWord(part) {
			return false
		}
		any = true
	}
	return any
}

func isBackWord(word string) bool {
	if open := strings.IndexByte(word, '('); open > 0 { // "Sp.PD(K)"
		word = word[:open]
	}
	w := strings.ToLower(strings.Trim(word, ".,()"))
	letters := strings.ReplaceAll(w, ".", "")
	if backs[letters] {
		return true
	}
	degree, rest, dotted := strings.Cut(w, ".")
	if !dotted {
		return false
	}
	switch degree {
	case "s", "m", "a", "d", "b", "sp", "ph", "dipl", "amd", "st", "gr":
		first, _, _ := strings.Cut(rest, ".")
		return backs[strings.ReplaceAll(rest, ".", "")] || backs[first] || len(letters) <= 4 && len(first) <= 3
	}
	return false
}
