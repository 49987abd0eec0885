package export

import (
	"fmt"
	"io"
	"time"

	"github.com/go-pdf/fpdf"
)

// Slip is one person's "kode masuk" on paper.
type Slip struct {
	Name string // with titles
	NIP  string // masked: paper lies about
	Unit string
	Code string // "K7QM-2F9D"; its QR says the same, for a PIC's camera
}

// Slips are the personal codes of an event as slips to cut out: A4 upright, twelve a page, each unit from a page of its own.
type Slips struct {
	Title string    // of the event
	At    time.Time // when it begins
	Slips []Slip    // a unit's one after the other
}

// The measures of a page of slips, in millimetres.
const (
	slipColumns, slipRows = 2, 6
	slipWide, slipHigh    = 96.0, 44.5
	slipTop, slipEdge     = 16.0, 9.0
	slipPad, slipQR       = 4.0, 24.0
)

// Write writes the slips as PDF; the same slips are the same bytes.
func (s Slips) Write(w io.Writer) error {
	b := &press{f: fpdf.New("P", "mm", "A4", "")}
	b.f.SetAutoPageBreak(false, 0)
	b.f.SetCellMargin(0)
	b.f.SetCatalogSort(true)
	b.f.SetCreationDate(s.At.UTC())
	b.f.SetModificationDate(s.At.UTC())
	b.f.SetTitle(clean("Kode masuk: "+s.Title), true)
	b.f.SetCreator("Betang", true)
	b.f.SetLang("id-ID")
	loadFonts(b.f)
	for first := 0; first < len(s.Slips); {
		end := first
		for end < len(s.Slips) && s.Slips[end].Unit == s.Slips[first].Unit {
			end++
		}
		s.unit(b, s.Slips[first:end])
		first = end
	}
	if err := b.f.Output(w); err != nil {
		return fmt.Errorf("export: slips: %w", err)
	}
	return nil
}

// unit draws the pages of one unit.
func (s Slips) unit(b *press, of []Slip) {
	const each = slipColumns * slipRows
	pages := (len(of) + each - 1) / each
	for n, one := range of {
		at := n % each
		if at == 0 {
			b.f.AddPage()
			s.margins(b, of[0].Unit, len(of), n/each+1, pages)
			cutLines(b, min(each, len(of)-n))
		}
		s.slip(b, one, slipEdge+float64(at%slipColumns)*slipWide, slipTop+float64(at/slipColumns)*slipHigh)
	}
}

// margins says whose page it is and what to do with it: what stays with whoever cuts.
func (s Slips) margins(b *press, unit string, people, page, pages int) {
	const wide = slipColumns * slipWide
	if unit == "" {
		unit = "Tanpa unit kerja"
	}
	b.font(9, true)
	b.text(b.wrap(unit, wide-40)[0], slipEdge, 9, wide-40, left)
	b.font(8, false)
	b.text(fmt.Sprintf("%s orang · halaman %d dari %d", shown(Whole(people)), page, pages), slipEdge, 9, wide, right)
	b.text("Potong menurut garis putus-putus, lalu serahkan tiap slip langsung kepada yang namanya tertera. Musnahkan slip yang tidak diambil.",
		slipEdge, 288, wide, left)
}

// cutLines draws where to cut a page of n slips.
func cutLines(b *press, n int) {
	rows := float64((n + slipColumns - 1) / slipColumns)
	b.f.SetDrawColor(130, 130, 130)
	b.f.SetLineWidth(0.2)
	b.f.SetDashPattern([]float64{2, 1.5}, 0)
	for i := range slipColumns + 1 {
		x := slipEdge + float64(i)*slipWide
		b.f.Line(x, slipTop, x, slipTop+rows*slipHigh)
	}
	for i := 0.0; i <= rows; i++ {
		b.f.Line(slipEdge, slipTop+i*slipHigh, slipEdge+slipColumns*slipWide, slipTop+i*slipHigh)
	}
	b.f.SetDashPattern(nil, 0)
	b.f.SetDrawColor(0, 0, 0)
}

// slip draws one slip with its upper left corner at x, y.
func (s Slips) slip(b *press, one Slip, x, y float64) {
	top, side := y+slipPad, x+slipPad
	b.square(one.Code, side, top, slipQR)
	b.font(12, true)
	b.text(clean(one.Code), side, top+slipQR+4.5, slipQR, centre)

	side += slipQR + 4
	wide := x + slipWide - slipPad - side
	b.font(7, false)
	at := top + 1.2
	b.text("KODE MASUK PRIBADI", side, at, wide, left)
	b.font(11, true)
	at += 4.6
	name := most(b.wrap(one.Name, wide-4), 2)
	for _, l := range name {
		b.text(l, side, at, wide, left)
		at += 4.6
	}
	b.font(8, false)
	for _, l := range append([]string{clean(one.NIP)}, most(b.wrap(one.Unit, wide-4), 1)...) {
		b.text(l, side, at, wide, left)
		at += 3.6
	}
	at += 0.6
	b.font(8, true)
	for _, l := range most(b.wrap(s.Title, wide-4), 3-len(name)) {
		b.text(l, side, at, wide, left)
		at += 3.5
	}
	b.font(7.5, false)
	b.text(clean(dayAndDate(s.At)+", pukul "+hour(s.At)+" WIB"), side, at, wide, left)

	b.font(7, false)
	at = y + slipHigh - slipPad - 5
	for _, l := range []string{
		"Daring: pilih “Gunakan kode masuk”, ketik kode ini.",
		"Ruang Bersama: tunjukkan QR ini kepada PIC.",
		"Pengganti NIP Anda. Jangan dipinjamkan.",
	} {
		b.text(l, side, at, wide, left)
		at += 2.9
	}
}

// most gives at most n lines; what is cut off shows.
func most(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	lines = lines[:n:n]
	lines[n-1] += " …"
	return lines
}
