package audit

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf16"

	"betang/classroom/export"
	"betang/classroom/ratify"
)

var (
	objectHead = []byte(" 0 obj\n")
	pageHead   = regexp.MustCompile(`/Type /Page\n[^>]*/Contents (\d+) 0 R`)
)

// object is a part of a PDF from one "n 0 obj" to the next; number 0: what stands before the first.
type object struct {
	number     int
	start, end int
}

func objects(file []byte) []object {
	list := []object{{0, 0, len(file)}}
	for at := 0; ; {
		i := bytes.Index(file[at:], objectHead)
		if i < 0 {
			break
		}
		start := at + i
		at = start + len(objectHead)
		for start > 0 && file[start-1] >= '0' && file[start-1] <= '9' {
			start--
		}
		n, err := strconv.Atoi(string(file[start : at-len(objectHead)]))
		if err != nil || start > 0 && file[start-1] != '\n' {
			continue
		}
		list[len(list)-1].end = start
		list = append(list, object{n, start, len(file)})
	}
	last := &list[len(list)-1]
	if at := bytes.LastIndex(file, []byte("\nxref\n")); at > last.start { // the table at the end is no object's
		last.end = at
		list = append(list, object{-1, at, len(file)})
	}
	return list
}

// stream is what an object holds, compressed or not.
func stream(file []byte) []byte {
	_, rest, ok := bytes.Cut(file, []byte("stream\n"))
	if !ok {
		return nil
	}
	if i := bytes.LastIndex(rest, []byte("\nendstream")); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// content is a page's instructions, as much as can be read: after two bytes of zlib's head (RFC 1950) it is deflate.
func content(file []byte) []byte {
	s := stream(file)
	if len(s) < 2 {
		return nil
	}
	return inflated(s[2:])
}

// comparePDF compares object by object; in what a page shows the first difference is looked up: the row and the column.
func comparePDF(l ratify.List, lay export.Layout, want, have []byte) (found []Finding) {
	at := firstDifference(want, have)
	if len(have) < len(want) && bytes.HasPrefix(want, have) {
		return []Finding{{fmt.Sprintf("PDF terpotong setelah byte %d", len(have)), fmt.Sprintf("the PDF is cut off after byte %d", len(have))}}
	}
	if len(have) > len(want) && bytes.HasPrefix(have, want) {
		return []Finding{{
			fmt.Sprintf("ada yang ditambahkan pada PDF setelah byte %d: halaman di layar mungkin bukan yang ditandatangani", len(want)),
			fmt.Sprintf("something was added to the PDF after byte %d: what a screen shows may not be what was signed", len(want)),
		}}
	}
	w := objects(want)
	h := w // bytes were replaced, none moved: also where an object's own head was
	page := map[int]int{}
	for i, m := range pageHead.FindAllSubmatch(want, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		page[n] = i + 1
	}
	if len(want) != len(have) {
		h = objects(have)
	}
	of := map[int]object{}
	for _, o := range h {
		of[o.number] = o
	}
	others := 0
	var frame []Finding // what is no page's: it follows when a page changes
	for _, o := range w {
		theirs, ok := of[o.number]
		if ok && bytes.Equal(want[o.start:o.end], have[theirs.start:theirs.end]) {
			continue
		}
		if !ok {
			others++
		}
		var part []byte
		if ok {
			part = have[theirs.start:theirs.end]
		}
		f := inObject(l, lay, o, page[o.number], want[o.start:o.end], part)
		if page[o.number] > 0 {
			found = append(found, f)
		} else {
			frame = append(frame, f)
		}
	}
	changed := len(found) + len(frame)
	if len(found) == 0 {
		found = frame
	}
	if others > len(w)/4 || changed > len(w)/2 {
		return []Finding{{
			"PDF ini disusun ulang oleh program lain (misalnya \"cetak ke PDF\"), sehingga tidak dapat dibandingkan; mintalah berkas aslinya, atau periksa XLSX atau CSV-nya",
			"another program made this PDF anew (\"print to PDF\", for one), so it cannot be compared; ask for the original, or check the XLSX or CSV",
		}}
	}
	if len(found) == 0 {
		found = append(found, Finding{fmt.Sprintf("PDF berbeda mulai byte %d", at+1), fmt.Sprintf("the PDF differs from byte %d on", at+1)})
	}
	return found
}

func inObject(l ratify.List, lay export.Layout, o object, page int, want, have []byte) Finding {
	at := firstDifference(want, have)
	switch {
	case o.number < 0:
		return Finding{"PDF: tabel dan ekor berkas (bukan isi halaman) berubah", "PDF: the table and the tail of the file (no page's contents) were changed"}
	case o.number == 0:
		return Finding{"PDF: kepala berkas berubah", "PDF: the head of the file was changed"}
	case page == 0:
		return Finding{
			fmt.Sprintf("PDF: objek %d (huruf, gambar atau keterangan, bukan tulisan halaman) berubah, byte %d", o.number, o.start+at+1),
			fmt.Sprintf("PDF: object %d (font, picture or properties, not what a page says) was changed, byte %d", o.number, o.start+at+1),
		}
	}
	whole, theirs := content(want), content(have)
	i := firstDifference(whole, theirs)
	if a, b := textsOf(whole), textsOf(theirs); len(b) > 0 {
		for k, w := range a {
			if k >= len(b) || b[k].say != w.say {
				h := ""
				if k < len(b) {
					h = b[k].say
				}
				return atPlace(l, lay, page, w, fmt.Sprintf("tertulis %s, yang ditandatangani %s", shown(h, w.say), shown(w.say, h)),
					fmt.Sprintf("it says %s, signed was %s", shown(h, w.say), shown(w.say, h)))
			}
		}
	}
	if i == len(whole) {
		return Finding{
			fmt.Sprintf("PDF halaman %d: bungkus isi halaman berubah, tulisannya tidak", page),
			fmt.Sprintf("PDF page %d: the wrapping of the page was changed, not what it says", page),
		}
	}
	return onPage(l, lay, page, whole, i)
}

var placed = regexp.MustCompile(`(-?\d+\.\d+) (-?\d+\.\d+) (?:Td|m)\b|(-?\d+\.\d+) (-?\d+\.\d+) (-?\d+\.\d+) (-?\d+\.\d+) re\b`)

// pointsPerMM turns millimetres into a PDF's units of 1/72 inch.
const pointsPerMM = 72 / 25.4

// mark is something that stands on a page.
type mark struct {
	x, y float64 // mm from the left and from the bottom
	say  string  // its text; "" for a line or a box
}

// textsOf is the texts of a page, in their order.
func textsOf(whole []byte) (list []mark) {
	for _, m := range placed.FindAllSubmatchIndex(whole, -1) {
		if x := markAt(whole, m); x.say != "" {
			list = append(list, x)
		}
	}
	return list
}

// markAt is what placed found.
func markAt(whole []byte, m []int) mark {
	if m[2] >= 0 {
		return mark{float(whole[m[2]:m[3]]) / pointsPerMM, float(whole[m[4]:m[5]]) / pointsPerMM, textAt(whole[m[1]:])}
	}
	height := float(whole[m[12]:m[13]])
	return mark{float(whole[m[6]:m[7]]) / pointsPerMM, (float(whole[m[8]:m[9]]) + height/2) / pointsPerMM, ""}
}

// onPage names what stands on a page where its instructions begin to differ.
func onPage(l ratify.List, lay export.Layout, page int, whole []byte, at int) Finding {
	var last mark
	for _, m := range placed.FindAllSubmatchIndex(whole, -1) {
		if m[0] > at {
			break
		}
		last = markAt(whole, m)
	}
	if last.say == "" {
		return atPlace(l, lay, page, last, "berubah", "changed")
	}
	return atPlace(l, lay, page, last, fmt.Sprintf("berubah, pada atau setelah tulisan %s", shown(last.say, "")), fmt.Sprintf("changed, at or after the words %s", shown(last.say, "")))
}

// atPlace is a finding where something stands on a page.
func atPlace(l ratify.List, lay export.Layout, page int, m mark, id, en string) Finding {
	rows := lay.Pages[min(page, len(lay.Pages))-1]
	for _, p := range rows {
		top := lay.Height - m.y
		if top < p.Top || top > p.Bottom {
			continue
		}
		column := ""
		for _, lane := range lay.Lanes {
			if m.x >= lane.Left-0.05 {
				column = lane.Title
			}
		}
		if column == "NIP" {
			id, en = "berubah", "changed"
		}
		return inRow(l, p.Row, fmt.Sprintf("kolom %s (PDF halaman %d): %s", column, page, id), fmt.Sprintf("column %s (PDF page %d): %s", column, page, en))
	}
	if len(rows) == 0 {
		return Finding{fmt.Sprintf("PDF halaman %d (lampiran atau tanda tangan): %s", page, id), fmt.Sprintf("PDF page %d (annex or signature): %s", page, en)}
	}
	return Finding{fmt.Sprintf("PDF halaman %d, di luar baris daftar: %s", page, id), fmt.Sprintf("PDF page %d, outside the rows: %s", page, en)}
}

// textAt is the text that an instruction to show text begins with: UTF-16, as the fonts of this paper have it.
func textAt(b []byte) string {
	_, b, ok := bytes.Cut(b[:min(len(b), 600)], []byte(" ("))
	if !ok {
		return ""
	}
	var raw []byte
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b):
			i++
			raw = append(raw, b[i])
			continue
		case b[i] == ')' && len(raw)%2 == 0:
			i = len(b)
			continue
		}
		raw = append(raw, b[i])
	}
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

func float(b []byte) float64 {
	f, _ := strconv.ParseFloat(string(b), 64)
	return f
}
