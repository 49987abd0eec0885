package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

// odd is the data of an event with a hall, its marks, and two people who came in from one browser.
func odd(t *testing.T) (dir string) {
	t.Helper()
	dir = ended(t)
	start := time.Now().UTC().Truncate(time.Minute).Add(-3 * time.Hour) // late marks are still taken
	p := pastLecture(t, dir, classroom.Event{ID: "aula", Title: "Kuliah Umum di Aula", StartsAt: start})
	pic := classroom.Actor{Role: classroom.RolePIC, Name: "Yulius, Dinas Kesehatan", Link: "pic-1"}
	for _, id := range []classroom.PersonID{"a", "b"} {
		p.do(classroom.Actor{Role: classroom.RoleParticipant, Person: id, Session: classroom.SessionID("s" + id)}, classroom.Admit{Method: "nip", Device: "one-laptop"})
	}
	p.do(pic, classroom.OpenHall{Entry: "open-0001", Name: "Aula BKPSDM", Place: "Sampit"})
	p.do(pastOperator, classroom.SetPhase{To: classroom.Live})
	from := start.UnixMilli()
	p.now = start.Add(100 * time.Minute)
	p.do(pic, classroom.MarkHall{Entry: "mark-0001", Hall: "h1", Person: "c", At: from + 600_000, How: "list", Reason: "Tanpa ponsel"})
	p.do(pic, classroom.MarkHall{Entry: "mark-0002", Hall: "h1", Person: "b", At: from + 900_000, How: "list", Reason: "Lupa memindai"})
	p.do(pic, classroom.MarkHall{Entry: "mark-0003", Hall: "h1", Person: "c", Out: true, At: from + 5_400_000, How: "list", Reason: "Tanpa ponsel"})
	p.must(p.st.SaveSpans(t.Context(), p.ev.ID, []attend.Span{
		{Person: "hall:h1", Session: "screen", Class: attend.Delivered, From: from, To: from + 7_200_000},
		{Person: "a", Session: "sa", Class: attend.Delivered, From: from, To: from + 3_600_000},
		{Person: "b", Session: "sb", Class: attend.Delivered, From: from, To: from + 7_000_000},
	}))
	p.end()
	return dir
}

// TestBPSDMChecksAttendance: BPSDM reads why a person has their figures, judges what looks odd, looks at a hall's marks and
// withdraws one, makes a link for a PIC, takes time off somebody unasked and gives it back.
func TestBPSDMChecksAttendance(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	s := startServer(t, func(s *server) { s.dir = odd(t) })
	link := strings.TrimSpace(s.betang("token", "--data", s.dir, "--url", "http://"+s.addr, "--role", "bpsdm"))
	desk := startBrowser(t, "", "").open("bpsdm", link)
	desk.visible("events")
	desk.shots("bpsdm events")
	desk.axe()
	desk.clickOn(`[data-event="aula"]`)

	desk.clickOn(`[data-testid="att-row"] button`)
	desk.see("att-why", "aturan versi 2")

	desk.see("flag", "Satu perangkat, beberapa orang")
	flags := `document.querySelectorAll('[data-testid="flag"]').length`
	found := eval[int](desk, flags)
	desk.click("judge-open")
	desk.click("judge-act")
	desk.typeIn("judge-who", "Kepala Bidang, BPSDM")
	desk.typeIn("judge-reason", "Keduanya diminta menjelaskan")
	desk.shots("bpsdm flags")
	desk.axe()
	desk.click("judge-save")
	desk.until(20*time.Second, "the verdict", `document.querySelector('[data-testid="verdict"]')?.textContent.includes('Keduanya diminta menjelaskan')`)
	if now := eval[int](desk, flags); now != found {
		t.Errorf("%d findings, after one was judged %d", found, now)
	}

	desk.click("room-marks")
	desk.see("room-mark", "Yulius")
	desk.click("mark-strike")
	desk.typeIn("strike-reason", "Tercatat dua kali")
	desk.click("strike-yes")
	desk.until(20*time.Second, "the mark withdrawn", `[...document.querySelectorAll('[data-testid="room-mark"]')].some(e => e.textContent.includes('Tercatat dua kali'))`)
	desk.clickOn(`.rm-tools summary`)
	desk.typeIn("pic-name", "Lia, Dinas Pendidikan")
	desk.click("pic-make")
	desk.visible("pic-made")
	desk.shots("bpsdm rooms")
	desk.axe()
	desk.click("correct-open")
	desk.typeIn("correct-search", "nama a")
	desk.click("correct-person")
	desk.click("correct-void")
	desk.click("correct-span")
	desk.typeIn("correct-reason", "Perangkat dipakai orang lain")
	desk.shots("bpsdm correct")
	desk.axe()
	desk.click("correct-save")
	desk.see("decision", "Dikurangi")
	desk.click("decide-again")
	desk.typeIn("decide-reason", "Ternyata orang yang sama")
	desk.shots("bpsdm corrected")
	desk.axe()
	desk.click("decide-withdraw")
	desk.see("decision", "Dicabut")

	desk.click("correct-open")
	desk.click("correct-outside")
	desk.typeIn("outsider-nip", "1988 1212 201001 2 003")
	desk.typeIn("outsider-name", "Nama Lain")
	desk.typeIn("outsider-unit", "Dinas Pertanian")
	desk.typeIn("outsider-reason", "Hadir di aula, belum ada dalam daftar pegawai")
	desk.shots("bpsdm outsider")
	desk.axe()
	desk.click("outsider-save")
	desk.until(20*time.Second, "on the list", `[...document.querySelectorAll('[data-testid="att-row"]')].some(e => e.textContent.includes('Nama Lain'))`)
	out := filepath.Join(t.TempDir(), "hadir.csv")
	s.betang("export", "attendance", "--data", s.dir, "--event", "aula", "--format", "csv", "--out", out)
	if file, err := os.ReadFile(out); err != nil || !strings.Contains(string(file), `"Nama Lain";"198812122010012003"`) || !strings.Contains(string(file), `"Koreksi BPSDM"`) {
		t.Errorf("who was added is not on the list that is exported: %v, %s", err, file)
	}
	if code := eval[string](desk, `document.querySelector('[data-testid="pic-made"] dd').innerText.trim().slice(0, 9)`); len(code) != 9 {
		t.Errorf("the PIC's code is %q", code)
	}
	if log := s.log.String(); strings.Contains(log, "199001012015031") || strings.Contains(log, "Lia, Dinas") || strings.Contains(log, "198812122010012003") {
		t.Errorf("a NIP or a name is in the log: %.400s", log)
	}
}
