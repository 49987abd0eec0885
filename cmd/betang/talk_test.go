package main

import (
	"os"
	"testing"
	"time"
)

// markup is what a page must show as text. Were it taken for HTML, the page's title would change.
const markup = `<img src=x onerror="document.title='pecah'"> <b>Halo</b> & "semua"`

// TestTalk: the moderator opens the chat, a participant writes and reacts, a message becomes a question.
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
}

// axe holds a page against the rules of axe-core where BETANG_AXE names its axe.min.js.
func (tb *tab) axe() {
	tb.t.Helper()
	path := os.Getenv("BETANG_AXE")
	if path == "" {
		return
	}
	code, err := os.ReadFile(path)
	if err != nil {
		tb.t.Fatal(err)
	}
	tb.do(20*time.Second, "load axe", evaluate(string(code)+";true"))
	for _, v := range eval[[]string](tb, `axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' | ')))`) {
		tb.t.Errorf("%s: axe: %s", tb.name, v)
	}
}
