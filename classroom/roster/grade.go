package roster

import (
	"errors"
	"strings"

	"betang/classroom"
)

// gradeOf reads a golongan as lists write it ("III/a", "III a", "Penata Muda (III/a)", "Golongan IX", "IX"), or a
// pangkat alone. known is false for text that names none, which is kept as it is; nothing at all is known to be so.
func gradeOf(grade, rank string) (code string, known bool) {
	for _, s := range []string{grade, rank} {
		if s == "" {
			continue
		}
		if code := parseGrade(s); code != "" {
			return code, true
		}
	}
	if s := cutText(strings.TrimSpace(grade)); s != "" {
		return s, false
	}
	return cutText(strings.TrimSpace(rank)), rank == ""
}

func parseGrade(s string) string {
	if code := load().ranks[rankKey(s)]; code != "" {
		return code
	}
	s = strings.NewReplacer(" /", "/", "/ ", "/").Replace(s)
	// What stands in brackets or after a comma or dash is the golongan: "Penata Muda (III/a)".
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,()-–[]", r) })
	for i := len(words) - 1; i >= 0; i-- {
		w := strings.Trim(words[i], ".")
		if i > 0 && strings.HasPrefix(strings.ToLower(words[i-1]), "t") {
			continue // "Tk. I" and "Tingkat I" name a pangkat
		}
		if code := gradeCode(w); code != "" {
			return code
		}
		if i > 0 { // "III a", "III / a"
			if code := gradeCode(strings.Trim(words[i-1], "/") + "/" + strings.Trim(w, "/")); code != "" {
				return code
			}
		}
	}
	return gradeCode(strings.ReplaceAll(s, " ", ""))
}

// gradeCode takes "III/a", "IIIA", "iii.a" and "IX" for what they are.
func gradeCode(s string) string {
	ref := load()
	key := strings.ToUpper(strings.NewReplacer("/", "", ".", "").Replace(s))
	return ref.gradeKeys[key]
}

// rankKey is a pangkat's search key with its usual abbreviations written out.
func rankKey(s string) string {
	key := classroom.SearchKey(s)
	for short, long := range map[string]string{"tki": "tingkati", "tk1": "tingkati", "tingkat1": "tingkati"} {
		if rest, ok := strings.CutSuffix(key, short); ok {
			return rest + long
		}
	}
	return key
}

// codeOfError gives the code of a refusal.
func codeOfError(err error) string {
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		return e.Code
	}
	return CodeLength
}
