package export

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"
)

// space is nothing, so high.
func space(height float64) part { return part{height: height, draw: func(float64) {}} }

// line is one line of text over the whole width.
func (b *press) line(s string, size float64, bold bool, how align, height float64) part {
	return part{height: height, draw: func(y float64) {
		b.font(size, bold)
		b.text(clean(s), edge, y+height/2, b.inner, how)
	}}
}

// opening is what stands above the table on the first page: kop, title, what the list is about.
func (b *press) opening() page {
	h := b.print.Heading
	out := page{
		b.line(h.Letterhead.Government, 12, true, centre, 5.5),
		b.line(h.Letterhead.Office, 14, true, centre, 6),
	}
	if h.Letterhead.Address != "" {
		out = append(out, b.line(h.Letterhead.Address, 8, false, centre, 4))
	}
	if len(h.Letterhead.Emblem) > 0 {
		out[0] = b.emblem(out[0], heightOfPage(out))
	}
	out = append(out, part{height: 3, draw: func(y float64) { // the double rule
		b.f.SetLineWidth(0.7)
		b.f.Line(edge, y+1.2, edge+b.inner, y+1.2)
		b.f.SetLineWidth(0.2)
		b.f.Line(edge, y+2.2, edge+b.inner, y+2.2)
	}}, space(1.5), b.line(h.Title, 12, true, centre, 6))
	if h.Notice != "" {
		out = append(out, b.line(h.Notice, 8, false, centre, 4))
	}
	out = append(out, space(1.5))
	half := b.inner / 2
	for i := range max(len(h.Left), len(h.Right)) {
		out = append(out, b.facts(h, i, half))
	}
	return append(out, space(2))
}

// emblem draws the lambang left of the kop.
func (b *press) emblem(first part, high float64) part {
	img := b.print.Heading.Letterhead.Emblem
	kind := "PNG"
	if bytes.HasPrefix(img, []byte("\xff\xd8")) {
		kind = "JPG"
	}
	opt := fpdf.ImageOptions{ImageType: kind}
	b.f.RegisterImageOptionsReader("emblem", opt, bytes.NewReader(img))
	draw := first.draw
	first.draw = func(y float64) {
		b.f.ImageOptions("emblem", edge+6, y, 0, high, false, opt, 0, "")
		draw(y)
	}
	return first
}

// facts is one line of the heading's two halves.
func (b *press) facts(h Heading, i int, half float64) part {
	const label, size = 26.0, 9.0
	b.font(size, false)
	most := 1
	values := [2][]string{}
	for side, info := range [][]Line{h.Left, h.Right} {
		if i < len(info) {
			values[side] = b.wrap(info[i].Value, half-label-4)
			most = max(most, len(values[side]))
		}
	}
	return part{height: 1 + 3.8*float64(most), draw: func(y float64) {
		b.font(size, false)
		for side, info := range [][]Line{h.Left, h.Right} {
			if i >= len(info) {
				continue
			}
			x := edge + float64(side)*half
			b.text(clean(info[i].Label), x, y+2.4, label, left)
			b.text(":", x+label, y+2.4, 2, left)
			for n, s := range values[side] {
				b.text(s, x+label+2.5, y+2.4+3.8*float64(n), half-label-4, left)
			}
		}
	}}
}

// running heads the pages after the first.
func (b *press) running() part {
	return b.line(footer(b.print.Heading), 8, false, left, 6)
}

// foot stands below every page.
func (b *press) foot(n, of int) {
	b.font(7.5, false)
	y := b.print.Paper.Height - 7
	b.f.SetLineWidth(0.2)
	b.f.Line(edge, y-3, edge+b.inner, y-3)
	b.text(clean(b.print.Heading.Seal.line()), edge, y, b.inner-40, left)
	b.text(fmt.Sprintf("Halaman %d dari %d", n, of), edge, y, b.inner, right)
}

// closing is the signature on the right and, of a ratified list, how to verify it on the left.
func (b *press) closing() page {
	h := b.print.Heading
	s := h.Signer
	width, tall := 95.0, 46.0
	x := edge + b.inner - width
	name := clean(s.Name)
	if name == "" {
		name = strings.Repeat(".", 60)
	}
	return page{space(4), part{height: tall, draw: func(y float64) {
		b.font(9, false)
		b.text(clean(s.City+", "+h.Date), x, y+2.5, width, centre)
		at := y + 7
		for _, l := range b.wrap(s.Office, width) {
			b.text(l, x, at, width, centre)
			at += 4
		}
		at = max(at, y+11) + 17
		b.font(9, s.Name != "")
		b.text(name, x, at, width, centre)
		if s.Name != "" {
			half := b.f.GetStringWidth(name) / 2
			b.f.SetLineWidth(0.2)
			b.f.Line(x+width/2-half, at+2, x+width/2+half, at+2)
		}
		b.font(9, false)
		if s.Rank != "" {
			at += 4.5
			b.text(clean(s.Rank), x, at, width, centre)
		}
		if s.NIP != "" {
			at += 4.5
			b.text("NIP. "+clean(s.NIP), x, at, width, centre)
		}
		if h.Seal != (Seal{}) {
			b.seal(h.Seal, y, width)
		}
	}}}
}

// seal is the QR of the verification page with what it is to show.
func (b *press) seal(s Seal, y, signature float64) {
	const qr = 30.0
	if s.Link != "" {
		b.square(s.Link, edge, y, qr)
	}
	x := edge + qr + 4
	w := b.inner - signature - qr - 10
	at := y + 2.5
	b.font(8, true)
	for _, l := range b.wrap(s.Status, w) {
		b.text(l, x, at, w, left)
		at += 3.8
	}
	b.font(7.5, false)
	for _, l := range s.explain() {
		for _, l := range b.wrap(l, w) {
			b.text(l, x, at, w, left)
			at += 3.5
		}
	}
}

// square draws a QR code as filled rectangles: sharp at any size.
func (b *press) square(content string, x, y, size float64) {
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		b.f.SetError(err)
		return
	}
	code.DisableBorder = true
	bits := code.Bitmap()
	dot := size / float64(len(bits))
	b.f.SetFillColor(0, 0, 0)
	for i, row := range bits {
		for j := 0; j < len(row); j++ {
			from := j
			for j < len(row) && row[j] {
				j++
			}
			if j > from { // a run of dark dots is one rectangle
				b.f.Rect(x+float64(from)*dot, y+float64(i)*dot, float64(j-from)*dot, dot, "F")
			}
		}
	}
	b.f.SetFillColor(255, 255, 255)
}
