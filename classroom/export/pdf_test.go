package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"betang/classroom"

	"golang.org/x/image/font/sfnt"
)

func pdfBytes(t testing.TB, p Print) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WritePDF(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func demoSeal() Seal {
	return Seal{
		Number: "K7Q2M4XW6C5H3NTZBYRJ", Revision: 2,
		Status: "Ditetapkan Rabu, 24 September 2025 pukul 12.00 WIB oleh Kepala BPSDM: Berita Acara Nomor 1",
		Hash:   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Key:    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		Link:   "https://corpu.example.go.id/v/K7Q2M4XW6C5H3NTZBYRJ",
	}
}

// demoPrint is the demo's list with so many people more.
func demoPrint(more int) Print {
	sheet := demoSheet()
	sheet.Rows = append(sheet.Rows, hallSheet(more).Rows...)
	h := signedHeading()
	h.Seal = demoSeal()
	return Print{Heading: h, Table: Attendance(sheet), Annexes: Attached(sheet)}
}

var (
	aStream = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	aText   = regexp.MustCompile(`(?s)BT ([\d.]+) ([\d.]+) Td \((.*?)\) ?Tj ET`)
	escaped = strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
)

// pdfText writes a paper uncompressed and lists the texts of each page with their places in points.
func pdfText(t *testing.T, p Print) string {
	t.Helper()
	b := newPress(p)
	b.f.SetCompression(false)
	b.lay()
	b.draw()
	var raw bytes.Buffer
	if err := b.f.Output(&raw); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	page := 0
	for _, stream := range aStream.FindAllStringSubmatch(raw.String(), -1) {
		texts := aText.FindAllStringSubmatch(stream[1], -1)
		if len(texts) == 0 {
			continue
		}
		page++
		fmt.Fprintf(&out, "-- page %d --\n", page)
		for _, m := range texts {
			wide := []byte(escaped.Replace(m[3]))
			units := make([]uint16, len(wide)/2)
			for i := range units {
				units[i] = binary.BigEndian.Uint16(wide[2*i:])
			}
			fmt.Fprintf(&out, "%7s %7s  %s\n", m[1], m[2], string(utf16.Decode(units)))
		}
	}
	return out.String()
}

// TestPDF holds every word of a paper at its place, and the same bytes for the same paper.
func TestPDF(t *testing.T) {
	p := demoPrint(30)
	data := pdfBytes(t, p)
	if !bytes.Equal(data, pdfBytes(t, demoPrint(30))) {
		t.Error("the same list gave other bytes")
	}
	if name := os.Getenv("BETANG_PDF"); name != "" { // to look at it
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "attendance.pdf.golden", []byte(pdfText(t, p)))
}

// TestPDFPages: whatever the length of the list, the header stands on every page of it, each row on exactly one, the
// signature with at least one row, and the pages are counted right.
func TestPDFPages(t *testing.T) {
	for n := range 32 {
		p := demoPrint(n)
		p.Paper, p.Annexes = []Paper{F4, A4}[n%2], nil
		pages := strings.Split(pdfText(t, p), "-- page ")[1:]
		for i, text := range pages {
			if !strings.Contains(text, fmt.Sprintf("Halaman %d dari %d\n", i+1, len(pages))) {
				t.Fatalf("%d rows: page %d does not say so", n+4, i+1)
			}
			if !strings.Contains(text, "Nama (dengan gelar)") {
				t.Errorf("%d rows: page %d has no header", n+4, i+1)
			}
		}
		all := strings.Join(pages, "")
		for i := range n {
			if c := strings.Count(all, fmt.Sprintf("  Dr. Peserta %d, ", i)); c != 1 {
				t.Errorf("%d rows: Peserta %d stands %d times", n+4, i, c)
			}
		}
		last := pages[len(pages)-1]
		if !strings.Contains(last, "Drs. CONTOH") || n > 0 && !strings.Contains(last, fmt.Sprintf("  Dr. Peserta %d, ", n-1)) {
			t.Errorf("%d rows: the signature stands alone", n+4)
		}
	}
}

// TestPDFOdd: an empty list, no settings at all, and what no font has.
func TestPDFOdd(t *testing.T) {
	pdfBytes(t, Print{Table: Attendance(classroom.Sheet{})})
	p := Print{Table: Table{
		Columns: []Column{{Title: "Nama", Width: 10, Wrap: true}, {Title: "Tanda Tangan", Width: 10, Kind: Sign}},
		Rows: [][]Cell{
			{Text("中 𝄞 \x00 \u202e" + strings.Repeat("panjang", 40)), nil},
			{Text("Ni’ Ĕlan Żółć –"), nil},
		},
	}}
	text := pdfText(t, p)
	for _, want := range []string{"? ?", "Ni’ Ĕlan Żółć", "  1.\n", "  2.\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestFonts: the fonts have what inFont says.
func TestFonts(t *testing.T) {
	for name, data := range map[string][]byte{"regular": arimo, "bold": arimoBold} {
		f, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var buf sfnt.Buffer
		for r := rune(0); r < 0x10000; r++ {
			if i, err := f.GlyphIndex(&buf, r); inFont(r) && (err != nil || i == 0) {
				t.Errorf("%s: no %q (%U)", name, r, r)
			}
		}
	}
}

// BenchmarkPDF: a hall of 10,000 people.
func BenchmarkPDF(b *testing.B) {
	sheet := hallSheet(10_000)
	b.ReportAllocs()
	for b.Loop() {
		p := Print{Heading: NewHeading(sheet), Table: Attendance(sheet), Annexes: Attached(sheet)}
		b.SetBytes(int64(len(pdfBytes(b, p))))
	}
}
