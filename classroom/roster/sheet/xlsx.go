package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"betang/classroom/roster"
)

// readWorkbook reads an Office Open XML workbook (ECMA-376 part 1, 18): the sheets that are not hidden, in their
// order. A value that several rows share in merged cells is given to each of them, because lists name an agency once
// for all its people; cells merged over columns keep their value in the first.
func readWorkbook(data []byte, progress Progress) ([]roster.Sheet, error) {
	pack, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, refuse(CodeBroken, err)
	}
	parts := map[string]*zip.File{}
	for _, f := range pack.File {
		parts[strings.TrimPrefix(strings.ToLower(f.Name), "/")] = f
	}
	names, err := sheetParts(parts)
	if err != nil {
		return nil, err
	}
	var total int64
	for _, n := range names {
		if f := parts[n.part]; f != nil {
			total += int64(f.UncompressedSize64)
		}
	}
	var shared []string
	var before int64
	if f := parts["xl/sharedstrings.xml"]; f != nil {
		before = int64(f.UncompressedSize64)
		total += before
		if shared, err = sharedStrings(f, func(done int64) { progress(done, total) }); err != nil {
			return nil, err
		}
	}
	var out []roster.Sheet
	g := gauge{}
	for _, n := range names {
		f := parts[n.part]
		if f == nil {
			continue // a chart's sheet has no cells
		}
		s, err := readSheet(f, n.name, shared, &g, func(done int64) { progress(before+done, total) })
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		before += int64(f.UncompressedSize64)
	}
	progress(total, total)
	return out, nil
}

type sheetPart struct{ name, part string }

// sheetParts gives the names of the visible sheets and where they lie in the package.
func sheetParts(parts map[string]*zip.File) ([]sheetPart, error) {
	book, links := parts["xl/workbook.xml"], parts["xl/_rels/workbook.xml.rels"]
	if book == nil || links == nil {
		return nil, refuse(CodeUnknown, nil) // .ods, .docx, or any other zip
	}
	targets := map[string]string{}
	err := walk(links, nil, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" {
			to := attr(e, "Target")
			if !strings.HasPrefix(to, "/") {
				to = path.Join("xl", to)
			}
			targets[attr(e, "Id")] = strings.ToLower(strings.TrimPrefix(to, "/"))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []sheetPart
	err = walk(book, nil, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "sheet" {
			if state := attr(e, "state"); state == "" || state == "visible" {
				out = append(out, sheetPart{clip(attr(e, "name")), targets[attr(e, "id")]})
			}
		}
		return nil
	})
	return out, err
}

// sharedStrings reads the text that cells refer to by number.
func sharedStrings(f *zip.File, progress func(int64)) ([]string, error) {
	var out []string
	var text strings.Builder
	phonetic, inText := 0, false
	err := walk(f, progress, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "si":
				text.Reset()
			case "rPh":
				phonetic++
			case "t":
				inText = phonetic == 0
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "si":
				if len(out) >= maxCells {
					return refuse(CodeTooBig, nil)
				}
				out = append(out, clip(text.String()))
			case "rPh":
				phonetic--
			case "t":
				inText = false
			}
		case xml.CharData:
			if inText && text.Len() <= maxText {
				text.Write(e)
			}
		}
		return nil
	})
	return out, err
}

// span is a merged range that reaches over rows: the value of its first cell belongs to all of them.
type span struct{ column, from, to int }

func readSheet(f *zip.File, name string, shared []string, g *gauge, progress func(int64)) (roster.Sheet, error) {
	out := roster.Sheet{Name: name}
	var spans []span
	var cells []string
	var value strings.Builder
	row, column, kind, inValue, phonetic := 0, -1, "", false, 0
	err := walk(f, progress, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "row":
				row++
				if n, err := strconv.Atoi(attr(e, "r")); err == nil && n >= row {
					row = n
				}
				cells, column = nil, -1
			case "c":
				column++
				if c := columnOf(attr(e, "r")); c >= 0 {
					column = c
				}
				kind = attr(e, "t")
				value.Reset()
			case "v":
				inValue = kind != "inlineStr"
			case "t":
				inValue = kind == "inlineStr" && phonetic == 0
			case "rPh":
				phonetic++
			case "mergeCell":
				if s, ok := parseSpan(attr(e, "ref")); ok && len(spans) < maxRows {
					spans = append(spans, s)
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "v", "t":
				inValue = false
			case "rPh":
				phonetic--
			case "c":
				text := cellText(kind, value.String(), shared)
				if text == "" || column >= maxColumn {
					return nil
				}
				for len(cells) <= column {
					cells = append(cells, "")
				}
				cells[column] = text
			case "row":
				return g.add(&out, row, cells)
			}
		case xml.CharData:
			if inValue && value.Len() <= maxText {
				value.Write(e)
			}
		}
		return nil
	})
	fill(&out, spans)
	return out, err
}

func cellText(kind, value string, shared []string) string {
	switch kind {
	case "s":
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n >= 0 && n < len(shared) {
			return shared[n]
		}
		return ""
	case "e": // #N/A, #REF!: says nothing about a person
		return ""
	}
	return clip(value)
}

// fill gives merged values to all rows of their range that hold anything at all.
func fill(s *roster.Sheet, spans []span) {
	at := make(map[int]int, len(s.Rows))
	for i, r := range s.Rows {
		at[r.No] = i
	}
	budget := maxCells // ranges of an honest file do not overlap
	for _, sp := range spans {
		i, ok := at[sp.from]
		if !ok || sp.column >= len(s.Rows[i].Cells) {
			continue
		}
		value := s.Rows[i].Cells[sp.column]
		for ; i < len(s.Rows) && s.Rows[i].No <= sp.to && budget > 0; i++ {
			budget--
			cells := s.Rows[i].Cells
			for len(cells) <= sp.column {
				cells = append(cells, "")
			}
			if cells[sp.column] == "" {
				cells[sp.column] = value
			}
			s.Rows[i].Cells = cells
		}
	}
}

// parseSpan reads "B5:B9". Ranges of one row are nothing to fill.
func parseSpan(ref string) (span, bool) {
	first, last, ok := strings.Cut(ref, ":")
	if !ok {
		return span{}, false
	}
	s := span{columnOf(first), rowOf(first), rowOf(last)}
	return s, s.column >= 0 && s.column < maxColumn && s.from > 0 && s.to > s.from
}

// columnOf is the column of a cell's name, from 0; -1 if it has none.
func columnOf(ref string) int {
	n := 0
	for i := range len(ref) {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' || n > 20_000 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

func rowOf(ref string) int {
	n, err := strconv.Atoi(strings.TrimLeft(strings.ToUpper(ref), "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"))
	if err != nil {
		return 0
	}
	return n
}

// walk hands every token of a part to take.
func walk(f *zip.File, progress func(int64), take func(xml.Token) error) error {
	rc, err := f.Open()
	if err != nil {
		return refuse(CodeBroken, err)
	}
	defer rc.Close()
	bounded := &io.LimitedReader{R: rc, N: maxPacked}
	dec := xml.NewDecoder(bounded)
	for n := 0; ; n++ {
		t, err := dec.RawToken()
		switch {
		case errors.Is(err, io.EOF) && bounded.N > 0:
			return nil
		case bounded.N <= 0:
			return refuse(CodeTooBig, nil)
		case err != nil:
			return refuse(CodeBroken, err)
		}
		if err := take(t); err != nil {
			return err
		}
		if progress != nil && n%20_000 == 0 {
			progress(maxPacked - bounded.N)
		}
	}
}

// attr gives an attribute by its name without a namespace's prefix.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
