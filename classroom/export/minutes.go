package export

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/notes"
	"betang/classroom/poll"
)

// DOCX is the media type of a document of Word.
const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// mostTexts is how many written answers of a poll the minutes cite; the sheet of polls has them all.
const mostTexts = 30

// Minutes are the notulen of one event: what the minute-taker wrote, and what the server itself knows took place. Who asked and who
// answered what is in no line of it: minutes go round.
type Minutes struct {
	Sheet  classroom.Sheet
	Room   *classroom.Room
	Facts  []classroom.Fact
	Office Office
}

// WriteDOCX writes the minutes for Word and LibreOffice, F4 upright, to be completed and signed. The same event gives the same bytes.
func (m Minutes) WriteDOCX(w io.Writer) error {
	h := NewHeading(m.Sheet)
	if m.Office.Letterhead.Office != "" {
		h.Letterhead = m.Office.Letterhead
	}
	if m.Office.Signer.City != "" {
		h.Signer = m.Office.Signer
	}
	d := &docx{}
	d.kop(h.Letterhead)
	d.add(para(`<w:pStyle w:val="Title"/>`, run("", "NOTULEN")))
	if h.Notice != "" {
		d.add(para(`<w:jc w:val="center"/>`, run(`<w:i/>`, h.Notice)))
	}
	m.facts(d, h)
	m.agenda(d)
	m.notes(d)
	m.questions(d)
	m.polls(d)
	m.tests(d)
	d.signatures(h)
	title := "Notulen " + m.Sheet.Event.Title
	if err := writeZip(w, d.parts(title, title, h.Created), h.Created); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// kop is the letterhead with its double rule.
func (d *docx) kop(k Letterhead) {
	const high = 1200 // of the emblem
	line := func(size int, look, s string) string {
		return para(`<w:spacing w:after="0"/><w:jc w:val="center"/>`, run(fmt.Sprintf(`%s<w:sz w:val="%d"/>`, look, size), s))
	}
	lines := []string{line(26, bold, k.Government), line(30, bold, k.Office)}
	if k.Address != "" {
		lines = append(lines, line(18, "", k.Address))
	}
	if pic := d.picture(k.Emblem, high); pic != "" {
		const side = 1400
		d.table("Plain", []int{side, docInner - side}, []string{box(side, para(`<w:jc w:val="center"/>`, pic)), box(docInner-side, lines...)})
	} else {
		d.add(strings.Join(lines, ""))
	}
	d.add(para(`<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="18" w:space="1" w:color="000000"/></w:pBdr><w:spacing w:after="0" w:line="120" w:lineRule="exact"/>`))
}

// facts say what, when, where, and how many came.
func (m Minutes) facts(d *docx, h Heading) {
	const label, colon = 2300, 300
	ev := m.Sheet.Event
	came, meets := 0, 0
	for _, row := range m.Sheet.Rows {
		if len(row.Result.Intervals) > 0 {
			came++
		}
		if row.Result.Meets {
			meets++
		}
	}
	lines := []Line{
		h.Left[0], h.Left[1], h.Left[2],
		{"Siaran langsung", broadcast(m.Sheet)},
		{"Tempat", ev.Place},
		{"Narasumber", ev.Speaker},
		{"Penyelenggara", ev.Host},
		{"Kehadiran", fmt.Sprintf("%d peserta tercatat hadir, %d memenuhi syarat kehadiran", came, meets)},
	}
	var rows [][]string
	for _, l := range lines {
		if l.Value != "" {
			rows = append(rows, []string{box(label, para("", run("", l.Label))), box(colon, para("", run("", ":"))), box(docInner-label-colon, para("", run("", l.Value)))})
		}
	}
	d.table("Plain", []int{label, colon, docInner - label - colon}, rows...)
}

// agenda is the rundown as it ran.
func (m Minutes) agenda(d *docx) {
	runs := classroom.CueRuns(m.Facts)
	if len(runs) == 0 {
		return
	}
	var rows [][]string
	for i, c := range runs {
		to, plan := "", ""
		if !c.To.IsZero() {
			to = hour(c.To)
		}
		if c.Cue.Minutes > 0 {
			plan = strconv.Itoa(c.Cue.Minutes)
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), c.Cue.Title, plan, hour(c.From), to})
	}
	d.heading("Susunan acara (WIB)")
	d.list([]string{"No*", "Acara", "Rencana (menit)*", "Mulai*", "Selesai*"}, []int{700, docInner - 700 - 1500 - 2*1100, 1500, 1100, 1100}, rows)
}

