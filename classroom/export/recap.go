package export

import (
	"cmp"
	"slices"
	"strings"

	"betang/classroom"
	"betang/classroom/roster"
)

// Sum is what a group of people adds up to.
type Sum struct {
	Name    string `json:"name"`
	People  int    `json:"people"`
	Meets   int    `json:"meets"`
	Percent int    `json:"percent"` // mean of the persons' percents, rounded down
	JP      int    `json:"jp"`
}

// Recap are the sums of a daftar hadir. Place of work and employer differ (DOMAIN 3.1), so both are summed.
type Recap struct {
	Regions  []Sum `json:"regions"`  // by Kemendagri code
	Instansi []Sum `json:"instansi"` // by name
	Total    Sum   `json:"total"`
}

// unnamed is the group of those of whom it is not known.
const unnamed = "Tidak tercatat"

// Recapitulate adds up a sheet.
func Recapitulate(sheet classroom.Sheet) Recap {
	regions := sums(sheet.Rows, func(p classroom.Person) (key, name string) { return p.Region, roster.RegionName(p.Region) }, unnamed)
	instansi := sums(sheet.Rows, func(p classroom.Person) (key, name string) {
		return classroom.SearchKey(p.Instansi), strings.TrimSpace(p.Instansi)
	}, unnamed)
	total := Sum{Name: "Jumlah"}
	if all := sums(sheet.Rows, func(classroom.Person) (key, name string) { return "all", total.Name }, ""); len(all) > 0 {
		total = all[0]
	}
	return Recap{Regions: regions, Instansi: instansi, Total: total}
}

// sums groups rows by a key, ascending; those without come last, as nobodys.
func sums(rows []classroom.Row, of func(classroom.Person) (key, name string), nobodys string) []Sum {
	type group struct {
		key string
		Sum
	}
	byKey := map[string]*group{}
	for _, row := range rows {
		key, name := of(row.Person)
		g := byKey[key]
		if g == nil {
			if key == "" {
				name = nobodys
			}
			g = &group{key: key, Sum: Sum{Name: name}}
			byKey[key] = g
		}
		g.People++
		g.Percent += row.Result.Percent
		g.JP += row.Result.JP
		if row.Result.Meets {
			g.Meets++
		}
	}
	groups := make([]*group, 0, len(byKey))
	for _, g := range byKey {
		g.Percent /= g.People
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		if (a.key == "") != (b.key == "") {
			return cmp.Compare(b.key, a.key) // "" last
		}
		return cmp.Compare(a.key, b.key)
	})
	out := make([]Sum, len(groups))
	for i, g := range groups {
		out[i] = g.Sum
	}
	return out
}

// RecapTables are the sums as tables, each with its total in the last row.
func RecapTables(r Recap) []Table {
	return []Table{
		sumTable("Menurut kabupaten/kota tempat bertugas", "Kabupaten/Kota", r.Regions, r.Total),
		sumTable("Menurut instansi", "Instansi", r.Instansi, r.Total),
	}
}

func sumTable(caption, title string, list []Sum, total Sum) Table {
	t := Table{Caption: caption, Narrow: true, Total: true, Columns: []Column{
		{Title: "No", Width: 5, Kind: Number},
		{Title: title, Width: 44, Wrap: true},
		{Title: "Hadir (orang)", Width: 10, Kind: Number},
		{Title: "Memenuhi syarat (orang)", Width: 12, Kind: Number},
		{Title: "Rata-rata kehadiran (%)", Width: 12, Kind: Number},
		{Title: "Jumlah JP", Width: 10, Kind: Number},
	}}
	for i, s := range list {
		t.Rows = append(t.Rows, sumRow(Whole(i+1), s))
	}
	t.Rows = append(t.Rows, sumRow(nil, total))
	return t
}

func sumRow(no Cell, s Sum) []Cell {
	return []Cell{no, Text(s.Name), Whole(s.People), Whole(s.Meets), Whole(s.Percent), Whole(s.JP)}
}

// Attached are the annexes of a daftar hadir.
func Attached(sheet classroom.Sheet) []Annex {
	return []Annex{{Title: "REKAPITULASI KEHADIRAN", Tables: RecapTables(Recapitulate(sheet))}}
}
