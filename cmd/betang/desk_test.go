package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"betang/classroom/roster"
	"betang/signaling/wire"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys presses keys one after the other, wherever the focus is.
func (tb *tab) keys(keys ...string) {
	tb.t.Helper()
	for _, k := range keys {
		tb.do(10*time.Second, "press "+k, chromedp.KeyEvent(k))
	}
}

// hear gives a page a message as if the server had sent it.
func (tb *tab) hear(kind string, body any) {
	tb.t.Helper()
	text, err := json.Marshal(map[string]any{"t": kind, "d": body})
	if err != nil {
		tb.t.Fatal(err)
	}
	eval[bool](tb, `(window.__hear({data: `+quoted(string(text))+`}), true)`)
}

// deaf has a page hear nothing more of the server but that it lives.
func (tb *tab) deaf() {
	tb.t.Helper()
	eval[bool](tb, `(() => { const s = window.__socket; window.__hear = s.onmessage; s.onmessage = (m) => m.data.includes('"pong"') && window.__hear(m); return true; })()`)
}

// fullDesk is a desk's state on a large day.
func fullDesk() (wire.State, wire.Counts, wire.Vitals) {
	at := time.Now().Add(-7 * time.Minute)
	var st wire.State
	cues := &wire.Agenda{Now: "c7", Since: at.UnixMilli(), Undo: true}
	for i, title := range []string{
		"Persiapan dan registrasi", "Pembukaan oleh MC", "Indonesia Raya", "Doa", "Laporan panitia", "Sambutan dan pembukaan resmi",
		"Kuliah umum Gubernur Kalimantan Tengah", "Tanya jawab", "Kesimpulan", "Foto bersama", "Pengumuman presensi dan survei", "Penutup",
	} {
		cues.Cues = append(cues.Cues, wire.Cue{ID: fmt.Sprintf("c%d", i+1), Title: title, Minutes: 5 + 5*i, Counts: i > 3, Music: i == 2})
	}
	st.Agenda = cues
	st.Stage = &wire.Stage{Main: "p1", Second: "p2", Interpreter: "p3", Auto: true, Takeover: &wire.Takeover{Auto: true, After: 5, Ready: true}}
	var v wire.Vitals
	for i, s := range []struct{ kind, name, by, voice, picture string }{
		{"camera", "H. Agustiar Sabran, S.I.Kom.", "page", "gone", "ok"},
		{"screen", "H. Agustiar Sabran, S.I.Kom.", "page", "none", "ok"},
		{"interpreter", "Juru Bahasa Isyarat", "page", "none", "small"},
		{"camera", "Dr. Nunu Andriani, S.Sos., M.Si. (moderator)", "page", "mute", "ok"},
		{"camera", "Enkoder aula Jayang Tingang", "encoder", "ok", "ok"},
		{"camera", "Budi Santoso, S.Kom. (Kotawaringin Timur)", "node", "ok", "frozen"},
	} {
		id := fmt.Sprintf("p%d", i+1)
		st.Stage.Sources = append(st.Stage.Sources, wire.Source{ID: id, Kind: s.kind, Owner: id, Label: s.name, Audio: s.voice != "none", Backup: i == 4, Behind: i == 5})
		v.Sources = append(v.Sources, wire.SourceVitals{
			Source: id, By: s.by, Voice: s.voice, VoiceMs: 8000, Level: 70 + 5*i, Picture: s.picture, Codec: "VP8", RTT: int64(20 + 30*i), Loss: float64(i),
			Layers: []wire.PictureVitals{{Lines: 180, Kbps: 110}, {Lines: 360, Kbps: 430}, {Lines: 720, Kbps: 1480}},
		})
	}
	for i, a := range []struct {
		kind, name string
		bad        bool
		value      float64
	}{
		{"voice_gone", "H. Agustiar Sabran, S.I.Kom.", true, 8},
		{"region_gone", "Kab. Barito Utara", true, .86},
		{"region_voice", "Kab. Murung Raya", false, .62},
		{"picture_small", "Juru Bahasa Isyarat", false, 12},
		{"disk_low", "", false, -1.7},
		{"node_lost", "sampit", true, 12},
	} {
		v.Alarms = append(v.Alarms, wire.Alarm{ID: i + 1, Kind: a.kind, Name: a.name, Bad: a.bad, Value: a.value, Since: time.Now().Add(-time.Duration(8+20*i) * time.Second).UnixMilli()})
	}
	regions := roster.Regions()
	c := wire.Counts{
		Viewers: 4280, Participants: 4150, Guests: 31, Hearing: 4265, Halls: 612,
		Rungs: []wire.RungCount{{Rung: "voice", N: 64, Network: 61}, {Rung: "slides", N: 120, Network: 118}, {Rung: "low", N: 410, Network: 390}, {Rung: "medium", N: 1600, Network: 700}, {Rung: "high", N: 2086}},
	}
	desk := &wire.DeskState{Bans: []wire.Banned{}}
	for i := range 200 {
		r := regions[i%len(regions)]
		status := "waiting"
		if i == 0 {
			status = "invited"
		}
		desk.Hands = append(desk.Hands, wire.RaisedHand{
			ID: fmt.Sprintf("h%d", i+1), Status: status, Name: fmt.Sprintf("Siti Rahmawati %d, S.E., M.M.", i+1), Unit: "Dinas Pendidikan Kabupaten", Region: r.Name,
			At: at.Add(time.Duration(i) * time.Second).UTC().Format(time.RFC3339),
		})
	}
	st.Desk = desk
	for i := range 40 {
		status := []string{"pending", "pending", "approved", "answered"}[i%4]
		st.Questions = append(st.Questions, wire.Question{
			ID: fmt.Sprintf("q%d", 100+i), Status: status, Support: 3 * i, Region: regions[i%len(regions)].Name, Unit: "Sekretariat Daerah",
			Text:    fmt.Sprintf("Bagaimana pemerataan pelatihan bagi ASN di kecamatan yang belum terjangkau jaringan internet (%d)?", i+1),
			AskedAt: at.UTC().Format(time.RFC3339),
		})
	}
	for i, r := range regions {
		c.Regions = append(c.Regions, wire.RegionCount{Code: r.Code, Name: r.Name, N: 640 - 40*i, Watch: 640 - 40*i, Voice: i * 3 % 17, Hall: i % 4 * 25})
	}
	return st, c, v
}

