package roster

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestRegions(t *testing.T) {
	all := Regions()
	if len(all) != 14 {
		t.Fatalf("%d regions", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b Region) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("not ascending by code")
	}
	for _, r := range all {
		if r.Short == "" || RegionName(r.Code) != r.Name || RegionCode(r.Name) != r.Code || RegionCode(r.Short) != r.Code {
			t.Errorf("%+v is not found by its own names", r)
		}
	}
	all[0].Name = "changed"
	if Regions()[0].Name == "changed" {
		t.Error("Regions hands out its own slice")
	}
}

func TestRegionCode(t *testing.T) {
	for in, want := range map[string]string{
		"Kab. Kotawaringin Timur": "62.02",
		"KABUPATEN KOTIM":         "62.02",
		"kotim":                   "62.02",
		"kobar":                   "62.01",
		"Palangkaraya":            "62.71",
		"Kota Palangka Raya":      "62.71",
		"palangka  raya":          "62.71",
		"Barito Timur":            "62.13",
		"Pulpis":                  "62.11",
		"Kapuas":                  "62.03",
		"62.06":                   "62.06",
		" 62.06 ":                 "62.06",
		"6206":                    "", // Katingan by Kemendagri, Sukamara by BPS
		"Kotawaringin":            "",
		"Banjarmasin":             "",
		"kab":                     "",
		"":                        "",
	} {
		if got := RegionCode(in); got != want {
			t.Errorf("RegionCode(%q) = %q, want %q", in, got, want)
		}
	}
	if RegionName("63.01") != "" || RegionName("") != "" {
		t.Error("a name for an unknown code")
	}
}

func TestGradeName(t *testing.T) {
	for in, want := range map[string]string{
		"III/a": "Penata Muda (III/a)",
		"IV/e":  "Pembina Utama (IV/e)",
		"IX":    "Golongan IX",
		"III":   "Golongan III",
		"":      "",
		"V/x":   "V/x",
	} {
		if got := GradeName(in); got != want {
			t.Errorf("GradeName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestExamplesOfReference runs the numbers that kalteng.json itself gives for good and bad.
func TestExamplesOfReference(t *testing.T) {
	var file struct {
		NIP struct {
			Examples struct {
				PNS    []string `json:"sah_pns"`
				PPPK   []string `json:"sah_pppk"`
				Refuse []struct {
					Value string `json:"nilai"`
				} `json:"tolak"`
			} `json:"contoh_uji"`
		} `json:"nip"`
	}
	if err := json.Unmarshal(kalteng, &file); err != nil {
		t.Fatal(err)
	}
	good := append(file.NIP.Examples.PNS, file.NIP.Examples.PPPK...)
	if len(good) == 0 || len(file.NIP.Examples.Refuse) == 0 {
		t.Fatal("no examples in kalteng.json")
	}
	for _, nip := range good {
		if got, _, err := ParseNIP(nip); got != nip || err != nil {
			t.Errorf("ParseNIP(%s) = %s, %v", nip, got, err)
		}
	}
	for _, bad := range file.NIP.Examples.Refuse {
		if got, _, err := ParseNIP(bad.Value); err == nil {
			t.Errorf("ParseNIP(%s) = %s, want a refusal", bad.Value, got)
		}
	}
}
