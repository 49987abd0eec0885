package main

import (
	"testing"
	"time"
)

// TestPollAndPostTest: the desk drafts a poll and a question of the post-test; a participant answers both, changes one, and
// sees counts and right answers only when they may be seen.
func TestPollAndPostTest(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	b := startBrowser(t, "", "")
	desk := b.open("desk", s.links.Operator)
	sri := b.open("sri", s.links.Participants[0])
	sri.click("confirm-me")

	desk.click("part-polls")
	desk.click("poll-make")
	desk.typeIn("poll-question", "Apakah materi hari ini jelas?")
	desk.typeIn("poll-options", "Sangat jelas\nCukup jelas\nBelum jelas")
	desk.shots("poll-form")
	desk.click("poll-save")
	desk.click("poll-open")

	sri.visible("poll-send")
	sri.shots("poll-open")
	sri.click("poll-choice")
	sri.click("poll-send")
	sri.visible("poll-sent")
	sri.see("poll-results", "100")
	desk.see("poll-results", "1 orang")

	desk.click("poll-make")
	desk.typeIn("poll-question", "Berapa JP paling sedikit setahun bagi PNS?")
	desk.typeIn("poll-options", "10 JP\n20 JP")
	desk.choose("poll-set", "post")
	desk.pick("poll-right", "20 JP")
	desk.click("poll-save")
	desk.click("poll-open")
	sri.until(20*time.Second, "two open polls", `document.querySelectorAll('[data-testid="poll"][data-status="open"]').length === 2`)
	sri.pick("poll-choice", "20 JP")
	sri.click("poll-send")
	sri.until(20*time.Second, "both are answered", `document.querySelectorAll('[data-testid="poll-sent"]').length === 2`)
	if n := eval[int](sri, `document.querySelectorAll('[data-testid="poll-results"]').length`); n != 1 {
		t.Errorf("a participant sees the results of %d polls, want those of the live one alone", n)
	}
	desk.shots("poll-desk")
	desk.until(20*time.Second, "all closed", `(() => {
	  document.querySelector('[data-testid="poll-close"]')?.click();
	  return document.querySelectorAll('[data-testid="poll"][data-status="closed"]').length === 2;
	})()`)
	desk.until(20*time.Second, "all results are shown", `(() => {
	  const all = [...document.querySelectorAll('[data-testid="poll-show"]')].filter(e => e.innerText.includes('Tampilkan'));
	  if (all[0]?.getAttribute('aria-disabled') !== 'true') all[0]?.click();
	  return all.length === 0;
	})()`)
	sri.see("poll-results", "jawaban benar")
	sri.shots("poll-results")
}
