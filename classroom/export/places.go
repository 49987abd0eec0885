package export

// Place is where a row of a list stands on a page of its PDF, in millimetres from the page's top.
type Place struct {
	Row         int // from 1
	Top, Bottom float64
}

// Lane is where a column stands, in millimetres from the page's left edge.
type Lane struct {
	Title       string
	Left, Right float64
}

// Layout is how a PDF is laid out, for whoever holds one against the list.
type Layout struct {
	Height float64   // of a page, mm
	Pages  [][]Place // of all pages, also those without a row
	Lanes  []Lane
}

// Layout is how Write lays the PDF out.
func (d Daftar) Layout() Layout {
	b := newPress(d.print())
	b.lay()
	l := Layout{Height: b.print.Paper.Height, Pages: make([][]Place, len(b.sheet))}
	for i, p := range b.sheet[:b.list] {
		y := edgeTop
		for _, x := range p {
			if x.row > 0 {
				l.Pages[i] = append(l.Pages[i], Place{x.row, y, y + x.height})
			}
			y += x.height
		}
	}
	g := b.grid(b.print.Table)
	for i, c := range g.columns {
		l.Lanes = append(l.Lanes, Lane{c.Title, g.x[i], g.x[i] + g.w[i]})
	}
	return l
}