// notes are the minute-taker's own points.
func (m Minutes) notes(d *docx) {
	var all []notes.Note
	for _, n := range m.Room.Notes(0) {
		all = append(all, n.Note)
	}
	points := func(title string, kind notes.Kind, indent int) {
		list := notes.Standing(all, kind)
		if len(list) == 0 {
			return
		}
		d.heading(title)
		for i, n := range list {
			head := strconv.Itoa(i+1) + "."
			if kind == notes.Remark {
				head += " [" + hour(time.UnixMilli(n.At)) + "]"
			}
			d.add(para(fmt.Sprintf(`<w:tabs><w:tab w:val="left" w:pos="%[1]d"/></w:tabs><w:ind w:left="%[1]d" w:hanging="%[1]d"/>`, indent), run("", head), `<w:r><w:tab/></w:r>`, run("", n.Text)))
		}
	}
	points("Catatan", notes.Remark, 1200)
	points("Keputusan", notes.Decision, 500)
	if list := notes.Standing(all, notes.Action); len(list) > 0 {
		var rows [][]string
		for i, n := range list {
			rows = append(rows, []string{strconv.Itoa(i + 1), n.Text, n.Who, n.Due})
		}
		d.heading("Tindak lanjut")
		d.list([]string{"No*", "Tindak lanjut", "Penanggung jawab", "Tenggat"}, []int{700, docInner - 700 - 2500 - 1800, 2500, 1800}, rows)
	}
}

// questions are those that were answered.
func (m Minutes) questions(d *docx) {
	var rows [][]string
	for _, q := range m.Room.Questions(0) {
		if q.Status != classroom.QuestionAnswered {
			continue
		}
		answer := q.Answer
		if answer == "" {
			answer = "Dijawab langsung."
		}
		rows = append(rows, []string{strconv.Itoa(len(rows) + 1), q.Text, answer, strconv.Itoa(q.Support)})
	}
	if len(rows) == 0 {
		return
	}
	d.heading("Tanya jawab")
	wide := (docInner - 700 - 1200) / 2
	d.list([]string{"No*", "Pertanyaan", "Jawaban", "Dukungan*"}, []int{700, wide, docInner - 700 - 1200 - wide, 1200}, rows)
}

// polls are what came of each poll that is of no test.
func (m Minutes) polls(d *docx) {
	first := true
	for _, p := range asked(m.Room) {
		if first {
			d.heading("Jajak pendapat")
			first = false
		}
		d.add(para(`<w:keepNext/><w:spacing w:before="120"/>`, run(bold, p.Spec.Text), run("", fmt.Sprintf(" (%s, %d orang menjawab)", pollKinds[p.Spec.Kind], p.Tally.N))))
		if p.Spec.Kind == poll.Text {
			texts := written(m.Room, p)
			for _, s := range texts[:min(len(texts), mostTexts)] {
				d.add(para(`<w:ind w:left="400" w:hanging="250"/>`, run("", "– "+s)))
			}
			if rest := len(texts) - mostTexts; rest > 0 {
				d.add(para(`<w:ind w:left="150"/>`, run(`<w:i/>`, fmt.Sprintf("dan %d jawaban lain", rest))))
			}
			continue
		}
		var rows [][]string
		for i, n := range p.Tally.Counts {
			rows = append(rows, []string{answerName(p.Spec, i), strconv.Itoa(n), strconv.Itoa(percent(n, p.Tally.N)) + " %"})
		}
		d.list([]string{"Pilihan", "Jumlah*", "Persen*"}, []int{docInner - 2400, 1200, 1200}, rows)
	}
}

// tests are the mean marks of the pre-test and the post-test.
func (m Minutes) tests(d *docx) {
	var rows [][]string
	for _, set := range []poll.Set{poll.Pre, poll.Post} {
		n, total := 0, 0
		for _, row := range m.Sheet.Rows {
			if right, of, sat := m.Room.Score(set, row.Person.ID); sat {
				n, total = n+1, total+percent(right, of)
			}
		}
		if n > 0 {
			rows = append(rows, []string{setNames[set], strconv.Itoa(n), strconv.Itoa((2*total + n) / (2 * n))})
		}
	}
	if len(rows) == 0 {
		return
	}
	d.heading("Pre-test dan post-test")
	d.list([]string{"Tes", "Peserta*", "Nilai rata-rata (dari 100)*"}, []int{docInner - 4500, 1500, 3000}, rows)
}

// signatures are two: who took the minutes, and the office.
func (d *docx) signatures(h Heading) {
	const half = docInner / 2
	s := h.Signer
	mid := `<w:keepNext/><w:spacing w:after="0"/><w:jc w:val="center"/>`
	name := s.Name
	dots := strings.Repeat(".", 44)
	if name == "" {
		name = dots
	}
	nip := ""
	if s.NIP != "" {
		nip = "NIP. " + s.NIP
	}
	d.add(para(`<w:keepNext/><w:spacing w:after="240"/>`))
	row := func(look, left, right string) []string {
		return []string{box(half, para(mid, run(look, left))), box(half, para(mid, run(look, right)))}
	}
	room := para(mid) // to sign
	d.table("Plain", []int{half, half}, row("", "Mengetahui,", s.City+", "+h.Date), row("", s.Office, "Notulis,"),
		[]string{box(half, room, room, room, room), box(half, room)}, row(bold, name, dots), row("", s.Rank, ""), row("", nip, ""))
	d.add(para(`<w:spacing w:after="0"/>`)) // a document does not end in a table
}
