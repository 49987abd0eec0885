package classroom

import (
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
)

const (
	whoDecides = "Kepala Bidang, BPSDM"
	groundFor  = "Keputusan Kepala BPSDM nomor 12"
)

// TestSetPolicy: a change of the policy is a fact with a reason and a name, counts its revisions, and is made against the
// revision that was looked at.
func TestSetPolicy(t *testing.T) {
	h := newHall(t)
	sixty := attend.DefaultPolicy()
	sixty.MinutesPerJP, sixty.ThresholdPercent = 60, 80
	set := SetPolicy{Policy: sixty, Reason: groundFor, Who: whoDecides}
	h.refuse(operator, set, NotAllowed, "role")
	h.refuse(bpsdm, SetPolicy{Policy: sixty, Reason: " ", Who: whoDecides}, Invalid, "reason_empty")
	h.refuse(bpsdm, SetPolicy{Policy: sixty, Reason: groundFor, Who: "x"}, Invalid, "correction_who")
	h.refuse(bpsdm, SetPolicy{Policy: attend.DefaultPolicy(), Reason: groundFor, Who: whoDecides}, Conflict, "policy_same")
	bad := sixty
	bad.ThresholdPercent = 101
	h.refuse(bpsdm, SetPolicy{Policy: bad, Reason: groundFor, Who: whoDecides}, Invalid, "event_policy")
	old := sixty
	old.Version, old.Earns = attend.Rule1, attend.LevelA
	h.refuse(bpsdm, SetPolicy{Policy: old, Reason: groundFor, Who: whoDecides}, Invalid, "event_policy")

	if got := h.do(bpsdm, set); got != "policy" {
		t.Fatal(got)
	}
	sixty.Revision = 1
	h.want(h.room.Event().Policy, sixty)
	h.want(h.room.EventRev(), h.room.Rev())
	h.want(h.room.PlannedPolicy(), attend.DefaultPolicy())
	if got := h.do(bpsdm, set); got != "" {
		t.Errorf("sent twice: %s", got)
	}
	again := sixty
	again.Revision, again.CapJP = 0, 2
	h.refuse(bpsdm, SetPolicy{Policy: again, Reason: groundFor, Who: whoDecides}, Conflict, "policy_moved")
	h.do(bpsdm, SetPolicy{Policy: again, From: 1, Reason: groundFor, Who: whoDecides})
	log := h.room.PolicyChanges()
	if len(log) != 2 || log[0].Policy != sixty || log[1].Policy.Revision != 2 || log[1].Policy.CapJP != 2 || log[1].Reason != groundFor || log[1].Who != whoDecides || !log[1].At.Equal(h.now) {
		t.Errorf("the log: %+v", log)
	}
	for i := range 200 {
		again.BridgeSeconds = 100 + i
		if _, err := h.room.Apply(h.now, bpsdm, SetPolicy{Policy: again, From: 2 + i, Reason: groundFor, Who: whoDecides}); err != nil {
			wantErr(t, err, TooMany, "policy_many")
			break
		}
	}
	h.want(len(h.room.PolicyChanges()), maxPolicies)
}

