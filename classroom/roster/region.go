package roster

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"betang/classroom"
)

//go:embed kalteng.json
var kalteng []byte

// Region is a regency or the city of Kalimantan Tengah. Code is Kemendagri's ("62.02"), which differs from that of
// BPS for 8 of the 14.
type Region struct {
	Code  string
	Name  string // "Kabupaten Kotawaringin Timur"
	Short string // "Kotim"
}

// reference is what kalteng.json says, made ready for look-ups.
type reference struct {
	regions []Region
	byCode  map[string]Region
	byKey   map[string]string // search key of a name or alias -> code
	grades  map[string]string // golongan -> as shown
	// gradeKeys finds a golongan by its letters in upper case ("IIIA"), ranks by the search key of its pangkat.
	gradeKeys, ranks map[string]string
	// The golongan of PNS and of PPPK, ascending.
	pnsOrder, pppkOrder []string
}

var load = sync.OnceValue(func() reference {
	var file struct {
		Regions []struct {
			Code    string   `json:"kode"`
			Name    string   `json:"nama"`
			Aliases []string `json:"alias"`
		} `json:"kabupaten_kota"`
		PNS  []grade `json:"golongan_pns"`
		PPPK []grade `json:"golongan_pppk"`
	}
	if err := json.Unmarshal(kalteng, &file); err != nil {
		panic("roster: embedded kalteng.json: " + err.Error()) // the file is part of the program; a test reads it
	}
	ref := reference{byCode: map[string]Region{}, byKey: map[string]string{}, grades: map[string]string{}, gradeKeys: map[string]string{}, ranks: map[string]string{}}
	for _, f := range file.Regions {
		r := Region{Code: f.Code, Name: f.Name, Short: f.Aliases[0]}
		ref.regions = append(ref.regions, r)
		ref.byCode[r.Code] = r
		kind, bare, _ := strings.Cut(r.Name, " ")
		ref.byKey[classroom.SearchKey(kind+bare)] = r.Code
		for _, name := range append(f.Aliases, bare) {
			ref.byKey[classroom.SearchKey(name)] = r.Code
		}
	}
	for _, g := range file.PNS {
		ref.pnsOrder = append(ref.pnsOrder, g.Code)
	}
	for _, g := range file.PPPK {
		ref.pppkOrder = append(ref.pppkOrder, g.Code)
	}
	for _, g := range append(file.PNS, file.PPPK...) {
		ref.grades[g.Code] = g.Shown
		ref.gradeKeys[strings.ToUpper(strings.ReplaceAll(g.Code, "/", ""))] = g.Code
		if g.Rank != "" {
			ref.ranks[classroom.SearchKey(g.Rank)] = g.Code
		}
	}
	return ref
})

type grade struct {
	Code  string `json:"kode"`
	Shown string `json:"tampil"`
	Rank  string `json:"pangkat"`
}

// Regions lists the 13 regencies and the city, ascending by code.
func Regions() []Region { return slices.Clone(load().regions) }

// RegionName gives the full name to a code, "" to an unknown one.
func RegionName(code string) string { return load().byCode[code].Name }

// RegionCode finds the code of a region by its name or alias as people write it: case, spaces and punctuation do
// not count ("Palangkaraya", "kab. kotim", "KOTIM"). A code is only taken with its dot, for without it the codes of
// Kemendagri and BPS cannot be told apart. "" if there is none.
func RegionCode(name string) string {
	ref := load()
	if r, ok := ref.byCode[strings.TrimSpace(name)]; ok {
		return r.Code
	}
	key := classroom.SearchKey(name)
	if code, ok := ref.byKey[key]; ok {
		return code
	}
	for _, kind := range []string{"kabupaten", "kab", "kota"} {
		if rest, ok := strings.CutPrefix(key, kind); ok {
			if code, ok := ref.byKey[rest]; ok {
				return code
			}
		}
	}
	return ""
}

// GradeName shows a golongan as papers do: "III/a" as "Penata Muda (III/a)", "IX" as "Golongan IX". A grade that is
// not in the lists is shown as it is.
func GradeName(code string) string {
	if shown, ok := load().grades[code]; ok {
		return shown
	}
	return code
}
