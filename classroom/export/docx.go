package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/jpeg" // an emblem's size
	_ "image/png"
	"io"
	"strings"
	"time"
	"unicode"
)

// The parts of WordprocessingML (ECMA-376 part 1, clause 17) that a document of kop, paragraphs, tables and a numbered foot needs,
// in the packaging of part 2. Lengths are in twentieths of a point (twips) where no unit is named.
const (
	folioWide, folioHigh = 12240, 18720 // F4, 8.5 x 13 inches
	docMargin            = 1134         // 2 cm
	docInner             = folioWide - 2*docMargin
	emuPerTwip           = 635
)

// docx builds the body of one document. Its methods append; what people wrote goes through docText alone.
type docx struct {
	body   strings.Builder
	emblem []byte // nil for none
}

// docText is text as XML can hold it and a reader shows it in order: controls become spaces, invisible formatting (bidi controls,
// zero-width characters) goes, and what XML 1.0 has no place for becomes U+FFFD. Line breaks stay.
func docText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == unicode.ReplacementChar, r == '\ufffe', r == '\uffff':
			return '\ufffd'
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// run is text in one look, as a w:r; look is what stands in its w:rPr.
func run(look, s string) string {
	var b strings.Builder
	for i, line := range strings.Split(docText(s), "\n") {
		b.WriteString("<w:r>")
		if look != "" {
			b.WriteString("<w:rPr>" + look + "</w:rPr>")
		}
		if i > 0 {
			b.WriteString("<w:br/>")
		}
		b.WriteString(`<w:t xml:space="preserve">`)
		_ = xml.EscapeText(&b, []byte(line)) // a Builder never fails
		b.WriteString("</w:t></w:r>")
	}
	return b.String()
}

const bold = "<w:b/>"

// para is a paragraph; as is what stands in its w:pPr.
func para(as string, runs ...string) string {
	if as != "" {
		as = "<w:pPr>" + as + "</w:pPr>"
	}
	return "<w:p>" + as + strings.Join(runs, "") + "</w:p>"
}

func (d *docx) add(xml string) { d.body.WriteString(xml) }

// heading opens a part of the document and stays with what follows.
func (d *docx) heading(s string) { d.add(para(`<w:pStyle w:val="Heading1"/>`, run("", s))) }

