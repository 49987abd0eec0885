package export

// The looks of a table on paper.
const (
	bodySize  = 7.2 // points
	headSize  = 6.8
	leading   = 3.1 // from line to line, mm
	pad       = 1.0 // between rule and text
	rowLeast  = 6.0
	signTall  = 9.0 // a row that is signed by hand
	ruleWidth = 0.15
)

// grid is a table made ready to be drawn.
type grid struct {
	b       *press
	columns []Column
	cells   []int     // index of each column in the rows
	x, w    []float64 // left edge and width of each column
	titles  [][]string
	tall    float64 // of the header
	rows    [][][]string
	total   bool // the last row is set in bold
}

// grid fits the printed columns of a table to the paper and wraps its texts.
func (b *press) grid(t Table) *grid {
	g := &grid{b: b, total: t.Total}
	sum := 0.0
	for i, c := range t.Columns {
		if !c.Screen {
			g.columns, g.cells = append(g.columns, c), append(g.cells, i)
			sum += c.Width
		}
	}
	scale := b.inner / sum
	if t.Narrow {
		scale = min(scale, 2.2) // about the width of a digit: a table of few columns is not stretched
	}
	// A NIP is never broken: its columns get what they need, the others share the rest.
	b.font(bodySize, false)
	need := b.f.GetStringWidth("000000000000000000") + 2*pad + 0.4
	share, rest := b.inner, sum
	for _, c := range g.columns {
		if c.Kind == Code && c.Width*scale < need {
			share, rest = share-need, rest-c.Width
		}
	}
	x := edge
	for _, c := range g.columns {
		w := c.Width * min(scale, share/rest)
		if c.Kind == Code && c.Width*scale < need {
			w = need
		}
		g.x, g.w = append(g.x, x), append(g.w, w)
		x += w
	}
	b.font(headSize, true)
	most := 1
	for i, c := range g.columns {
		g.titles = append(g.titles, b.wrap(c.Title, g.w[i]-2*pad))
		most = max(most, len(g.titles[i]))
	}
	g.tall = float64(most)*leading + 3
	b.font(bodySize, false)
	for _, row := range t.Rows {
		lines := make([][]string, len(g.columns))
		for i, at := range g.cells {
			lines[i] = b.wrap(printed(row[at]), g.w[i]-2*pad)
		}
		g.rows = append(g.rows, lines)
	}
	return g
}

// printed is a cell as text on paper, where no program can take it for a formula.
func printed(c Cell) string {
	if t, ok := c.(Text); ok {
		return string(t)
	}
	return shown(c)
}

// head is the header row.
func (g *grid) head() part {
	return part{height: g.tall, draw: func(y float64) {
		f := g.b.f
		f.SetFillColor(231, 230, 230)
		f.SetLineWidth(ruleWidth)
		g.b.font(headSize, true)
		for i, lines := range g.titles {
			f.Rect(g.x[i], y, g.w[i], g.tall, "FD")
			g.b.stack(lines, g.x[i]+pad, y, g.w[i]-2*pad, g.tall, centre)
		}
	}}
}

// row is one row; its number counts from 0.
func (g *grid) row(n int) part {
	most, least := 1, rowLeast
	for i, lines := range g.rows[n] {
		most = max(most, len(lines))
		if g.columns[i].Kind == Sign {
			least = signTall
		}
	}
	tall := max(least, float64(most)*leading+2)
	return part{row: n + 1, height: tall, draw: func(y float64) {
		f := g.b.f
		f.SetLineWidth(ruleWidth)
		g.b.font(bodySize, g.total && n == len(g.rows)-1)
		for i, lines := range g.rows[n] {
			f.Rect(g.x[i], y, g.w[i], tall, "D")
			how := left
			switch g.columns[i].Kind {
			case Words:
			case Sign:
				g.sign(n, i, y, tall)
				continue
			default:
				how = centre
			}
			g.b.stack(lines, g.x[i]+pad, y, g.w[i]-2*pad, tall, how)
		}
	}}
}

// sign leaves room for a signature: odd numbers on the left, even ones on the right, so that each has two rows' height.
func (g *grid) sign(n, column int, y, tall float64) {
	half := g.w[column] / 2
	x := g.x[column] + pad + float64(n%2)*half
	g.b.text(shown(Whole(n+1))+".", x, y+tall/2, half, left)
}

// stack writes lines one below the other in the middle of a box.
func (b *press) stack(lines []string, x, y, w, h float64, how align) {
	at := y + h/2 - float64(len(lines)-1)*leading/2
	for _, s := range lines {
		b.text(s, x, at, w, how)
		at += leading
	}
}
