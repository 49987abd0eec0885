package audit

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"betang/classroom/ratify"
)

const listSheet = "Daftar Hadir" // as export names it

// compareXLSX compares the cells of all sheets, then the parts of the package, then its bytes.
func compareXLSX(l ratify.List, want, have []byte) (found []Finding, saved bool) {
	at := firstDifference(want, have)
	h, broken := sheets(have)
	if broken != nil {
		return []Finding{damaged(l, want, have, at)}, false
	}
	w, err := sheets(want)
	if err != nil {
		return []Finding{{err.Error(), err.Error()}}, false // our own file
	}
	g := split(w[listSheet])
	rows, ok := h[listSheet]
	if !ok {
		return []Finding{{"lembar \"Daftar Hadir\" tidak ada", "the sheet \"Daftar Hadir\" is not there"}}, false
	}
	found = g.differences(l, split(rows))
	for name := range w {
		if name != listSheet {
			found = append(found, around("lembar "+name, "sheet "+name, w[name], h[name])...)
		}
	}
	for name := range h {
		if _, known := w[name]; !known {
			found = append(found, Finding{fmt.Sprintf("lembar tambahan %q", name), fmt.Sprintf("added sheet %q", name)})
		}
	}
	if len(found) > 0 {
		return found, false
	}
	return []Finding{resaved(at, container(want, have, at))}, true
}

// sheets are the cells of a workbook as they are stored. An error: it cannot be read whole.
func sheets(file []byte) (map[string][][]string, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File { // excelize passes over what it does not need
		if f.UncompressedSize64 > 1<<30 {
			return nil, zip.ErrFormat
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, r)
		if err = firstOf(err, r.Close()); err != nil {
			return nil, err
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		if out[name], err = f.GetRows(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// entry is where a part of a package stands in the file.
type entry struct {
	name       string
	data, size int64 // of what is compressed
}

// entries are the parts of a whole package, and where the table of its contents begins.
func entries(file []byte) (list []entry, end int64) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, 0
	}
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			return nil, 0
		}
		list = append(list, entry{f.Name, at, int64(f.CompressedSize64)})
	}
	slices.SortFunc(list, func(a, b entry) int { return int(a.data - b.data) })
	for _, e := range list {
		end = max(end, e.data+e.size)
	}
	return list, end
}

// container names the part of a package in whose frame a byte stands: none of what it holds.
func container(want, have []byte, at int) string {
	list, end := entries(want)
	if int64(at) >= end {
		return "daftar isi ZIP (the ZIP's table of contents)"
	}
	for _, e := range list {
		if int64(at) < e.data+e.size {
			return "bagian ZIP " + e.name
		}
	}
	return ""
}

// damaged names what of a package that cannot be read any more was touched: the part and, in a sheet, the cell.
func damaged(l ratify.List, want, have []byte, at int) Finding {
	say := func(id, en string) Finding {
		return Finding{
			fmt.Sprintf("berkas XLSX rusak mulai byte %d: %s", at+1, id), fmt.Sprintf("the XLSX is damaged from byte %d on: %s", at+1, en),
		}
	}
	list, end := entries(want)
	if at >= len(have) || at >= len(want) {
		return say("berkas terpotong atau disambung", "it was cut off or lengthened")
	}
	if int64(at) >= end {
		return say("daftar isi ZIP", "the ZIP's table of contents")
	}
	for _, e := range list {
		if int64(at) >= e.data+e.size {
			continue
		}
		if int64(at) < e.data || e.data+e.size > int64(len(have)) {
			return say("kepala bagian "+e.name, "the head of the part "+e.name)
		}
		whole, broken := inflated(want[e.data:e.data+e.size]), inflated(have[e.data:e.data+e.size])
		i := firstDifference(whole, broken)
		switch e.name {
		case "xl/worksheets/sheet1.xml":
			if w, err := sheets(want); err == nil {
				if f, ok := cellOf(l, split(w[listSheet]), whole, i); ok {
					return f
				}
			}
			return say("lembar Daftar Hadir", "the sheet Daftar Hadir")
		case "xl/worksheets/sheet2.xml":
			return say("lembar Rekap", "the sheet Rekap")
		}
		return say("bagian "+e.name+" (tampilan atau keterangan, bukan isi)", "the part "+e.name+" (looks or properties, no contents)")
	}
	return say("", "")
}

// inflated is as much of a compressed part as can be read.
func inflated(data []byte) []byte {
	b, _ := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), 1<<30))
	return b
}

var cellRef = regexp.MustCompile(`<c r="([A-Z]+)(\d+)"`)

// cellOf names the cell of a list in which a byte of the sheet's XML stands.
func cellOf(l ratify.List, g grid, xml []byte, at int) (Finding, bool) {
	found := cellRef.FindAllSubmatch(xml[:min(at+len(`<c r="AA1000000"`), len(xml))], -1)
	if len(found) == 0 {
		return Finding{}, false
	}
	last := found[len(found)-1]
	column, err := excelize.ColumnNameToNumber(string(last[1]))
	n, err2 := strconv.Atoi(string(last[2]))
	if err != nil || err2 != nil {
		return Finding{}, false
	}
	cell := fmt.Sprintf("%s%d", last[1], n)
	if i := n - len(g.above) - 2; i >= 0 && i < len(g.body) {
		title := cellAt(g.head, column-1)
		return inRow(l, rowOf(l, g.head, g.body[i]),
			fmt.Sprintf("kolom %s (sel %s): isinya rusak", title, cell), fmt.Sprintf("column %s (cell %s): what it holds is damaged", title, cell)), true
	}
	return Finding{"lembar Daftar Hadir, sel " + cell + ": isinya rusak", "sheet Daftar Hadir, cell " + cell + ": what it holds is damaged"}, true
}