// box is one cell of a table: its width in twips and its paragraphs.
func box(width int, paras ...string) string {
	return fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc>`, width, strings.Join(paras, ""))
}

// table opens a table of columns with the widths; style names one of docStyles.
func (d *docx) table(style string, widths []int, rows ...[]string) {
	fmt.Fprintf(&d.body, `<w:tbl><w:tblPr><w:tblStyle w:val="%s"/><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`, style, sum(widths))
	for _, w := range widths {
		fmt.Fprintf(&d.body, `<w:gridCol w:w="%d"/>`, w)
	}
	d.add("</w:tblGrid>")
	for _, row := range rows {
		d.add("<w:tr><w:trPr><w:cantSplit/></w:trPr>" + strings.Join(row, "") + "</w:tr>")
	}
	d.add("</w:tbl>")
}

// together is up to how many rows a list stays on one page.
const together = 12

// list is a table with a head that is repeated on every page. The columns are named by title, as wide as widths; those whose title
// ends in a star stand to the right.
func (d *docx) list(titles []string, widths []int, rows [][]string) {
	right := make([]string, len(titles))
	head := make([]string, len(titles))
	for i, title := range titles {
		name, numbers := strings.CutSuffix(title, "*")
		if numbers {
			right[i] = `<w:jc w:val="right"/>`
		}
		head[i] = box(widths[i], para(`<w:keepNext/>`+right[i], run(bold, name)))
	}
	fmt.Fprintf(&d.body, `<w:tbl><w:tblPr><w:tblStyle w:val="List"/><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`, sum(widths))
	for _, w := range widths {
		fmt.Fprintf(&d.body, `<w:gridCol w:w="%d"/>`, w)
	}
	d.add("</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" + strings.Join(head, "") + "</w:tr>")
	for n, row := range rows {
		keep := ""
		if len(rows) <= together && n < len(rows)-1 {
			keep = "<w:keepNext/>"
		}
		d.add("<w:tr><w:trPr><w:cantSplit/></w:trPr>")
		for i, cell := range row {
			d.add(box(widths[i], para(keep+right[i], run("", cell))))
		}
		d.add("</w:tr>")
	}
	d.add("</w:tbl>")
}

func sum(widths []int) (all int) {
	for _, w := range widths {
		all += w
	}
	return all
}

// picture is the emblem as a run, so high; "" if it is none that can be drawn.
func (d *docx) picture(img []byte, high int) string {
	size, _, err := image.DecodeConfig(bytes.NewReader(img))
	if err != nil || size.Height == 0 {
		return ""
	}
	d.emblem = img
	cy := high * emuPerTwip
	cx := cy * size.Width / size.Height
	return fmt.Sprintf(`<w:r><w:drawing><wp:inline><wp:extent cx="%[1]d" cy="%[2]d"/><wp:docPr id="1" name="Lambang" descr="Lambang daerah"/>`+
		`<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Lambang"/><pic:cNvPicPr/></pic:nvPicPr>`+
		`<pic:blipFill><a:blip r:embed="rId3"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`+
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%[1]d" cy="%[2]d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>`+
		`</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`, cx, cy)
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	docNS   = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
		` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"` +
		` xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
		` xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`
	relNS = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// docStyles are the looks: the text, the heads of parts, a table without lines and one with.
const docStyles = xmlHead + `<w:styles` + docNS + `>` +
	`<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Arial"/><w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="id-ID"/></w:rPr></w:rPrDefault>` +
	`<w:pPrDefault><w:pPr><w:spacing w:after="40" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:before="160" w:after="120"/><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="22"/></w:rPr></w:style>` +
	`<w:style w:type="table" w:default="1" w:styleId="Plain"><w:name w:val="Normal Table"/><w:tblPr><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
	`<w:style w:type="table" w:styleId="List"><w:name w:val="List"/><w:basedOn w:val="Plain"/><w:tblPr><w:tblBorders>` +
	`<w:top w:val="single" w:sz="4" w:color="808080"/><w:left w:val="single" w:sz="4" w:color="808080"/><w:bottom w:val="single" w:sz="4" w:color="808080"/><w:right w:val="single" w:sz="4" w:color="808080"/><w:insideH w:val="single" w:sz="4" w:color="808080"/><w:insideV w:val="single" w:sz="4" w:color="808080"/>` +
	`</w:tblBorders><w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
	`</w:styles>`

// docSettings keep Word from opening the file as one of an old version, whose tables stick out into the margin.
const docSettings = xmlHead + `<w:settings` + docNS + `><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`

// docPart is one file of the package.
type docPart struct {
	name string
	data []byte
}

// parts are the document's files, in the order in which they are written; foot stands below every page, before its number.
func (d *docx) parts(title, foot string, created time.Time) []docPart {
	rel := func(id, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="%s" Type="%s" Target="%s"/>`, id, kind, target)
	}
	rels := func(list ...string) []byte {
		return []byte(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + strings.Join(list, "") + `</Relationships>`)
	}
	field := func(name string) string {
		return `<w:fldSimple w:instr=" ` + name + ` "><w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>`
	}
	grey := `<w:sz w:val="16"/>`
	var name strings.Builder
	_ = xml.EscapeText(&name, []byte(docText(title)))
	at := created.UTC().Format(time.RFC3339)
	kind, ext := "image/png", "png"
	if bytes.HasPrefix(d.emblem, []byte("\xff\xd8")) {
		kind, ext = "image/jpeg", "jpg"
	}
	links := []string{rel("rId1", relNS+"styles", "styles.xml"), rel("rId2", relNS+"footer", "footer1.xml"), rel("rId4", relNS+"settings", "settings.xml")}
	types := ""
	if d.emblem != nil {
		links = append(links, rel("rId3", relNS+"image", "media/emblem."+ext))
		types = fmt.Sprintf(`<Default Extension="%s" ContentType="%s"/>`, ext, kind)
	}
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	out := []docPart{
		{"[Content_Types].xml", []byte(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` + types +
			`<Override PartName="/word/document.xml" ContentType="` + word + `document.main+xml"/><Override PartName="/word/styles.xml" ContentType="` + word + `styles+xml"/>` +
			`<Override PartName="/word/settings.xml" ContentType="` + word + `settings+xml"/>` +
			`<Override PartName="/word/footer1.xml" ContentType="` + word + `footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`)},
		{"_rels/.rels", rels(rel("rId1", relNS+"officeDocument", "word/document.xml"),
			rel("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"))},
		{"docProps/core.xml", []byte(xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
			`<dc:title>` + name.String() + `</dc:title><dc:creator>Betang</dc:creator><dc:language>id-ID</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created></cp:coreProperties>`)},
		{"word/document.xml", []byte(xmlHead + `<w:document` + docNS + `><w:body>` + d.body.String() +
			fmt.Sprintf(`<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="%d" w:h="%d"/><w:pgMar w:top="%[3]d" w:right="%[3]d" w:bottom="%[3]d" w:left="%[3]d" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`, folioWide, folioHigh, docMargin) +
			`</w:body></w:document>`)},
		{"word/_rels/document.xml.rels", rels(links...)},
		{"word/styles.xml", []byte(docStyles)},
		{"word/settings.xml", []byte(docSettings)},
		{"word/footer1.xml", []byte(xmlHead + `<w:ftr` + docNS + `>` +
			para(fmt.Sprintf(`<w:pBdr><w:top w:val="single" w:sz="4" w:space="4" w:color="808080"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, docInner),
				run(grey, foot), `<w:r><w:tab/></w:r>`, run(grey, "Halaman "), field("PAGE"), run(grey, " dari "), field("NUMPAGES")) + `</w:ftr>`)},
	}
	if d.emblem != nil {
		out = append(out, docPart{"word/media/emblem." + ext, d.emblem})
	}
	return out
}

// writeZip writes the parts; the same parts give the same bytes.
func writeZip(w io.Writer, parts []docPart, at time.Time) error {
	z := zip.NewWriter(w)
	for _, p := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: at.UTC()})
		if err != nil {
			return err
		}
		if _, err := f.Write(p.data); err != nil {
			return err
		}
	}
	return z.Close()
}