// TestPolicyCounts: the policy that stands last decides what all evidence is worth, and every result names it.
func TestPolicyCounts(t *testing.T) {
	var l lecture
	l.phase(0, Live)
	l.phase(100, Ended)
	spans := []attend.Span{{Person: "sri", Session: "s", Class: attend.Delivered, From: minute(0), To: minute(75)}}
	at := func() attend.Result {
		t.Helper()
		sheet, err := NewSheet(lectureEvent(), l.facts, spans, nil)
		if err != nil || len(sheet.Rows) != 1 {
			t.Fatal(sheet, err)
		}
		return sheet.Rows[0].Result
	}
	if r := at(); r.JP != 2 || !r.Meets || r.PolicyVersion != attend.Rule2 || r.PolicyRevision != 0 {
		t.Errorf("as planned: %+v", r)
	}
	p := attend.DefaultPolicy()
	p.MinutesPerJP, p.Revision = 60, 1
	l.add(101, bpsdm, PolicySet{p, groundFor, whoDecides})
	if r := at(); r.JP != 1 || !r.Meets || r.PolicyRevision != 1 {
		t.Errorf("60 minutes: %+v", r)
	}
	p.ThresholdPercent, p.Revision = 76, 2
	l.add(102, bpsdm, PolicySet{p, groundFor, whoDecides})
	r := at()
	if r.JP != 0 || r.Meets || r.PolicyRevision != 2 {
		t.Errorf("76 %%: %+v", r)
	}
	if s := Explain(p, r)[0]; !strings.Contains(s, "aturan versi 2, ketentuan perubahan ke-2") {
		t.Error(s)
	}
	p.Revision = 4
	l.add(103, bpsdm, PolicySet{p, groundFor, whoDecides})
	if _, err := NewSheet(lectureEvent(), l.facts, spans, nil); err == nil {
		t.Error("a revision was left out, and nobody noticed")
	}
}

// TestCorrect: the desk grants a stretch and takes one away without having been asked; the person need not have been seen.
func TestCorrect(t *testing.T) {
	h := newHall(t)
	h.do(operator, EnterStage{camera(operator, "c").Source, false})
	h.want(h.room.Phase(), Live)
	from := h.now.UnixMilli()
	h.wait(time.Hour)
	c := Correct{Person: "p-ani", From: from, To: from + 600_000, Reason: groundFor, Who: whoDecides}
	h.refuse(sri, c, NotAllowed, "role")
	for code, change := range map[string]func(*Correct){
		"correction_reason": func(c *Correct) { c.Reason = "ya" },
		"correction_who":    func(c *Correct) { c.Who = "" },
		"correction_span":   func(c *Correct) { c.To = c.From },
		"correction_person": func(c *Correct) { c.Person = HallPerson("h1") },
	} {
		bad := c
		change(&bad)
		h.refuse(bpsdm, bad, Invalid, code)
	}
	if got := h.do(bpsdm, c); got != "correction.made" {
		t.Fatal(got)
	}
	h.refuse(bpsdm, c, Conflict, "correction_same")
	h.want(h.room.Granted("p-ani"), []attend.Span{{Person: "p-ani", Session: "k1", Class: attend.Corrected, From: from, To: from + 600_000}})
	taken := Correct{Person: "p-ani", Void: true, From: from, To: from + 60_000, Reason: groundFor, Who: whoDecides}
	h.do(bpsdm, taken)
	h.want(h.room.Granted("p-ani")[1], attend.Span{Person: "p-ani", Session: "k2", Class: attend.Voided, From: from, To: from + 60_000})
	h.want(Present(h.facts, nil), []PersonID{"p-ani"})
	ev, err := Evidence(testEvent(), h.facts, nil)
	if err != nil || len(ev) != 2 {
		t.Fatal(ev, err)
	}
	sheet, err := NewSheet(testEvent(), h.facts, nil, nil)
	if err != nil || sheet.Rows[0].Result.CorrectedSecs != 600 || sheet.Rows[0].Result.VoidedSecs != 60 || sheet.Rows[0].Result.Seconds != 540 {
		t.Fatalf("%+v, %v", sheet.Rows, err)
	}
	// The desk takes both back, by deciding anew.
	for _, id := range []CorrectionID{"k1", "k2"} {
		h.do(bpsdm, Decide{Correction: id, Reason: "Ternyata keliru orang", Who: whoDecides})
	}
	h.want(len(h.room.Granted("p-ani")), 0)
	// A person's own requests are not used up by what the desk does.
	q, _ := h.room.Correction("k1")
	if !q.Desk || q.Reason != "" || len(q.Decisions) != 2 {
		t.Errorf("%+v", q)
	}

	one := testEvent()
	one.Policy.Version, one.Policy.Earns = attend.Rule1, attend.LevelA
	r := NewRoom(one)
	_, err = r.Apply(h.now, bpsdm, c)
	wantErr(t, err, Conflict, "correction_rule")
}

