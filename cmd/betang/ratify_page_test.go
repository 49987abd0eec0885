package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// TestContestRatifyVerify goes the way of a correction in real browsers: a participant contests, BPSDM grants and
// ratifies, the PDF downloads, the participant's proof verifies offline, and the public page says that it is valid.
func TestContestRatifyVerify(t *testing.T) {
	needBrowser(t)
	s := startServer(t, func(s *server) { s.dir = ended(t) })
	link := func(args ...string) string {
		return strings.TrimSpace(s.betang(append([]string{"token", "--data", s.dir, "--url", "http://" + s.addr}, args...)...))
	}
	b := startBrowser(t, "", "")

	budi := b.open("participant", link("--event", "kuliah", "--role", "participant", "--person", "a"))
	budi.click("confirm-me")
	budi.visible("mine")
	if got := eval[string](budi, `document.querySelector('[data-testid="mine"]').dataset.seconds`); got != "2400" {
		t.Errorf("credited %s s, want the 2400 of the export", got)
	}
	budi.see("mine-year", "0")
	budi.shots("mine")
	budi.axe()
	budi.click("contest")
	budi.typeIn("contest-reason", "Listrik kantor padam, saya ikut di ruang rapat")
	budi.shots("contest")
	budi.axe()
	budi.click("contest-send")
	budi.see("mine-request", "Listrik kantor padam")

	desk := b.open("bpsdm", link("--role", "bpsdm"))
	desk.clickOn(`[data-event="kuliah"]`)
	desk.see("correction", "Listrik kantor padam")
	desk.typeIn("decide-who", "Kepala Bidang, BPSDM")
	desk.typeIn("decide-reason", "Sesuai surat keterangan PLN")
	desk.shots("desk")
	desk.axe()
	desk.press("decide-grant", kb.Enter) // without a mouse
	desk.see("decision", "Sesuai surat keterangan PLN")
	if at := eval[string](desk, `document.activeElement.id`); at != "kr-head" {
		t.Errorf("after the decision the focus is at %q", at) // the button is gone
	}
	desk.see("policy-rule", "45 menit per JP")
	desk.click("policy-open")
	desk.choose("policy-minutes", "60")
	desk.see("policy-preview", "2 JP")
	desk.typeIn("policy-reason", "Keputusan Kepala BPSDM nomor 12")
	desk.axe()
	desk.shots("policy")
	desk.click("policy-save")
	desk.see("policy-rule", "ketentuan perubahan ke-1")
	desk.click("ratify-open")
	desk.typeIn("ratify-reason", "Berita Acara Nomor 1")
	desk.shots("ratify")
	desk.axe()
	desk.click("ratify-yes")
	desk.visible("ratify-hash")
	desk.shots("ratified")
	desk.axe()
	hash := eval[string](desk, `document.querySelector('[data-testid="ratify-hash"]').innerText.trim().slice(0, 64)`)
	if len(hash) != 64 {
		t.Errorf("the document's hash is %q", hash)
	}
	pdf := eval[string](desk, `(async () => {
	  const token = sessionStorage.getItem('betang.link.bpsdm');
	  const r = await fetch('/api/bpsdm/events/kuliah/attendance.pdf', {headers: {Authorization: 'Bearer ' + token}});
	  const b = new Uint8Array(await r.arrayBuffer());
	  return r.status + ' ' + String.fromCharCode(...b.slice(0, 5)) + ' ' + (b.length > 20000);
	})()`)
	if pdf != "200 %PDF- true" {
		t.Errorf("the PDF: %q", pdf)
	}

	budi.reload()
	budi.visible("mine-ratified")
	budi.see("mine-year", "2")
	if got := eval[string](budi, `document.querySelector('[data-testid="mine"]').dataset.seconds`); got != "7200" {
		t.Errorf("credited %s s after the correction, want all 7200", got)
	}
	budi.shots("mine ratified")
	budi.axe()
	proof := eval[string](budi, `(async () => {
	  const token = sessionStorage.getItem('betang.session.join.kuliah') ;
	  const r = await fetch('/api/events/kuliah/mine/proof.json', {headers: {Authorization: 'Bearer ' + token}});
	  return r.status === 200 ? r.text() : String(r.status);
	})()`)
	if strings.Contains(proof, "Nama b") || !strings.Contains(proof, "Nama a") {
		t.Errorf("the proof of one person shows somebody else, or not them: %.200s", proof)
	}
	file := filepath.Join(t.TempDir(), "bukti.json")
	if err := os.WriteFile(file, []byte(proof), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := s.betang("verify", file, "--data", s.dir); !strings.Contains(out, "genuine") {
		t.Errorf("verify: %s", out)
	}
	if err := os.WriteFile(file, bytes.Replace([]byte(proof), []byte(`"jp":2`), []byte(`"jp":9`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := betangCLI(t, "verify", file); code != 1 || !strings.Contains(out, "field credited.jp") {
		t.Errorf("a proof with more JP: exit %d: %s", code, out)
	}

	public := b.open("anybody", eval[string](budi, `document.querySelector('[data-testid="mine-verify"]').href`))
	public.until(20*time.Second, "valid", `document.querySelector('[data-testid="verify"]')?.dataset.state === 'valid'`)
	public.see("verify-name", "Nama a")
	if public.shows("199001012015031001") {
		t.Error("a whole NIP is on a public page")
	}
	public.shots("verify person")
	public.axe()
	list := b.open("list", "http://"+s.addr+eval[string](desk, `document.querySelector('[data-testid="ratify-page"]').getAttribute('href')`))
	list.until(20*time.Second, "valid", `document.querySelector('[data-testid="verify"]')?.dataset.state === 'valid'`)
	if list.shows("Nama a") {
		t.Error("a name is on the page of the list")
	}
	list.shots("verify list")
	list.axe()
	// Taken back: the paper's page says so.
	desk.until(10*time.Second, "the policy is fixed", `!document.querySelector('[data-testid="policy-open"]')`)
	desk.click("void-open")
	desk.typeIn("void-reason", "Salah kegiatan")
	desk.shots("void")
	desk.click("void-yes")
	desk.see("ratify-voided", "Salah kegiatan")
	desk.axe()
	desk.shots("voided")
	list.reload()
	list.until(20*time.Second, "void", `document.querySelector('[data-testid="verify"]')?.dataset.state === 'void'`)
	if !list.shows("Batal") {
		t.Error("the page of a voided list does not say so")
	}
	list.shots("verify void")
	list.axe()
	public.reload()
	public.see("verify-voided", "WIB")
	if log := s.log.String(); strings.Contains(log, "199001012015031") {
		t.Error("a NIP is in the log")
	}
}
