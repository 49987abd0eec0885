package export

import (
	"fmt"
	"io"

	"github.com/go-pdf/fpdf"
)

// Paper is a sheet of paper lying on its long side, in millimetres.
type Paper struct{ Width, Height float64 }

// The papers of Indonesian offices.
var (
	F4 = Paper{330, 215}
	A4 = Paper{297, 210}
)

// PaperNamed gives F4 for "f4" and anything unknown, A4 for "a4".
func PaperNamed(name string) Paper {
	if name == "a4" {
		return A4
	}
	return F4
}

// Name is what PaperNamed knows a paper by.
func (p Paper) Name() string {
	if p == A4 {
		return "a4"
	}
	return "f4"
}

// Print is a paper ready for the printer: a table with its heading and signature, and after it, on pages of their
// own, what is attached.
type Print struct {
	Paper   Paper
	Heading Heading
	Table   Table
	Annexes []Annex
}

// Annex is a part behind the signature, such as sums.
type Annex struct {
	Title  string
	Tables []Table // each with a Caption
}

// WritePDF writes a paper: the kop and what the list is about on the first page, the table's header on every page,
// "Halaman 3 dari 12" below, the signature at the end, never alone on a page, and beside it how to verify the paper.
func WritePDF(w io.Writer, p Print) error {
	b := newPress(p)
	b.lay()
	b.draw()
	if err := b.f.Output(w); err != nil {
		return fmt.Errorf("export: pdf: %w", err)
	}
	return nil
}

// The measures of a page, in millimetres.
const (
	edge       = 10.0 // left, right
	edgeTop    = 9.0
	edgeBottom = 13.0 // the footer stands in it
)

// press is one PDF in the making. It is laid out first, so that each page can say how many there are.
type press struct {
	f     *fpdf.Fpdf
	print Print
	inner float64 // width between the edges
	sheet []page
	list  int // how many of them hold the list; the others hold what is attached
}

// page is what stands on one page: parts from top to bottom.
type page []part

// part is something with a height that can be drawn at a place. A part never breaks; what is long is many parts.
type part struct {
	height float64
	draw   func(y float64)
	row    int // of its table, from 1; 0: no row
}

func newPress(p Print) *press {
	if p.Paper == (Paper{}) {
		p.Paper = F4
	}
	f := fpdf.NewCustom(&fpdf.InitType{
		OrientationStr: "L", UnitStr: "mm", Size: fpdf.SizeType{Wd: p.Paper.Height, Ht: p.Paper.Width},
	})
	f.SetMargins(edge, edgeTop, edge)
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	f.SetCatalogSort(true) // the same paper is the same bytes
	f.SetCreationDate(p.Heading.Created.UTC())
	f.SetModificationDate(p.Heading.Created.UTC())
	f.SetTitle(clean(footer(p.Heading)), true)
	f.SetAuthor(clean(p.Heading.Letterhead.Office), true)
	f.SetCreator("Betang", true)
	f.SetLang("id-ID")
	loadFonts(f)
	return &press{f: f, print: p, inner: p.Paper.Width - 2*edge}
}

// bottom is where a page's content ends.
func (b *press) bottom() float64 { return b.print.Paper.Height - edgeBottom }

// room is how much a page holds.
func (b *press) room() float64 { return b.bottom() - edgeTop }

// lay breaks everything into pages.
func (b *press) lay() {
	g := b.grid(b.print.Table)
	pages := b.flow(b.opening(), g)
	pages = b.closeWith(pages, g, b.closing())
	b.sheet, b.list = pages, len(pages)
	for _, a := range b.print.Annexes {
		b.sheet = append(b.sheet, b.annex(a)...)
	}
}

// flow puts a table's rows on pages below what opens the first.
func (b *press) flow(opening page, g *grid) []page {
	now := append(page{}, opening...)
	now = append(now, g.head())
	var done []page
	for i := range g.rows {
		row := g.row(i)
		if heightOfPage(now)+row.height > b.room() {
			done = append(done, now)
			now = page{b.running(), g.head()}
		}
		now = append(now, row)
	}
	return append(done, now)
}

// keep is how many rows go with the signature to the next page, so that it never stands alone.
const keep = 2

// closeWith adds what closes the list to its last page, or to one more with the last rows.
func (b *press) closeWith(pages []page, g *grid, end page) []page {
	last := len(pages) - 1
	if heightOfPage(pages[last])+heightOfPage(end) <= b.room() {
		pages[last] = append(pages[last], end...)
		return pages
	}
	now := page{b.running()}
	rows := len(pages[last]) - 2 // what opens the page is at least two parts
	if last == 0 {
		rows = len(g.rows)
	}
	if n := min(keep, rows-1); n > 0 {
		now = append(now, g.head())
		now = append(now, pages[last][len(pages[last])-n:]...)
		pages[last] = pages[last][:len(pages[last])-n]
	}
	return append(pages, append(now, end...))
}

func heightOfPage(p page) float64 {
	sum := 0.0
	for _, x := range p {
		sum += x.height
	}
	return sum
}

// draw draws all pages.
func (b *press) draw() {
	for i, p := range b.sheet {
		b.f.AddPage()
		y := edgeTop
		for _, x := range p {
			x.draw(y)
			y += x.height
		}
		b.foot(i+1, len(b.sheet))
	}
}

// annex is a title and tables one below the other.
func (b *press) annex(a Annex) []page {
	title := b.line(a.Title, 12, true, centre, 9)
	var pages []page
	opening := page{title}
	for _, t := range a.Tables {
		if t.Caption != "" {
			opening = append(opening, space(3), b.line(t.Caption, 9, true, left, 6))
		}
		g := b.grid(t)
		more := b.flow(opening, g)
		if len(pages) > 0 { // it goes on where the one before ended
			pages = pages[:len(pages)-1]
		}
		pages = append(pages, more...)
		opening = pages[len(pages)-1]
		if heightOfPage(opening)+30 > b.room() {
			opening = page{b.running()}
			pages = append(pages, opening)
		}
	}
	return pages
}
