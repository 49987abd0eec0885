package audit

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"betang/classroom/ratify"
)

// grid is the cells of a list: what stands above the header, the header, one row a person, what stands below.
type grid struct {
	above [][]string
	head  []string
	body  [][]string
	below [][]string
}

// split finds the header and the people in the rows of a list. Their first cell is a number.
func split(rows [][]string) grid {
	at := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 3 && strings.EqualFold(strings.TrimSpace(r[0]), "No") })
	if at < 0 {
		return grid{above: rows}
	}
	g := grid{above: rows[:at], head: rows[at]}
	rest := rows[at+1:]
	n := len(rest)
	for n > 0 && !isPerson(rest[n-1]) {
		n-- // the signature stands below
	}
	g.body, g.below = rest[:n], rest[n:]
	return g
}

// isPerson tells a row of the list from one of the signature, which has one cell, and that is no number.
func isPerson(r []string) bool {
	return !math.IsNaN(number(strings.TrimSpace(cellAt(r, 0)))) || len(texts([][]string{r})) > 5
}

// differences names every cell in which have is not want.
func (want grid) differences(l ratify.List, have grid) (found []Finding) {
	if len(have.head) == 0 {
		return []Finding{{"baris judul kolom (No, Nama, NIP, …) tidak ditemukan", "the header row (No, Nama, NIP, …) is not there"}}
	}
	columns := want.head
	for i := range max(len(columns), len(have.head)) {
		if a, b := cellAt(have.head, i), cellAt(columns, i); !same(a, b) {
			found = append(found, Finding{
				fmt.Sprintf("judul kolom %d: tertulis %s, seharusnya %s", i+1, shown(a, b), shown(b, a)),
				fmt.Sprintf("title of column %d: it says %s, and should say %s", i+1, shown(a, b), shown(b, a)),
			})
		}
	}
	found = append(found, around("di atas daftar", "above the list", want.above, have.above)...)
	pair := match(want.body, have.body)
	for i, w := range want.body {
		row := rowOf(l, columns, w)
		j := pair[i]
		if j < 0 {
			found = append(found, inRow(l, row, "tidak ada lagi dalam berkas", "is not in the file any more"))
			continue
		}
		h := have.body[j]
		for c := range max(len(w), len(h)) {
			if a, b := cellAt(h, c), cellAt(w, c); !same(a, b) {
				found = append(found, inCell(l, row, cellAt(columns, c), a, b))
			}
		}
	}
	for j, h := range have.body {
		if !slices.Contains(pair, j) {
			found = append(found, Finding{
				fmt.Sprintf("baris tambahan %s: tidak ada dalam daftar yang ditandatangani", shown(cellAt(h, 0)+" "+cellAt(h, 1), "")),
				fmt.Sprintf("added row %s: it is not in the list that was signed", shown(cellAt(h, 0)+" "+cellAt(h, 1), "")),
			})
		}
	}
	return append(found, around("di bawah daftar", "below the list", want.below, have.below)...)
}

// rowOf is the row of the list that a line speaks of: a line of a recap that leaves people out is found by the NIP.
func rowOf(l ratify.List, columns, w []string) int {
	if nip := slices.Index(columns, "NIP"); nip == 1 { // Rekap SIASN
		for _, r := range l.Doc.Rows {
			if r.NIP != "" && r.NIP == cellAt(w, nip) {
				return r.No
			}
		}
	}
	n, _ := strconv.Atoi(strings.TrimSpace(cellAt(w, 0)))
	return n
}

// inCell is a finding in one cell. A NIP is not printed.
func inCell(l ratify.List, row int, column, is, should string) Finding {
	if column == "NIP" {
		id, en := nipDifference(is, should)
		return inRow(l, row, "kolom NIP: "+id, "column NIP: "+en)
	}
	return inRow(l, row,
		fmt.Sprintf("kolom %s: tertulis %s, yang ditandatangani %s", column, shown(is, should), shown(should, is)),
		fmt.Sprintf("column %s: it says %s, signed was %s", column, shown(is, should), shown(should, is)))
}

