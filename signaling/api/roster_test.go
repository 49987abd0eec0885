package api

import (
	"bufio"
	"encoding/json"
	"strings"
	"testing"

	"betang/classroom"
	"betang/classroom/roster"
	"betang/classroom/roster/sheet"
)

const listCSV = "DINAS KESEHATAN\n\nNO;NAMA;NIP;NIP LAMA;UNIT KERJA;KAB/KOTA\n" +
	"1;Dr. Sri Wahyuni, M.Si;'19900101 201503 2 999;;RSUD;Kotim\n" +
	"2;Ahmad Yani;199502282022212998;199502282019211998;Puskesmas;Kobar\n" +
	"3;Rusak;199001012015031000;;RSUD;Kotim\n"

// lastLine reads a stream of JSON lines: how many steps, and the result.
func lastLine(t *testing.T, r reply) (steps int, out importResult) {
	t.Helper()
	if r.Code != 200 || r.Header().Get("Content-Type") != "application/x-ndjson; charset=utf-8" {
		t.Fatalf("%d %s %s", r.Code, r.Header().Get("Content-Type"), r.Body)
	}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		out = importResult{}
		if err := json.Unmarshal(lines.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		if out.Result == "" {
			steps++
		}
	}
	return steps, out
}

func TestRosterImport(t *testing.T) {
	st := openStore(t, lectureNow(demo), lectureNow(otherEvent))
	// Sri came before the list did and waits for verification; Ahmad is known by an earlier number.
	if err := st.SavePeople(t.Context(), []classroom.Person{
		{ID: "u-sri", NIP: "199001012015032999", Name: "sri w", Unit: "RS"},
		{ID: "p-ahmad", NIP: "199502282019211998", Name: "Ahmad Yani", Unit: "Puskesmas Lama", Instansi: "Pemkab", Verified: true},
	}); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *Config) { c.Roster, c.Store = st, st })
	token := b.link(classroom.RoleBPSDM)
	const at, octets = "/api/bpsdm/events/demo/roster", "Content-Type: application/octet-stream"

	steps, preview := lastLine(t, b.do("POST", at, token, listCSV, octets))
	if preview.Result != "preview" || steps < 2 || preview.People != 2 || preview.Changed != 2 || preview.Refused != 1 || len(preview.Samples) != 2 {
		t.Fatalf("preview after %d steps: %+v", steps, preview)
	}
	if p := preview.Problems[0]; p.Row != 6 || p.Code != "nip_excel" || !strings.Contains(p.Message, "rusak oleh Excel") {
		t.Errorf("problem %+v", p)
	}
	if p, err := st.PersonByNIP(t.Context(), "199001012015032999"); err != nil || p.Verified {
		t.Errorf("a preview saved something: %+v, %v", p, err)
	}
	b.do("POST", at+"?save=00", token, listCSV, octets).refused(409, classroom.Conflict, "roster_other_file")

	if _, saved := lastLine(t, b.do("POST", at+"?save="+preview.Digest, token, listCSV, octets)); saved.Result != "saved" || saved.Changed != 2 {
		t.Fatalf("saved: %+v", saved)
	}
	sri, err := st.PersonByNIP(t.Context(), "199001012015032999")
	if err != nil || sri != (classroom.Person{ID: "u-sri", NIP: "199001012015032999", Front: "Dr.", Name: "Sri Wahyuni", Back: "M.Si", Kind: "PNS", Unit: "RSUD", Region: "62.02", Verified: true}) {
		t.Errorf("sri: %+v, %v", sri, err)
	}
	for _, nip := range []string{"199502282022212998", "199502282019211998"} {
		if p, err := st.PersonByNIP(t.Context(), nip); err != nil || p.ID != "p-ahmad" || p.NIP != "199502282022212998" || p.Unit != "Puskesmas" || p.Instansi != "Pemkab" {
			t.Errorf("ahmad by %s: %+v, %v", nip, p, err)
		}
	}
	if _, again := lastLine(t, b.do("POST", at, token, listCSV, octets)); again.Same != 2 || again.New+again.Changed != 0 {
		t.Errorf("the same list again: %+v", again)
	}

	file := b.do("POST", at+"/problems.xlsx", token, listCSV, octets)
	bad, err := sheet.Read(file.Body.Bytes(), nil)
	if err != nil || len(bad) != 1 || len(bad[0].Rows) != 2 || !strings.Contains(bad[0].Rows[1].Cells[1], "rusak oleh Excel") {
		t.Errorf("baris bermasalah: %+v, %v", bad, err)
	}

	var units []map[string]any
	b.do("GET", at+"/units", token, "").json(&units)
	if len(units) != 2 || units[1]["name"] != "RSUD" || units[1]["coded"] != 0.0 {
		t.Errorf("units %v", units)
	}
	var codes []codeRow
	b.do("POST", at+"/codes", token, `{"unit":"RSUD"}`).json(&codes)
	if len(codes) != 1 || codes[0].Name != "Dr. Sri Wahyuni, M.Si" || codes[0].NIP != roster.Mask(sri.NIP) || len(codes[0].Code) != 9 {
		t.Fatalf("codes %+v", codes)
	}
	if p, err := st.PersonByCode(t.Context(), demo, codes[0].Code); err != nil || p.ID != "u-sri" {
		t.Errorf("the code finds %+v, %v", p, err)
	}
	if _, err := st.PersonByCode(t.Context(), otherEvent, codes[0].Code); err == nil {
		t.Error("the code opens another event")
	}
	first := codes[0].Code
	paper := b.do("POST", at+"/codes.pdf", token, `{"codes":[{"name":"Dr. Sri Wahyuni, M.Si","nip":"","unit":"RSUD","code":"`+first+`"}]}`)
	if paper.Code != 200 || paper.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(paper.Body.String(), "%PDF-") {
		t.Errorf("slips: %d %s", paper.Code, paper.Header().Get("Content-Type"))
	}
	for what, body := range map[string]string{
		"no codes": `{"codes":[]}`, "no code": `{"codes":[{"name":"A","nip":"","unit":"","code":"KODE"}]}`,
		"too many": `{"codes":[` + strings.Repeat(`{"name":"A","nip":"","unit":"","code":"1234-5678"},`, maxSlips) + `{"name":"A","nip":"","unit":"","code":"1234-5678"}]}`,
	} {
		if got := b.do("POST", at+"/codes.pdf", token, body); got.Code != 400 && got.Code != 413 {
			t.Errorf("%s: %d", what, got.Code)
		}
	}
	b.do("POST", at+"/codes", token, `{"unit":"RSUD"}`).json(&codes)
	if len(codes) != 0 {
		t.Errorf("who has a code got another: %+v", codes)
	}
	b.do("POST", at+"/codes", token, `{"all":true,"renew":true}`).json(&codes)
	if len(codes) != 2 {
		t.Errorf("renewed %+v", codes)
	}
	if _, err := st.PersonByCode(t.Context(), demo, first); err == nil {
		t.Error("the earlier code still opens the door")
	}

	b.do("POST", at, token, "\x00\x01", octets).checkFailure(t, "sheet_unknown")
	b.do("POST", at, b.link(classroom.RoleOperator), listCSV, octets).refused(403, classroom.NotAllowed, "not_allowed")
	b.do("POST", "/api/bpsdm/events/nosuch/roster", token, listCSV, octets).refused(404, classroom.NotFound, "event_unknown")
	for _, secret := range []string{sri.NIP, first, "Wahyuni"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func (r reply) checkFailure(t *testing.T, code string) {
	t.Helper()
	if _, out := lastLine(t, r); out.Result != "failed" || out.Code != code || out.Message == "" {
		t.Errorf("got %+v, want the failure %s", out, code)
	}
}