// inSight is a JavaScript condition: all of the element is on the screen, where it would be clicked.
func inSight(id string) string {
	return `(() => { const e = document.querySelector('` + testid(id) + `'); if (!e) return false; const r = e.getBoundingClientRect();
	  return r.width > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight + 1 && r.right <= innerWidth + 1 &&
	    e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)); })()`
}

// TestDesk works the whole desk by keys alone, beside a second operator and before a viewer; the speaker's microphone goes silent and the
// desk says so; and on a large day everything still has its place.
func TestDesk(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	hall := startBrowser(t, "", "")
	operator := hall.open("operator", s.links.Operator)
	other := hall.open("other", strings.TrimSpace(s.betang("token", "--data", s.dir, "--url", "http://"+s.addr, "--event", "demo", "--role", "operator", "--name", "Ani Lestari")))
	sri := hall.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.ask("Bagaimana pemerataan diklat sampai ke desa?")
	speaker := hall.open("speaker", s.links.Speaker)
	speaker.click("go-live")

	operator.visible("rundown-template")
	operator.keys("?")
	operator.visible("keys-dialog")
	operator.shots("desk keys")
	operator.keys(kb.Escape)
	operator.until(10*time.Second, "no dialog", `!document.querySelector('dialog[open]')`)
	operator.press("rundown-template", kb.Enter)
	operator.see("rundown-open", "(12)")
	operator.until(10*time.Second, "the next cue may be started", `document.querySelector('[data-testid=cue-next]')?.getAttribute('aria-disabled') === 'false'`)
	operator.keys("n")
	operator.see("desk-cue", "Persiapan")
	other.see("toast-info", "memulai acara: Persiapan")
	other.keys("n")
	operator.see("desk-cue", "Pembukaan")
	operator.see("toast-info", "Ani Lestari")

	// The stage: to its row, silence, and back; behind the stage, and on it.
	operator.until(20*time.Second, "how the source arrives", `[...document.querySelectorAll('[data-testid=fare]')].some(e => e.dataset.voice === 'ok' && e.dataset.picture === 'ok' && /\d ms/.test(e.innerText))`)
	operator.keys("1")
	focused := func(id string) string {
		return `document.activeElement?.dataset.testid === '` + id + `' && document.activeElement.matches(':focus-visible')`
	}
	operator.until(10*time.Second, "focus on the source", focused("source"))
	operator.keys("m")
	operator.until(10*time.Second, "its sound is held", `document.querySelector('[data-testid=fare]')?.dataset.voice === 'held'`)
	other.see("toast-info", "mematikan suara atau gambar")
	operator.keys("m")
	speaker.pick("mic-toggle", "Nyalakan mikrofon") // the device switched it off with the operator's hand
	operator.until(10*time.Second, "its sound is free", `document.querySelector('[data-testid=fare]')?.dataset.voice === 'ok'`)
	operator.keys("b")
	operator.until(10*time.Second, "behind the stage", `document.querySelector('[data-testid=source]')?.dataset.behind === 'true'`)
	operator.keys("1", "b")
	operator.until(10*time.Second, "on the stage", `document.querySelector('[data-testid=source]')?.dataset.behind === 'false'`)

	// A question: approved and answered by letters; the other operator is too late.
	operator.keys("4")
	operator.until(10*time.Second, "focus on the question", focused("question"))
	operator.keys("a")
	operator.click("tab-approved")
	other.click("tab-approved")
	operator.keys("4", "l")
	operator.until(10*time.Second, "answered", `!document.querySelector('[data-testid=question][data-status=approved]')`)
	other.until(10*time.Second, "gone from the other's list", `!document.querySelector('[data-testid=question][data-status=approved]')`)

	// An announcement, and the emergency.
	operator.typeIn("notice-text", "Sertifikat terbit besok")
	operator.keys(kb.Enter)
	sri.visible("notice")
	operator.press("open-alarms", kb.Enter)
	operator.see("deeds", "mengumumkan: Sertifikat")
	operator.keys(kb.Escape)
	operator.keys("d", "d")
	other.see("toast-info", "menjeda siaran")
	sri.visible("state-paused")
	sri.shots("viewer paused")
	operator.shots("desk paused")
	operator.press("phase-live", kb.Enter)
	operator.visible("phase-paused")
	operator.until(5*time.Second, "the focus is somewhere", `document.activeElement !== document.body`)
	sri.until(20*time.Second, "the picture is back", `!document.querySelector('[data-testid=state-paused]')`)

	// The speaker's microphone is off at the device, and nobody else speaks.
	speaker.pick("mic-toggle", "mikrofon")
	speaker.until(10*time.Second, "the microphone is off", `document.querySelector('[data-testid=mic-toggle]').classList.contains('cut')`)
	speaker.screenshot("speaker muted")
	operator.until(30*time.Second, "an alarm", `document.querySelector('[data-testid=alarm]')?.dataset.kind === 'voice_mute'`)
	operator.shots("desk alarm")
	operator.keys("w")
	operator.until(10*time.Second, "seen by one", `!document.querySelector('[data-testid=alarm-strip]')`)
	other.visible("alarm-strip")
	speaker.pick("mic-toggle", "mikrofon")
	other.until(20*time.Second, "it is over", `!document.querySelector('[data-testid=alarm-strip]')`)

	state, counts, vitals := fullDesk()
	state.Rev = 1e9
	operator.deaf()
	for _, size := range []struct{ w, h int64 }{{1920, 1080}, {1366, 768}, {1024, 768}, {360, 740}} {
		operator.size(size.w, size.h)
		operator.hear("state", state)
		operator.hear("counts", counts)
		operator.hear("vitals", vitals)
		operator.until(10*time.Second, "alarms", `document.querySelectorAll('[data-testid=alarm]').length === `+map[bool]string{true: "3", false: "1"}[size.w > 900])
		operator.screenshot(fmt.Sprintf("desk full %d", size.w))
		if wide := eval[int64](operator, `document.scrollingElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%d px: the page is %d px too wide", size.w, wide)
		}
		if size.w < 900 {
			continue
		}
		if high := eval[int64](operator, `document.scrollingElement.scrollHeight - innerHeight`); high > 0 {
			t.Errorf("%d px: the page scrolls by %d px", size.w, high)
		}
		for _, id := range []string{"phase-paused", "part-queue", "part-polls", "tab-merged", "alarm-ack", "open-alarms", "open-keys"} {
			if !eval[bool](operator, inSight(id)) {
				t.Errorf("%d px: %s is not in sight", size.w, id)
			}
		}
	}
	operator.size(1920, 1080)
	operator.hear("vitals", vitals)
	for _, id := range []string{"cue-next", "hand-invite", "notice-down", "source"} {
		if !eval[bool](operator, inSight(id)) {
			t.Errorf("on a large screen %s is not in sight", id)
		}
	}
	operator.axe()
	operator.click("open-alarms")
	operator.visible("alarm-dialog")
	operator.axe()
	operator.screenshot("desk alarms dialog")
}
