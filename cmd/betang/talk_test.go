package main

import (
	"strings"
	"testing"

	"betang/classroom/survey"
)

// markup is what a page must show as text. Were it taken for HTML, the page's title would change.
const markup = `<img src=x onerror="document.title='pecah'"> <b>Halo</b> & "semua"`

// TestTalk: the moderator opens the chat, a participant writes and reacts, a message becomes a question; the minute-taker
// captions, who comes late sees the last line; after the end three evaluate, and BPSDM sees the numbers.
func TestTalk(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	b := startBrowser(t, "", "")
	desk := b.open("desk", s.links.Operator)
	sri := b.open("sri", s.links.Participants[0])
	budi := b.open("budi", s.links.Participants[1])
	sri.click("confirm-me")
	budi.click("confirm-me")

	desk.click("part-chat")
	desk.click("chat-on")
	sri.click("tab-chat")
	budi.click("tab-chat")
	sri.typeIn("chat-text", markup)
	sri.click("chat-send")
	budi.see("chat-line", markup)
	budi.typeIn("chat-text", "NIP saya 1990 0315 2015 03 1 002")
	budi.click("chat-send")
	budi.see("chat-error", "NIP")
	budi.shots("chat")
	desk.click("chat-promote")
	sri.see("chat-line", "Jadi pertanyaan")
	desk.shots("chat-desk")
	for _, tb := range []*tab{desk, sri, budi} {
		tb.axe()
		if title := eval[string](tb, "document.title"); title == "pecah" {
			t.Errorf("%s took markup for HTML", tb.name)
		}
	}
	sri.click("tab-qa")
	sri.see("question-item", markup)

	desk.click("phase-live")
	budi.note(`document.querySelector('[data-testid="react-clap"]')?.innerText.includes('1')`)
	sri.click("react-clap")
	budi.noted("a gesture")
	notulis := b.open("notulis", s.links.Minutes)
	notulis.typeIn("caption-text", markup)
	notulis.click("caption-send")
	sri.see("captions", markup)
	budi.reload() // who comes late, and as long as a line is shown
	budi.see("captions", markup)
	notulis.click("note-action")
	notulis.typeIn("note-text", markup)
	notulis.typeIn("note-who", "BPSDM")
	notulis.click("note-save")
	notulis.see("notes", markup)
	notulis.shots("notulis")
	sri.shots("captions")
	for _, tb := range []*tab{notulis, sri} {
		tb.axe()
	}

	desk.click("phase-ended")
	desk.click("phase-ended-confirm-yes")
	sri.visible("survey-send")
	sri.shots("survey")
	for _, key := range survey.Items {
		eval[bool](sri, `document.querySelector('[data-testid="survey-`+key+`-4"] input').click(), true`)
	}
	sri.typeIn("survey-good", markup)
	sri.axe()
	sri.click("survey-send")
	sri.visible("survey-done")
	bpsdm := b.open("bpsdm", strings.Replace(s.links.BPSDM, "/bpsdm#", "/bpsdm/ringkasan/demo#", 1))
	bpsdm.see("survey-results", "1 jawaban")
	bpsdm.visible("file-scores.xlsx")
	bpsdm.shots("summary")
	bpsdm.axe()
	for _, tb := range []*tab{notulis, sri, bpsdm} {
		if title := eval[string](tb, "document.title"); title == "pecah" {
			t.Errorf("%s took markup for HTML", tb.name)
		}
	}
}
