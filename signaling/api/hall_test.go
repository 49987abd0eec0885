package api

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/halls"
	"betang/signaling"
)

// refused checks a refusal's status and code.
func (h *hall) refused(method, path, token, body string, status int, code string) {
	h.t.Helper()
	got, _, text := h.do(method, path, token, "application/json", body)
	var e struct{ Code, Message string }
	if err := json.Unmarshal([]byte(text), &e); err != nil || got != status || e.Code != code || e.Message == "" {
		h.t.Errorf("%s %s: %d %s, want %d %s with a sentence", method, path, got, text, status, code)
	}
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestRuangBersama: a PIC opens a hall, its computer shows the lecture and the code; one person scans in and out by a
// phone, one is marked by a PIC without signal, one signs on paper. BPSDM sees each with their level, to the second.
func TestRuangBersama(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHall(t)
		yani := classroom.Person{ID: "p-yani", NIP: "198001012005011002", Name: "Ahmad Yani", Unit: "Dinas Kesehatan", Region: "62.71", Verified: true}
		lia := classroom.Person{ID: "p-lia", NIP: "199502282022212998", Name: "Lia Amelia", Unit: "Dinas Kesehatan", Region: "62.71", Verified: true}
		if err := h.store.SavePeople(t.Context(), []classroom.Person{yani, lia}); err != nil {
			t.Fatal(err)
		}
		if err := h.store.Invite(t.Context(), demo, []classroom.PersonID{sri().ID, yani.ID, lia.ID}); err != nil {
			t.Fatal(err)
		}
		agency := h.link(signaling.Claims{Role: classroom.RoleBPSDM, Event: signaling.AnyEvent})
		speaker := h.link(signaling.Claims{Role: classroom.RoleSpeaker, Name: "Gubernur"})
		h.do(http.MethodPost, "/whip/demo", speaker, sdpType, offer+"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n")
		synctest.Wait()

		// The PIC, made by BPSDM for one unit, comes by code.
		var made picAnswer
		h.get(&made, http.MethodPost, "/api/bpsdm/events/demo/halls/pics", agency, `{"name":"Yulius, Dinkes","slice":"dinas kesehatan"}`)
		h.refused(http.MethodPost, "/api/events/demo/pic", "", `{"code":"XXXX-XXXX"}`, 404, "code_unknown")
		var pic tokenAnswer
		h.get(&pic, http.MethodPost, "/api/events/demo/pic", "", `{"code":"`+strings.ToLower(made.Code)+`"}`)
		const at = "/api/events/demo/halls"
		h.refused(http.MethodGet, at, speaker, "", 403, "not_allowed")
		var info hallInfo
		for range 2 { // the first answer was lost on the way
			h.get(&info, http.MethodPost, at, pic.Token, `{"entry":"open-0001","name":"Aula Dinkes","place":"Palangka Raya"}`)
		}
		var desk deskAnswer
		h.get(&desk, http.MethodGet, at, pic.Token, "")
		if len(desk.Halls) != 1 || info.ID != "h1" || desk.Name != "Yulius, Dinkes" {
			t.Fatalf("desk %+v, hall %+v", desk, info)
		}
		var slice sliceAnswer
		h.get(&slice, http.MethodGet, at+"/roster", pic.Token, "")
		if slice.Total != 2 || strings.Contains(asJSON(slice), yani.NIP) {
			t.Errorf("the PIC's own people: %+v", slice)
		}

		// The hall's computer.
		var one hallAnswer
		h.get(&one, http.MethodGet, at+"/h1", pic.Token, "")
		h.refused(http.MethodPost, "/api/events/demo/screen", "", `{"code":"0000-0000"}`, 404, "hall_screen_code")
		var screen tokenAnswer
		h.get(&screen, http.MethodPost, "/api/events/demo/screen", "", `{"code":"`+one.ScreenCode+`"}`)
		h.refused(http.MethodPost, at+"/h1/close", screen.Token, `{}`, 403, "not_allowed")
		leave := h.watch(screen.Token)
		time.Sleep(20 * time.Second)

		var shown screenAnswer
		h.get(&shown, http.MethodGet, "/api/events/demo/screen/code", screen.Token, "")
		if len(shown.Codes) != 1+ahead || shown.Page != "betang.test/h" || shown.Codes[0].QR.Size < 21 || shown.Phase != "live" {
			t.Fatalf("screen %+v", shown)
		}
		now := time.Now().UnixMilli()
		qr := halls.Code(h.key(), "demo", "h1", halls.Slot(now))

		// Sri's phone: scan, NIP, "Benar, ini saya", in.
		var scanned scanAnswer
		h.get(&scanned, http.MethodPost, "/api/hall/scan", "", asJSON(scanRequest{QR: qr}))
		if scanned.Hall != "Aula Dinkes" || scanned.Me != nil || scanned.Event != "demo" {
			t.Errorf("scan %+v", scanned)
		}
		var me phoneState
		h.refused(http.MethodPost, "/api/hall/identify", "", asJSON(phoneRequest{Ticket: scanned.Ticket, NIP: unknownNIP}), 404, "nip_unknown")
		h.refused(http.MethodPost, "/api/hall/identify", "", asJSON(phoneRequest{Ticket: pic.Token, NIP: sriNIP}), 403, "hall_ticket")
		h.get(&me, http.MethodPost, "/api/hall/identify", "", asJSON(phoneRequest{Ticket: scanned.Ticket, NIP: sriNIP}))
		if me.State != "none" || strings.Contains(asJSON(me), sriNIP) || strings.Contains(me.Name, "Wahyuni") {
			t.Errorf("identity %+v", me)
		}
		h.refused(http.MethodPost, "/api/hall/mark", "", asJSON(phoneMark{Ticket: scanned.Ticket, Entry: "scan-0001", Device: "device-1"}), 403, "hall_ticket")
		h.refused(http.MethodPost, "/api/hall/mark", "", asJSON(phoneMark{Ticket: me.Ticket, Entry: "scan-0000", Out: true, Device: "device-1"}), 409, "hall_not_in")
		var marked phoneMarked
		for range 2 {
			h.get(&marked, http.MethodPost, "/api/hall/mark", "", asJSON(phoneMark{Ticket: me.Ticket, Entry: "scan-0001", Device: "device-1"}))
		}
		if marked.State != "in" || marked.Pass == "" {
			t.Errorf("marked %+v", marked)
		}

		// Meanwhile the PIC, whose phone is an hour fast and has no signal, marks somebody.
		time.Sleep(time.Minute)
		phoneClock := func() int64 { return time.Now().Add(time.Hour).UnixMilli() }
		queue := []sentMark{{Entry: "mark-0001", Person: "p-yani", At: phoneClock(), How: "list", Reason: "Tanpa ponsel"}}
		h.refused(http.MethodPost, "/api/hall/scan", "", asJSON(scanRequest{QR: qr}), 403, "hall_code_stale")
		time.Sleep(time.Minute)
		queue = append(queue, sentMark{Entry: "mark-0002", Person: "p-yani", Out: true, At: phoneClock(), How: "list", Reason: "Tanpa ponsel"},
			sentMark{Entry: "mark-0003", NIP: sriNIP, At: phoneClock(), How: "list", Reason: "Tanpa ponsel"},
			sentMark{Entry: "mark-0004", Code: sriCode, At: phoneClock(), How: "card", Reason: "Kartu QR"},
			sentMark{Entry: "mark-0005", NIP: unknownNIP, At: phoneClock(), How: "list", Reason: "Tanpa ponsel"})

		// Sri again, by the number on the screen and the phone's pass: out.
		time.Sleep(time.Minute)
		h.get(&shown, http.MethodGet, "/api/events/demo/screen/code", screen.Token, "")
		h.refused(http.MethodPost, "/api/hall/scan", "", `{"code":"00000000"}`, 404, "hall_code")
		h.get(&scanned, http.MethodPost, "/api/hall/scan", "", asJSON(scanRequest{Code: shown.Codes[0].Typed, Pass: marked.Pass}))
		if scanned.Me == nil || scanned.Me.State != "in" {
			t.Fatalf("second scan %+v", scanned)
		}
		h.get(&marked, http.MethodPost, "/api/hall/mark", "", asJSON(phoneMark{Ticket: scanned.Me.Ticket, Entry: "scan-0002", Out: true, Device: "device-1"}))
		if marked.State != "out" {
			t.Errorf("marked %+v", marked)
		}

		// The paper sheet, and the queue, sent twice.
		if status, header, body := h.do(http.MethodGet, at+"/h1/sheet.pdf", pic.Token, "", ""); status != 200 || header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(body, "%PDF-") {
			t.Errorf("sheet to print: %d %v", status, header)
		}
		photo := "\xff\xd8\xff\xe0 lembar bertanda tangan"
		_, _, text := h.do(http.MethodPost, at+"/h1/files", pic.Token, "application/octet-stream", photo)
		var file struct{ File string }
		if err := json.Unmarshal([]byte(text), &file); err != nil || len(file.File) != 64 {
			t.Fatal(text)
		}
		if status, _, text := h.do(http.MethodPost, at+"/h1/files", pic.Token, "application/octet-stream", "<html>"); status != 400 || !strings.Contains(text, "hall_file_type") {
			t.Errorf("a page for a picture: %d %s", status, text)
		}
		queue = append(queue,
			sentMark{Entry: "mark-0006", Person: "p-lia", At: phoneClock() - 100_000, How: "paper", Reason: "Lembar 1", File: file.File},
			sentMark{Entry: "mark-0007", Person: "p-lia", Out: true, At: phoneClock(), How: "paper", Reason: "Lembar 1", File: file.File},
			sentMark{Entry: "mark-0008", Person: "p-lia", At: phoneClock(), How: "paper", Reason: "Lembar 2", File: strings.Repeat("ab", 32)})
		var results []markResult
		for range 2 {
			h.get(&results, http.MethodPost, at+"/h1/marks", pic.Token, asJSON(marksRequest{Sent: phoneClock(), Marks: queue}))
		}
		codes := ""
		for _, r := range results {
			codes += " " + r.Code + fmt.Sprint(r.OK)
		}
		if codes != " true true hall_slicefalse true nip_unknownfalse true true hall_file_unknownfalse" {
			t.Errorf("results%s", codes)
		}
		h.get(&one, http.MethodGet, at+"/h1", pic.Token, "")
		if one.Screens != 1 || !one.Receiving || one.Inside != 0 || one.Left != 3 || len(one.People) != 3 || strings.Contains(asJSON(one), yani.NIP) {
			t.Errorf("hall %+v", one)
		}
		// Sri's personal card was shown while her own phone had her in: she never went by it, and it is struck.
		h.get(&struct{}{}, http.MethodPost, at+"/h1/strike", pic.Token, `{"entry":"mark-0004","reason":"Kartu tertukar"}`)
		h.get(&struct{}{}, http.MethodPost, at+"/h1/close", pic.Token, `{}`)
		h.refused(http.MethodPost, "/api/hall/scan", "", asJSON(scanRequest{QR: halls.Code(h.key(), "demo", "h1", halls.Slot(time.Now().UnixMilli()))}), 409, "hall_closed")
		leave()
		time.Sleep(15 * time.Second)

		var table attendancePage
		h.get(&table, http.MethodPost, "/api/bpsdm/events/demo/attendance", agency, `{}`)
		got := map[string]int{}
		for _, row := range table.Rows {
			got[row.NIP] = row.Seconds
		}
		for nip, want := range map[string]int{sriNIP: 180, yani.NIP: 60, lia.NIP: 100} {
			if got[nip] < want-2 || got[nip] > want+2 {
				t.Errorf("%s: %d s, want %d", nip, got[nip], want)
			}
		}
		var all hallsAnswer
		h.get(&all, http.MethodGet, "/api/bpsdm/events/demo/halls", agency, "")
		if len(all.Halls) != 1 || len(all.Files) != 1 || all.Halls[0].ByLevel != [3]int{1, 1, 1} {
			t.Errorf("BPSDM sees %+v", all)
		}
		var flags []flagRow
		h.get(&flags, http.MethodGet, "/api/bpsdm/events/demo/halls/flags", agency, "")
		if len(flags) != 0 {
			t.Errorf("flags %+v", flags)
		}
		var log []hallLogRow
		h.get(&log, http.MethodGet, "/api/bpsdm/events/demo/halls/h1", agency, "")
		byEntry := map[string]hallLogRow{}
		for _, e := range log {
			byEntry[e.Entry] = e
		}
		if e := byEntry["mark-0006"]; len(log) != 7 || e.By != "Yulius, Dinkes" || e.File != file.File || e.Reason != "Lembar 1" || e.Level != "D" || e.Taken == "" {
			t.Errorf("the log of the hall has %d entries, of the paper %+v", len(log), e)
		}
		if e := byEntry["mark-0004"]; e.Struck == "" || e.Why != "Kartu tertukar" || byEntry["scan-0001"].By != "" || strings.Contains(asJSON(log), yani.NIP) {
			t.Errorf("struck %+v, scanned %+v", e, byEntry["scan-0001"])
		}
		if status, header, body := h.do(http.MethodGet, "/api/bpsdm/events/demo/halls/sheet.pdf?unit=DINAS+KESEHATAN", agency, "", ""); status != 200 || header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(body, "%PDF-") {
			t.Errorf("the unit's sheet to print: %d %v", status, header)
		}
		h.refused(http.MethodGet, "/api/bpsdm/events/demo/halls/sheet.pdf?unit=Dinas+Lain", agency, "", 404, "unit_empty")
		h.refused(http.MethodGet, "/api/bpsdm/events/demo/halls/flags", pic.Token, "", 403, "not_allowed")

		// Each person's figures explain themselves.
		var why explained
		h.get(&why, http.MethodPost, "/api/bpsdm/events/demo/attendance/person", agency, `{"person":"p-lia"}`)
		if why.Levels != "D" || len(why.Sentences) < 4 || !strings.Contains(why.Rule, "aturan versi 2") || len(why.Gaps) == 0 || why.Classes[len(why.Classes)-1].Class != "paper" {
			t.Errorf("explained: %+v", why)
		}
		h.refused(http.MethodPost, "/api/bpsdm/events/demo/attendance/person", agency, `{"person":"p-nobody"}`, 404, "not_attended")
		status, header, body := h.do(http.MethodGet, "/api/bpsdm/events/demo/halls/files/"+file.File, agency, "", "")
		if status != 200 || body != photo || header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
			t.Errorf("file: %d %v", status, header)
		}
		if f, err := h.store.HallFile(t.Context(), demo, [32]byte(must(hex.DecodeString(file.File)))); err != nil || !bytes.Equal(f.Body, []byte(photo)) {
			t.Errorf("stored file: %v", err)
		}
		spans, err := h.store.Spans(t.Context(), demo)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range spans {
			if s.Person != string(classroom.HallPerson("h1")) || s.Class > attend.Decoded {
				t.Errorf("in storage only what was seen of the screen: %+v", s)
			}
		}
	})
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// key is what seals the codes: in these tests, the tokens' own secret.
func (h *hall) key() []byte { return h.tokens.secret }