func TestVoidList(t *testing.T) {
	h := newHall(t)
	void := VoidList{Number: "N1", SHA256: sheetHash, Reason: groundFor, Who: whoDecides}
	h.refuse(operator, void, NotAllowed, "role")
	h.refuse(bpsdm, VoidList{Number: "N1", SHA256: sheetHash, Who: whoDecides}, Invalid, "reason_empty")
	h.refuse(bpsdm, VoidList{Number: "", SHA256: sheetHash, Reason: groundFor, Who: whoDecides}, Invalid, "number_unknown")
	h.refuse(bpsdm, VoidList{Number: "N1", SHA256: "ab", Reason: groundFor, Who: whoDecides}, Invalid, "number_unknown")
	if got := h.do(bpsdm, void); got != "list.voided" {
		t.Fatal(got)
	}
	if got := h.do(bpsdm, void); got != "" {
		t.Errorf("sent twice: %s", got)
	}
	if v, ok := h.room.Voided("N1"); !ok || v.Reason != groundFor || !v.At.Equal(h.now) {
		t.Errorf("%+v, %v", v, ok)
	}
	if _, ok := h.room.Voided("N2"); ok {
		t.Error("another list is void, too")
	}
}

// TestRatifyList: a list becomes the event's by a fact, after the end, and each one's revision is above the last: of two
// servers that both made a revision 1, one is refused.
func TestRatifyList(t *testing.T) {
	h := newHall(t)
	first := RatifyList{Number: "N1", SHA256: sheetHash, Revision: 1, Reason: groundFor, Who: whoDecides}
	h.refuse(operator, first, NotAllowed, "role")
	h.refuse(bpsdm, first, Conflict, "event_not_ended")
	h.do(operator, SetPhase{To: Live})
	h.do(operator, SetPhase{To: Ended})
	change := func(f func(*RatifyList)) RatifyList { c := first; f(&c); return c }
	h.refuse(bpsdm, change(func(c *RatifyList) { c.Reason = "x" }), Invalid, "ratify_who_why")
	h.refuse(bpsdm, change(func(c *RatifyList) { c.Revision = 0 }), Invalid, "number_unknown")
	h.refuse(bpsdm, change(func(c *RatifyList) { c.SHA256 = "ab" }), Invalid, "number_unknown")
	if got := h.do(bpsdm, first); got != "list.ratified" {
		t.Fatal(got)
	}
	if got := h.do(bpsdm, first); got != "" {
		t.Errorf("sent twice: %s", got)
	}
	h.refuse(bpsdm, change(func(c *RatifyList) { c.Number = "N2" }), Conflict, "already_ratified")
	if got := h.do(bpsdm, change(func(c *RatifyList) { c.Number, c.Revision = "N3", 2 })); got != "list.ratified" {
		t.Error(got)
	}
}

// TestStrikeLate: the closing time binds who enters marks; BPSDM strikes a wrong one afterwards, too, with a reason.
func TestStrikeLate(t *testing.T) {
	h := newHall(t)
	h.do(operator, EnterStage{camera(operator, "c").Source, false})
	h.do(pic, OpenHall{"open-0001", "Aula", "Sampit"})
	h.do(pic, MarkHall{Entry: "mark-0001", Hall: "h1", Person: "p-sri", At: h.now.UnixMilli(), How: "list", Reason: "Tanpa ponsel"})
	h.wait(72 * time.Hour)
	h.refuse(pic, StrikeMark{"mark-0001", "Salah pilih nama"}, Conflict, "hall_late")
	h.refuse(bpsdm, StrikeMark{"mark-0001", " "}, Invalid, "reason_empty")
	if got := h.do(bpsdm, StrikeMark{"mark-0001", "Salah pilih nama"}); got != "hall.struck" {
		t.Error(got)
	}
}
