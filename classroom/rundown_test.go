package classroom

import (
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"

	"pgregory.net/rapid"
)

func TestRundown(t *testing.T) {
	h := newHall(t)
	mc := Actor{Role: RoleMC, Session: "s-mc", Link: "l-mc", Name: "Pewara"}
	vip := Actor{Role: RoleVIP, Session: "s-vip", Link: "l-vip", Name: "Gubernur"}
	for _, c := range []Cue{
		{Title: "Pembukaan", Minutes: 5, Uncounted: true, Cast: "mc"},
		{Title: "Indonesia Raya", Minutes: 3, Uncounted: true, Music: true, Cast: "mc"},
		{Title: "Kuliah umum", Minutes: 90, Cast: "vip,mc", Layout: LayoutSide},
		{Title: "Tanya jawab", Minutes: 30},
	} {
		h.do(moderator, PutCue{c})
	}
	h.refuse(moderator, PutCue{Cue{Title: " " + strings.Repeat("x", MaxCue)}}, Invalid, "cue_title")
	h.refuse(moderator, PutCue{Cue{Title: "x", Cast: "mc,mc"}}, Invalid, "cue_cast")
	h.refuse(moderator, PutCue{Cue{Title: "x", Minutes: -1}}, Invalid, "cue_minutes")
	h.refuse(moderator, StartCue{"c1", ""}, NotAllowed, "role")
	h.do(mc, EnterStage{camera(mc, "m").Source, true})
	h.do(vip, EnterStage{camera(vip, "v").Source, true})
	h.want(h.room.Phase(), Scheduled)

	start := h.now.UnixMilli()
	if got := h.do(operator, StartCue{"c1", ""}); got != "phase cue.started source.placed scene" {
		t.Errorf("the first cue: %s", got)
	}
	h.want(h.room.Stage().Scene, Scene{Main: "m"})
	h.wait(time.Minute)
	// Two operators press "next" at once.
	h.do(operator, StartCue{"c2", "c1"})
	if got := h.do(operator, StartCue{"c2", "c1"}); got != "" {
		t.Errorf("the second of two operators: %s", got)
	}
	h.refuse(operator, StartCue{"c3", "c1"}, Conflict, "cue_moved")
	h.want(h.room.Rundown().Music, true)
	h.wait(time.Minute)
	h.do(operator, StartCue{"c3", "c2"})
	h.want(h.room.Stage().Scene, Scene{Main: "v", Layout: LayoutSide})
	h.want(h.room.Stage().Behind, map[SourceID]bool(nil))
	lecture := h.now.UnixMilli()
	h.wait(10 * time.Minute)
	// By mistake, and back: as if it had never been, the stage included.
	h.do(operator, StartCue{"c1", "c3"})
	h.want(h.room.Stage().Scene, Scene{Main: "m"})
	h.wait(3 * time.Second)
	h.do(operator, UndoCue{"c1"})
	h.want(h.room.Stage().Scene, Scene{Main: "v", Layout: LayoutSide})
	h.want(h.room.Rundown().Now, CueID("c3"))
	h.want(h.room.Rundown().Since.UnixMilli(), lecture)
	h.refuse(operator, UndoCue{"c3"}, Conflict, "cue_moved")
	h.want(h.room.Uncounted(h.now), []attend.Interval{{From: start, To: start + 60_000}, {From: start + 60_000, To: lecture}})
	h.refuse(operator, DropCue{"c3"}, Conflict, "cue_now")
	h.do(operator, MoveCue{"c4", 0})
	h.want(h.room.Rundown().Cues[0].Title, "Tanya jawab")
	// Who is not in the cue's cast waits behind; a pause is not counted twice.
	h.do(speaker, camera(speaker, "s"))
	h.want(h.room.Stage().Behind, map[SourceID]bool{"s": true})
	h.do(operator, SetPhase{Ended})
	h.refuse(operator, StartCue{"c4", "c3"}, Conflict, "event_ended")
	h.checkReplay()
}

// checkRundown holds what is so of the rundown in every room.
func checkRundown(t *rapid.T, r *Room) {
	t.Helper()
	d := r.Rundown()
	seen := map[CueID]bool{}
	for _, c := range d.Cues {
		if seen[c.ID] || c.Title == "" {
			t.Fatalf("cue %+v in %+v", c, d.Cues)
		}
		seen[c.ID] = true
	}
	if d.Now != "" && !seen[d.Now] {
		t.Fatalf("the present cue %q is not in the rundown", d.Now)
	}
	end := time.UnixMilli(1 << 42)
	live, to := r.Window(end), int64(0)
	for _, x := range r.Uncounted(end) {
		inside := false
		for _, w := range live {
			inside = inside || x.From >= w.From && x.To <= w.To
		}
		if x.From >= x.To || x.From < to || !inside {
			t.Fatalf("uncounted %v of live %v", r.Uncounted(end), live)
		}
		to = x.To
	}
}
