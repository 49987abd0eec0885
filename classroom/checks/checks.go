// Package checks decides when somebody is asked "Masih menyimak?" and what became of it. It is pure: no clock, no I/O.
//
// Each stretch of Plan.Every live time holds one check a person, at a moment that a keyed hash picks: nobody who
// lacks the server's secret can tell it, two people's moments have nothing to do with each other, so the questions of
// a full hall are spread evenly, and the same secret gives the same moments again after a restart. Live time is what
// counts, so a pause shifts all checks.
//
// A check is fair: who is away when it comes is not asked (and earns nothing for that time anyway); who loses the
// connection while it stands is excused, as is everybody when the event pauses or ends. Only who was reachable through
// the whole window and did not answer has missed it. A miss is a flag for people to look at. It takes no credit.
package checks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// The outcomes of a check.
const (
	Answered = "answered"
	Missed   = "missed"
	Excused  = "excused"
)

// Plan is how often people are asked and how long they have, in milliseconds. The zero Plan asks nobody.
type Plan struct {
	Every  int64 // one check in each such stretch of live time
	Window int64 // to answer; at most two thirds of Every
}

// On tells whether anybody is asked at all.
func (p Plan) On() bool { return p.Every > 0 && p.Window > 0 && p.Window*3 <= p.Every*2 }

// At is when in live time a person's n-th check comes (n from 0), in ms. A tenth of each stretch at its start stays
// free, so that two checks never follow each other at once, and the window ends inside its stretch.
func (p Plan) At(secret []byte, event, person string, n int) int64 {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("betang check 1\x00" + event + "\x00" + person + "\x00"))
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	mac.Write(b[:])
	pick := binary.BigEndian.Uint64(mac.Sum(nil)) >> 1
	lead := p.Every / 10
	return int64(n)*p.Every + lead + int64(pick%uint64(p.Every-p.Window-lead))
}

// late is how long after its moment a check may still be asked: two beats of a busy server. Later it is skipped.
const late = 5000

// Watch is one person's checks. The zero Watch begins with check 0.
type Watch struct {
	n    int   // the check that stands, or comes next
	at   int64 // its moment in live time
	have bool  // at belongs to n

	open  bool
	asked int64 // Unix ms
	until int64
}

// Open tells which check stands, since when and until when it may be answered, in Unix ms.
func (w *Watch) Open() (n int, asked, until int64, ok bool) { return w.n, w.asked, w.until, w.open }

// Waits tells that the next check is not due at live, and Step would do nothing.
func (w *Watch) Waits(live int64) bool { return !w.open && w.have && live < w.at }

// Skip makes n the next check: those before are in the journal.
func (w *Watch) Skip(n int) {
	if n > w.n && !w.open {
		w.n, w.have = n, false
	}
}

// Step looks at one person. now is the clock in Unix ms; live how long the event has been live, in ms; running whether
// it is live now; reachable whether any of the person's devices is there. at gives the moment of a check, see Plan.At.
// asked tells that a check stands from now on; outcome, Missed or Excused, that the one that stood is over.
func (w *Watch) Step(p Plan, at func(n int) int64, now, live int64, running, reachable bool) (asked bool, outcome string) {
	if w.open {
		switch {
		case !running || !reachable || now < w.asked: // a clock set back proves nothing
			outcome = Excused
		case now >= w.until:
			outcome = Missed
		default:
			return false, ""
		}
		w.close()
		return false, outcome
	}
	if !p.On() || !running {
		return false, ""
	}
	if first := int(live / p.Every); w.n < first { // away, or the server was
		w.n, w.have = first, false
	}
	if !w.have {
		w.at, w.have = at(w.n), true
	}
	switch {
	case live < w.at:
		return false, ""
	case live-w.at > late || !reachable:
		w.close()
		return false, ""
	}
	w.open, w.asked, w.until = true, now, now+p.Window
	return true, ""
}

// Answer takes in "Ya, saya menyimak" to check n. ok is false when that check does not stand: it is over, or the answer
// came twice. after is how long the person took, in ms.
func (w *Watch) Answer(n int, now int64) (after int64, ok bool) {
	if !w.open || n != w.n || now >= w.until || now < w.asked {
		return 0, false
	}
	after = now - w.asked
	w.close()
	return after, true
}

func (w *Watch) close() {
	w.n++
	w.open, w.have = false, false
}
