package roster

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"betang/classroom"
)

const (
	maxNameLetters  = 120
	maxFieldLetters = 300
)

// Parse reads the people out of a file's sheets. now, for warnings, may be zero. The only error is Invalid
// roster_header, when no sheet has a row that names a column of numbers and one of names; a bad row is a Problem.
// The same sheets give the same report.
func Parse(sheets []Sheet, now time.Time) (Report, error) {
	var r Report
	seen := map[string]int{} // NIP -> index into Entries
	found := false
	for i, s := range sheets {
		h, ok := findHeader(s)
		info := TableInfo{Name: s.Name}
		if ok {
			found = true
			info.Header, info.Columns, info.Refused = s.Rows[h.index].No, h.columns, h.refused
			info.Rows = r.table(i, s.Rows[h.index+1:], h, seen, now)
		}
		r.Tables = append(r.Tables, info)
	}
	if !found {
		return Report{}, refuse(CodeNoHeader)
	}
	return r, nil
}

// table reads the rows under a header and gives how many were about somebody.
func (r *Report) table(sheet int, rows []SheetRow, h header, seen map[string]int, now time.Time) int {
	n := 0
	for _, row := range rows {
		raw := pick(row.Cells, h)
		if raw.skip(row.Cells) {
			continue
		}
		n++
		e, code := raw.entry(now)
		e.Sheet, e.Row, e.Cells = sheet, row.No, row.Cells
		if code != "" {
			r.Problems = append(r.Problems, Problem{Sheet: sheet, Row: row.No, Code: code, Cells: row.Cells})
			continue
		}
		if i, ok := seen[e.Person.NIP]; ok {
			first := r.Entries[i]
			if classroom.SearchKey(first.Person.Name) == classroom.SearchKey(e.Person.Name) {
				r.Doubles++
				continue
			}
			r.Problems = append(r.Problems, Problem{Sheet: sheet, Row: row.No, Code: CodeDouble, Other: first.Row, Cells: row.Cells})
			continue
		}
		seen[e.Person.NIP] = len(r.Entries)
		r.Entries = append(r.Entries, e)
	}
	return n
}

// rawRow is a row's cells by their meaning.
type rawRow struct {
	nip, old, name, front, back, kind, grade, rank, position, unit, agency, instansi, region string
}

func pick(cells []string, h header) rawRow {
	get := func(f Field) string {
		if i, ok := h.at[f]; ok {
			return tidy(cell(cells, i))
		}
		return ""
	}
	raw := rawRow{
		nip: get(FieldNIP), old: get(FieldOldNIP), name: get(FieldName), front: get(FieldFront), back: get(FieldBack),
		kind: get(FieldKind), grade: get(FieldGrade), rank: get(FieldRank), position: get(FieldPosition),
		unit: get(FieldUnit), agency: get(FieldAgency), instansi: get(FieldInstansi), region: get(FieldRegion),
	}
	if i, ok := h.at[FieldNameNIP]; ok && (raw.nip == "" || raw.name == "") {
		name, nip := splitNameNIP(cell(cells, i))
		if raw.nip == "" {
			raw.nip = nip
		}
		if raw.name == "" {
			raw.name = name
		}
	}
	return raw
}

// splitNameNIP parts "SRI WAHYUNI, S.Sos / NIP. 19900101 201503 2 001".
func splitNameNIP(s string) (name, nip string) {
	start := strings.IndexFunc(s, unicode.IsDigit)
	if start < 0 {
		return tidy(s), ""
	}
	name = strings.TrimRight(s[:start], " \t\r\n'/:.-")
	if n := len(name); n >= 3 && strings.EqualFold(name[n-3:], "nip") {
		name = name[:n-3]
	}
	return tidy(strings.TrimRight(name, " \t\r\n'/:-,(")), strings.Trim(s[start:], " )\r\n\t")
}

// skip tells rows that are about nobody: blank ones, the numbers of the columns, group titles, sums, signatures.
func (raw rawRow) skip(cells []string) bool {
	if raw.nip == "" && raw.name == "" {
		return true
	}
	if countDigits(raw.nip) == 0 && strings.ContainsFunc(raw.nip, unicode.IsLetter) && fieldOf(raw.nip) != "" {
		return true // the header once more, on the next printed page
	}
	if len(raw.nip) <= 2 && countDigits(raw.nip) == len(raw.nip) && raw.nip != "" && (raw.name == "" || countDigits(raw.name) == len(raw.name)) {
		return true // "1 2 3 4"
	}
	filled := 0
	for _, c := range cells {
		if c != "" {
			filled++
		}
	}
	key := classroom.SearchKey(raw.name)
	if raw.nip == "" {
		// A title over a group, a sum, or what stands beside the signature: one or two cells and no number.
		return filled <= 2 || strings.HasPrefix(key, "jumlah") || strings.HasPrefix(key, "total")
	}
	return false
}