func nipDifference(is, should string) (id, en string) {
	is, should = strings.TrimSpace(is), strings.TrimSpace(should)
	rounded := len(is) == 18 && strings.HasSuffix(is, "000")
	if rounded || strings.ContainsAny(is, "eE,") {
		return "rusak oleh Excel (angka dibulatkan)", "damaged by Excel (digits were rounded)"
	}
	if len(is) != len(should) {
		return fmt.Sprintf("%d karakter, bukan %d", len(is), len(should)), fmt.Sprintf("%d characters, not %d", len(is), len(should))
	}
	at := firstDifference([]byte(is), []byte(should)) + 1
	return fmt.Sprintf("berbeda mulai angka ke-%d", at), fmt.Sprintf("differs from digit %d on", at)
}

// around compares rows that belong to nobody, in their order. Blank rows do not count.
func around(id, en string, want, have [][]string) (found []Finding) {
	w, h := texts(want), texts(have)
	for i := range max(len(w), len(h)) {
		if a, b := cellAt(h, i), cellAt(w, i); !same(a, b) {
			found = append(found, Finding{
				fmt.Sprintf("%s: tertulis %s, yang ditandatangani %s", id, shown(a, b), shown(b, a)),
				fmt.Sprintf("%s: it says %s, signed was %s", en, shown(a, b), shown(b, a)),
			})
		}
	}
	return found
}

func texts(rows [][]string) (out []string) {
	for _, r := range rows {
		for _, s := range r {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// match pairs the rows of two lists: by all of number, name and NIP, then by the NIP and name, by the number, by the place. A
// row of want without a partner gets -1. Sorting a list anew changes nothing of it.
func match(want, have [][]string) []int {
	pair := make([]int, len(want))
	for i := range pair {
		pair[i] = -1
	}
	taken := make([]bool, len(have))
	for _, key := range []func(i int, r []string) string{
		func(_ int, r []string) string { return cellAt(r, 0) + "\x00" + cellAt(r, 1) + "\x00" + cellAt(r, 2) },
		func(_ int, r []string) string { return strings.Trim(cellAt(r, 1)+"\x00"+cellAt(r, 2), "\x00") },
		func(_ int, r []string) string { return cellAt(r, 0) },
		func(i int, _ []string) string { return strconv.Itoa(i) },
	} {
		at := map[string][]int{}
		for j, r := range have {
			if k := key(j, r); !taken[j] && k != "" {
				at[k] = append(at[k], j)
			}
		}
		for i, r := range want {
			if pair[i] >= 0 {
				continue
			}
			if list := at[key(i, r)]; len(list) > 0 {
				pair[i], taken[list[0]] = list[0], true
				at[key(i, r)] = list[1:]
			}
		}
	}
	return pair
}

func cellAt(r []string, i int) string {
	if i < len(r) {
		return r[i]
	}
	return ""
}

var clock = regexp.MustCompile(`^(\d{1,2})[.:](\d{2})(?:[.:]00)?$`)

// same tells whether two cells say the same, also after a spreadsheet wrote one anew: 9.00 for 09.00, 12,5 for 12.5.
func same(a, b string) bool {
	a, b = strings.TrimPrefix(strings.TrimSpace(a), "'"), strings.TrimPrefix(strings.TrimSpace(b), "'")
	if a == b {
		return true
	}
	if x, y := clock.FindStringSubmatch(a), clock.FindStringSubmatch(b); x != nil && y != nil {
		return number(x[1]) == number(y[1]) && x[2] == y[2]
	}
	if len(a) > 24 || len(b) > 24 || len(strings.Trim(a, "0123456789")) == 0 && len(a) > 15 {
		return false // digits beyond what a number holds: a NIP
	}
	x, y := number(a), number(b)
	return !math.IsNaN(x) && math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(x))
}

// number reads a number as spreadsheets write it; NaN if it is none.
func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}
