package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/notes"
	"betang/classroom/poll"
)

// emblem is a PNG, half as high again as wide.
func emblem(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 20, 30))
	for y := range 30 {
		for x := range 20 {
			img.Set(x, y, color.RGBA{18, 87, 80, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lecture is an event with a rundown, notes of each kind, questions, polls and tests.
func lecture(t *testing.T) Minutes {
	q := newQuiz(t)
	op := operator
	for _, c := range []classroom.Cue{{Title: "Indonesia Raya", Minutes: 5, Uncounted: true}, {Title: "Paparan <Gubernur>", Minutes: 60}, {Title: "Tanya jawab"}} {
		q.do(op, classroom.PutCue{Cue: c})
	}
	live := q.at
	q.do(op, classroom.SetPhase{To: classroom.Live})
	for i, c := range q.room.Rundown().Cues {
		q.at = q.at.Add(time.Duration(5+10*i) * time.Minute)
		q.do(op, classroom.StartCue{Cue: c.ID, From: q.room.Rundown().Now})
	}
	for _, id := range []string{"a", "b"} {
		q.do(participant(id), classroom.Ask{Text: "Apa & <script>alert(1)</script> bagi " + id + "?"})
	}
	q.do(op, classroom.Approve{Question: "q1"})
	q.do(op, classroom.Approve{Question: "q2"})
	q.do(participant("b"), classroom.Support{Question: "q1", On: true})
	q.do(op, classroom.Answer{Question: "q1"})
	q.do(op, classroom.Answer{Question: "q2", Text: "Menyusul\ndalam surat edaran."})
	q.answer("a", 1, poll.Answer{Pick: 2})
	q.answer("b", 1, poll.Answer{Pick: 1})
	q.answer("a", 2, poll.Answer{Pick: 6})
	q.answer("a", 3, poll.Answer{Text: "Materi \u202edibalik\u202c dan z\u0351\u0352\u0353algo 👏🏽"})
	q.answer("b", 4, poll.Answer{Text: "Tetap dilanjutkan"})
	q.answer("a", 5, poll.Answer{Value: 4})
	q.answer("b", 5, poll.Answer{Value: 5})
	scribe := classroom.Actor{Role: classroom.RoleMinutes, Session: "s-n", Name: "Notulis"}
	q.do(scribe, classroom.PutNote{Kind: notes.Remark, Text: "Gubernur membuka acara.\nHadir pula Wakil Gubernur."})
	q.do(scribe, classroom.PutNote{Kind: notes.Decision, Text: "Diklat daring dua kali setahun"})
	q.do(scribe, classroom.PutNote{Kind: notes.Action, Text: "Menyusun jadwal", Who: "BPSDM", Due: "12 Desember 2026"})
	q.do(scribe, classroom.PutNote{Kind: notes.Remark, Text: "Salah tulis"})
	q.do(scribe, classroom.DropNote{Note: "n4"})
	q.at = q.at.Add(20 * time.Minute)
	q.do(op, classroom.SetPhase{To: classroom.Ended})
	sheet := q.sheet()
	sheet.Live = attend.Window{{From: live.UnixMilli(), To: q.at.UnixMilli()}}
	sheet.Rows[0].Result = attend.Result{Meets: true, Intervals: []attend.Interval{{From: live.UnixMilli(), To: q.at.UnixMilli()}}}
	return Minutes{Sheet: sheet, Room: q.room, Facts: q.facts, Office: Office{
		Letterhead: Letterhead{Government: "PEMERINTAH PROVINSI KALIMANTAN TENGAH", Office: "BADAN PENGEMBANGAN SUMBER DAYA MANUSIA", Address: "Jalan Brigjen Katamso Nomor 2, Palangka Raya", Emblem: emblem(t)},
		Signer:     Signer{City: "Palangka Raya", Office: "Kepala Badan Pengembangan Sumber Daya Manusia", Name: "Nama Kepala, M.Si.", Rank: "Pembina Utama Muda (IV/c)", NIP: "197001011995031001"},
	}}
}

func docxBytes(t testing.TB, m Minutes) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteDOCX(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// docxParts reads the XML parts of a document, in the order in which they stand.
func docxParts(t testing.TB, file []byte) (names []string, parts map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
		parts[f.Name] = string(data)
	}
	return names, parts
}

// TestMinutes holds the document against what it was. BETANG_DOCX names a file that gets it, to be opened in a word processor.
func TestMinutes(t *testing.T) {
	file := docxBytes(t, lecture(t))
	if path := os.Getenv("BETANG_DOCX"); path != "" {
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(file, docxBytes(t, lecture(t))) {
		t.Error("the same event gave other bytes")
	}
	names, parts := docxParts(t, file)
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, ".png") {
			all.WriteString("== " + name + "\n")
			continue
		}
		d := xml.NewDecoder(strings.NewReader(parts[name]))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is no XML: %v", name, err)
			}
		}
		all.WriteString("== " + name + "\n" + strings.ReplaceAll(parts[name], "><w:", ">\n<w:") + "\n")
	}
	golden(t, "minutes.docx.golden", []byte(all.String()))
	for _, not := range []string{"<script>", "\u202e", "Salah tulis", "Nama a", "Nama b", "1990010120150310"} {
		if strings.Contains(parts["word/document.xml"], not) {
			t.Errorf("the minutes have %q", not)
		}
	}
}

// TestMinutesOfNothing: an event without a rundown, notes, questions or polls still gives a document.
func TestMinutesOfNothing(t *testing.T) {
	room := classroom.NewRoom(classroom.Event{ID: "demo", Title: "Kosong"})
	_, parts := docxParts(t, docxBytes(t, Minutes{Sheet: classroom.Sheet{Event: room.Event()}, Room: room}))
	doc := parts["word/document.xml"]
	for _, want := range []string{"Kosong", "Data sementara", "Mengetahui,", "Notulis,"} {
		if !strings.Contains(doc, want) {
			t.Errorf("the minutes lack %q", want)
		}
	}
	for _, not := range []string{"Susunan acara", "Catatan", "Tanya jawab", "Jajak pendapat", "Pre-test", "<w:drawing"} {
		if strings.Contains(doc, not) {
			t.Errorf("the minutes have %q", not)
		}
	}
}

// FuzzDocText: whatever people type, the document is XML and says the same.
func FuzzDocText(f *testing.F) {
	for _, s := range []string{"", "Halo", "<w:t>", "]]>&amp;\x00\x1f\ufffe\u202e\r\n\tz\u0351", "\xff\xfe", "👏🏽\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := xml.NewDecoder(strings.NewReader("<p>" + run("", s) + "</p>"))
		var said strings.Builder
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			switch x := token.(type) {
			case xml.CharData:
				said.Write(x)
			case xml.StartElement:
				if x.Name.Local == "br" {
					said.WriteByte('\n')
				}
			}
		}
		if said.String() != docText(s) {
			t.Fatalf("%q was written as %q, want %q", s, said.String(), docText(s))
		}
	})
}