func (raw rawRow) entry(now time.Time) (e Entry, problem string) {
	nip, warn, problem := readNIP(raw.nip, now)
	if problem != "" {
		return e, problem
	}
	p := &e.Person
	p.NIP, p.Verified, e.Warn = nip, true, warn
	if raw.name == "" {
		return e, CodeNoName
	}
	front, name, back := SplitTitles(raw.name)
	p.Front, p.Name, p.Back = join(raw.front, front), name, join(raw.back, back)
	if !personName(p.Name) || len(p.Front) > maxFieldLetters || len(p.Back) > maxFieldLetters {
		return e, CodeName
	}
	if raw.old != "" && raw.old != raw.nip {
		old, _, err := ParseNIP(raw.old)
		switch {
		case err == nil && old != nip:
			e.Previous = old
		case err != nil && countDigits(raw.old) != oldLength:
			e.Warn = append(e.Warn, WarnOldNIP)
		}
	}
	p.Kind = kindOf(raw.kind, nip)
	var known bool
	if p.Grade, known = gradeOf(raw.grade, raw.rank); !known {
		e.Warn = append(e.Warn, WarnGrade)
	}
	p.Position = cutText(raw.position)
	p.Unit = cutText(unitOf(raw.unit, raw.agency))
	if p.Unit == "" {
		e.Warn = append(e.Warn, WarnUnit)
	}
	p.Instansi = cutText(raw.instansi)
	p.Region = RegionCode(raw.region)
	if p.Region == "" && raw.region != "" {
		e.Warn = append(e.Warn, WarnRegion)
	}
	return e, ""
}

// readNIP reads the cell of the number; the codes are ParseNIP's, and two of a cell's own.
func readNIP(s string, now time.Time) (nip string, warn []string, problem string) {
	if s == "" {
		return "", nil, CodeNoNIP
	}
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(strings.ToUpper(s), "NIP"); ok { // "NIP. 1990..."
		s = strings.TrimLeft(rest, " .:'")
	}
	s = strings.TrimRight(s, ",;/ ") // a list's end
	if n := countDigits(s); n >= 2*nipLength {
		return "", nil, CodeSeveral
	}
	nip, warn, err := ParseNIPAt(s, now)
	if err == nil {
		return nip, warn, ""
	}
	return "", nil, codeOfError(err)
}

// unitOf joins the unit of work with the agency above it, as "SMAN 1 Sampit, Dinas Pendidikan" is said.
func unitOf(unit, agency string) string {
	switch {
	case unit == "" || strings.Contains(classroom.SearchKey(agency), classroom.SearchKey(unit)):
		return agency
	case agency == "" || strings.Contains(classroom.SearchKey(unit), classroom.SearchKey(agency)):
		return unit
	}
	return unit + ", " + agency
}

// kindOf reads the employment status, and takes it from the number where the list says nothing.
func kindOf(s, nip string) string {
	key := classroom.SearchKey(s)
	switch {
	case strings.Contains(key, "paruhwaktu") || strings.HasSuffix(key, "pppkpw"):
		return "PPPK_PW"
	case strings.Contains(key, "pppk") || strings.Contains(key, "p3k") || strings.Contains(key, "perjanjiankerja"):
		return "PPPK"
	case strings.Contains(key, "cpns") || strings.HasPrefix(key, "calon"):
		return "CPNS"
	case strings.Contains(key, "pns") || strings.Contains(key, "pegawainegeri"):
		return "PNS"
	case nip[12] == '2':
		return "PPPK"
	}
	return "PNS"
}

// personName tells whether a name could be one: letters, with what stands between them.
func personName(s string) bool {
	letters := 0
	for _, c := range s {
		switch {
		case unicode.IsLetter(c):
			letters++
		case unicode.IsMark(c), strings.ContainsRune(" .'’`‘-/,()", c):
		default:
			return false
		}
	}
	return letters >= 2 && utf8.RuneCountInString(s) <= maxNameLetters
}

// join puts two parts of a title together, each once.
func join(a, b string) string {
	a, b = strings.Trim(a, " ,"), strings.Trim(b, " ,")
	if a == "-" {
		a = ""
	}
	if a == "" || strings.Contains(classroom.SearchKey(b), classroom.SearchKey(a)) {
		return b
	}
	if b == "" || strings.Contains(classroom.SearchKey(a), classroom.SearchKey(b)) {
		return a
	}
	return a + ", " + b
}

// tidy makes one line of a cell, without characters nobody sees; a lone dash or zero means nothing.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if s == "-" || s == "--" || s == "0" {
		return ""
	}
	return s
}

func cutText(s string) string {
	if r := []rune(s); len(r) > maxFieldLetters {
		return string(r[:maxFieldLetters])
	}
	return s
}
