package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestEveryExport holds every format that a Daftar is written in, draft in both orders and ratified, to a golden file: CSV and
// JSON as they are; of a workbook every cell of every sheet with its type (i: text that cannot be anything else, n: a number),
// so that a NIP that became a number, a formula, a moved column or a wrong sum per regency or instansi shows. What a PDF says
// and where is held by TestPDF; here, that its bytes are the same each time.
func TestEveryExport(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Daftar
	}{
		{"draft", Daftar{Sheet: demoSheet()}},
		{"protocol", Daftar{Sheet: demoSheet(), Protocol: true}},
		{"ratified", Daftar{Sheet: demoSheet(), Seal: demoSeal(), Protocol: true}}, // the order of a ratified list stays
	} {
		var all bytes.Buffer
		for _, format := range []string{"csv", "json", "xlsx", "siasn"} {
			data := daftarBytes(t, c.d, format)
			fmt.Fprintf(&all, "-- %s --\n", format)
			switch format {
			case "xlsx", "siasn":
				all.WriteString(cellsOf(t, data))
			case "json":
				if !json.Valid(data) {
					t.Errorf("%s: not JSON", c.name)
				}
				fallthrough
			default:
				all.WriteString(strings.ReplaceAll(string(data), "\r\n", "\n"))
			}
		}
		golden(t, "every-"+c.name+".golden", all.Bytes())
		if !bytes.Equal(daftarBytes(t, c.d, "pdf"), daftarBytes(t, c.d, "pdf")) {
			t.Errorf("%s: the same list gave another PDF", c.name)
		}
	}
	if err := (Daftar{Sheet: demoSheet()}).Write(&bytes.Buffer{}, "docx"); err == nil {
		t.Error("a format that is unknown was written")
	}
}

func daftarBytes(t *testing.T, d Daftar, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cellsOf lists every cell of a workbook that has a value: sheet, place, type, value as stored.
func cellsOf(t *testing.T, data []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, v := range row {
				if v == "" {
					continue
				}
				place, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				kind, err := f.GetCellType(sheet, place)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula(sheet, place); err != nil || formula != "" {
					t.Errorf("%s %s has a formula: %q, %v", sheet, place, formula, err)
				}
				mark := map[excelize.CellType]string{excelize.CellTypeInlineString: "i", excelize.CellTypeUnset: "n"}[kind]
				fmt.Fprintf(&b, "%s!%s %s %s\n", sheet, place, mark, v)
			}
		}
	}
	return b.String()
}
