package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"betang/classroom/roster/sheet"
)

const agencyList = "PEMERINTAH KABUPATEN KOTAWARINGIN TIMUR;;;;\n;;;;\nNO;NAMA;NIP;UNIT KERJA;KAB/KOTA\n" +
	"1;Dr. Maria Ulfah, M.Pd;'19880808 201001 2 997;SMAN 1 Sampit;KOTIM\n" +
	"2;Jumri;199502282022212997;SMAN 1 Sampit;Kotim\n" +
	"3;Rusak Excel;199001012015031000;SMAN 1 Sampit;Kotim\n"

// TestRosterCommands: a list is taken in beside a running server, its bad rows come back as a workbook, and a
// printed code opens the door.
func TestRosterCommands(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	dir := t.TempDir()
	list, bad, codes := filepath.Join(dir, "sampit.csv"), filepath.Join(dir, "bad.xlsx"), filepath.Join(dir, "codes.csv")
	if err := os.WriteFile(list, []byte(agencyList), 0o600); err != nil {
		t.Fatal(err)
	}
	said := s.betang("roster", "import", "--data", s.dir, "--event", "demo", "--problems", bad, list)
	for _, want := range []string{"baris 6: NIP rusak oleh Excel", "2 orang tersimpan: 2 baru", "1 baris bermasalah"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
	if strings.Contains(said, "19880808") {
		t.Errorf("a NIP on the terminal:\n%s", said)
	}
	data, err := os.ReadFile(bad)
	if err != nil {
		t.Fatal(err)
	}
	if sheets, err := sheet.Read(data, nil); err != nil || len(sheets[0].Rows) != 2 {
		t.Errorf("bad rows: %+v, %v", sheets, err)
	}
	if said := s.betang("roster", "import", "--data", s.dir, "--event", "demo", "--preview", list); !strings.Contains(said, "belum disimpan): 0 baru, 0 diperbarui, 2 tetap") {
		t.Errorf("the same list again:\n%s", said)
	}
	// Codes of one unit, then of those who have none yet: the demo's own people, who stand on the event's list, too.
	made := func(unit ...string) [][]string {
		s.betang(append([]string{"roster", "codes", "--data", s.dir, "--event", "demo", "--out", codes}, unit...)...)
		data, err := os.ReadFile(codes)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	jumri := func(row []string) bool { return row[1] == "Jumri" }
	rows := made("--unit", "SMAN 1 Sampit")
	if i := slices.IndexFunc(rows, jumri); i < 0 || len(rows) != 1+2 || rows[i][2] != "1995••••••••••••97" || len(rows[i][3]) != 9 {
		t.Errorf("%d rows of codes, Jumri's at %d: %q", len(rows), i, rows)
	}
	if rows := made(); len(rows) != 1+len(demoPeople()) || slices.ContainsFunc(rows, jumri) {
		t.Errorf("%d rows of codes for the others: %q", len(rows), rows)
	}
}

// TestRosterPage: BPSDM uploads a list in a browser, looks at it, saves it, makes codes; one of them opens the door.
func TestRosterPage(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	s := startServer(t)
	list := filepath.Join(t.TempDir(), "sampit.csv")
	if err := os.WriteFile(list, []byte(agencyList), 0o600); err != nil {
		t.Fatal(err)
	}
	media := t.TempDir()
	office := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	page := office.open("bpsdm", strings.Replace(s.links.BPSDM, "/bpsdm", "/bpsdm?kegiatan=demo", 1))
	page.click("to-roster")
	page.visible("codes-all") // the demo's people
	page.do(10*time.Second, "choose the file", chromedp.SetUploadFiles(chromedp.CSS(testid("roster-file")), []string{list}))
	page.see("roster-people", "2")
	page.see("roster-refused", "1")
	page.see("roster-problem", "rusak oleh Excel")
	page.shots("roster preview")
	page.axe()
	page.press("roster-save", kb.Enter) // without a mouse
	page.visible("roster-saved")
	page.see("codes-unit", "SMAN 1 Sampit")
	page.click("codes-make")
	page.see("code-slip", "Maria Ulfah")
	page.shots("roster codes")
	page.axe()
	code := eval[string](page, `[...document.querySelectorAll('[data-testid="code-slip"]')].find(e => e.innerText.includes('Maria')).querySelector('strong').innerText`)

	teacher := office.open("teacher", s.links.Join)
	teacher.until(20*time.Second, "the door", `document.querySelector('[data-testid="use-code"], [data-testid="code"], input') !== null`)
	got := eval[string](teacher, `(async () => {
		const token = sessionStorage.getItem('betang.link.join.demo');
		const r = await fetch('/api/events/demo/identify', {method: 'POST', headers: {Authorization: 'Bearer ' + token, 'Content-Type': 'application/json'}, body: JSON.stringify({code: '`+code+`'})});
		return (await r.json()).name;
	})()`)
	if got != "M•••• U••••" {
		t.Errorf("the code %q is of %q", code, got)
	}
}
