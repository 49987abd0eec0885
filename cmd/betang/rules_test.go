package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPolicyVoidAndCorrect: BPSDM changes the policy before ratifying, and cannot after; voids what was ratified, corrects
// somebody who did not ask, changes the policy again, and ratifies anew under a new number. What was signed first stays, byte
// by byte, and verifies; its page says that it is void; nobody's year counts it.
func TestPolicyVoidAndCorrect(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *server) { s.dir = ended(t) })
	link := func(args ...string) string {
		return tokenOf(strings.TrimSpace(s.betang(append([]string{"token", "--data", s.dir, "--url", "http://" + s.addr}, args...)...)))
	}
	desk := link("--role", "bpsdm")
	ask := func(token, method, path, body string, want int) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+"/api"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != want {
			t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
		}
		return string(text)
	}
	const event = "/bpsdm/events/kuliah"
	contains := func(text string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in %.2000s", part, text)
			}
		}
	}

	contains(ask(desk, http.MethodGet, event+"/policy", "", 200), `"revision":0`, `"minutes":45`, `"levels":"ABCD"`, `"fixed":false`, `"changes":[]`)
	const sixty = `{"revision":0,"minutes":60,"threshold":60,"bridge":10,"rounding":"","ceremony":false,"cap":0,"approved":0,"levels":"ABCD","who":"Kepala Bidang, BPSDM","reason":"Keputusan nomor 12"}`
	contains(ask(link("--event", "kuliah", "--role", "operator"), http.MethodPost, event+"/policy", sixty, 403), "NotAllowed")
	contains(ask(desk, http.MethodPost, event+"/policy", strings.Replace(sixty, "Keputusan nomor 12", " ", 1), 400), "reason_empty")
	contains(ask(desk, http.MethodPost, event+"/policy", strings.Replace(sixty, `"minutes":60`, `"minutes":50`, 1), 400), "event_policy")
	contains(ask(desk, http.MethodPost, event+"/policy", sixty, 200), `"now":{"version":2,"revision":1,"minutes":60`, `"planned":{"version":2,"revision":0,"minutes":45`, "Keputusan nomor 12", `"jp":2`)
	contains(ask(desk, http.MethodPost, event+"/policy", strings.Replace(sixty, `"cap":0`, `"cap":1`, 1), 409), "policy_moved")

	var list struct{ Number, Hash string }
	unmarshal := func(text string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	unmarshal(ask(desk, http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 1"}`, 201), &list)
	first := ask(desk, http.MethodGet, event+"/document.json", "", 200)
	contains(first, `"revision":1},"live"`, `"policyRevision":1`)
	contains(ask(desk, http.MethodGet, event+"/policy", "", 200), `"fixed":true`)
	contains(ask(desk, http.MethodPost, event+"/policy", strings.NewReplacer(`"revision":0`, `"revision":1`, `"cap":0`, `"cap":1`).Replace(sixty), 409), "policy_ratified")
	contains(ask("", http.MethodGet, "/v/"+list.Number, "", 200), `"state":"valid"`, list.Hash)

	// b attended 80 of 120 minutes, 66 %: 2 JP at 60 minutes each.
	door := link("--event", "kuliah", "--role", "participant", "--person", "b")
	var who struct{ Ticket, Token string }
	unmarshal(ask(door, http.MethodPost, "/events/kuliah/identify", `{}`, 200), &who)
	unmarshal(ask(door, http.MethodPost, "/events/kuliah/join", `{"ticket":"`+who.Ticket+`"}`, 200), &who)
	var mine struct {
		Year struct{ JP int }
		List *struct {
			No, JP int
			Link   string
		}
		Requests []struct{ Desk bool }
	}
	unmarshal(ask(who.Token, http.MethodGet, "/events/kuliah/mine", "", 200), &mine)
	if mine.List == nil || mine.List.JP != 2 {
		t.Fatalf("b: %+v", mine)
	}
	_, key, _ := strings.Cut(mine.List.Link, "#")

	// Voided: its page says so, the year does not count it, and it still verifies.
	void := event + "/ratification/" + list.Number + "/void"
	contains(ask(desk, http.MethodPost, void, `{"who":"Kepala BPSDM","reason":""}`, 400), "reason_empty")
	contains(ask(desk, http.MethodPost, event+"/ratification/NNNNNNNNNNNNNNNNNNNN/void", `{"who":"Kepala BPSDM","reason":"Salah kegiatan"}`, 404), "number_unknown")
	contains(ask(desk, http.MethodPost, void, `{"who":"Kepala BPSDM","reason":"Ambang keliru"}`, 200), `"void":{`, "Ambang keliru")
	contains(ask(desk, http.MethodPost, void, `{"who":"Kepala BPSDM","reason":"Ambang keliru"}`, 200), `"void":{`)
	contains(ask("", http.MethodGet, "/v/"+list.Number, "", 200), `"state":"void"`, `"voided":"20`)
	contains(ask("", http.MethodPost, "/v/"+list.Number, `{"key":"`+key+`"}`, 200), `"state":"void"`, `"jpNow":0`)
	contains(ask(desk, http.MethodGet, event+"/document.json", "", 404), "not_ratified")
	file := filepath.Join(t.TempDir(), "pertama.json")
	if err := os.WriteFile(file, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(s.betang("verify", file, "--data", s.dir), "genuine", "VOID since", "Ambang keliru")

	// The desk corrects without having been asked, the policy changes again, and a new number counts.
	contains(ask(desk, http.MethodPost, event+"/corrections", `{"person":"nobody","from":1,"to":2,"who":"Kepala Bidang","reason":"Sesuai surat tugas"}`, 404), "correction_person")
	const from = "1795399200000" // the beginning of the event
	contains(ask(desk, http.MethodPost, event+"/corrections", `{"person":"b","void":true,"from":`+from+`,"to":1795400400000,"who":"Kepala Bidang","reason":"Perangkat ditinggal, menurut PIC"}`, 200), `"desk":true`, `"void":true`)
	contains(ask(desk, http.MethodPost, event+"/policy", strings.NewReplacer(`"revision":0`, `"revision":1`, `"threshold":60`, `"threshold":50`).Replace(sixty), 200), `"revision":2`)
	var again struct {
		Number   string
		Revision int
	}
	unmarshal(ask(desk, http.MethodPost, event+"/ratification", `{"by":"Kepala BPSDM","reason":"Berita acara 2"}`, 201), &again)
	if again.Revision != 2 || again.Number == list.Number {
		t.Errorf("ratified anew: %+v", again)
	}
	unmarshal(ask(who.Token, http.MethodGet, "/events/kuliah/mine", "", 200), &mine)
	if mine.List == nil || mine.List.JP != 2 || len(mine.Requests) != 1 || !mine.Requests[0].Desk {
		t.Errorf("b, by the new list: 60 of 120 minutes at 50 %%: %+v", mine)
	}
	contains(ask("", http.MethodGet, "/v/"+again.Number, "", 200), `"state":"valid"`)
	contains(ask("", http.MethodGet, "/v/"+list.Number, "", 200), `"state":"void"`, again.Number)
	// Whatever came after, the first document is as it was signed.
	contains(s.betang("verify", file, "--data", s.dir), "genuine", "VOID since")
	second := ask(desk, http.MethodGet, event+"/document.json", "", 200)
	contains(second, list.Hash, `"policyRevision":2`, `"voided":1200`)
	if bytes.Contains([]byte(second), []byte(`"policyRevision":1`)) {
		t.Error("a result of the second list names the first policy")
	}
	if strings.Contains(s.log.String(), "199001012015031") {
		t.Error("a NIP is in the log")
	}
}
