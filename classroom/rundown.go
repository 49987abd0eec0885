package classroom

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"betang/classroom/attend"
)

// Limits of the rundown.
const (
	MaxCues  = 60
	MaxCue   = 120 // code points of a title
	maxCueMs = 24 * 60
)

// Cue is one item of the rundown, and what the stage does for it.
type Cue struct {
	ID        CueID  `json:"id"`
	Title     string `json:"title"`
	Minutes   int    `json:"minutes"`             // planned; 0: open
	Uncounted bool   `json:"uncounted,omitempty"` // ceremony: its minutes are no training
	Music     bool   `json:"music,omitempty"`     // sound goes out as it is, in stereo and at a high rate
	Cast      string `json:"cast,omitempty"`      // roles on the stage, the first one main: "vip,mc"; "" leaves the stage as it is
	Layout    Layout `json:"layout,omitempty"`
}

// cast are the roles of the cue, the first one main.
func (c Cue) cast() []Role {
	var out []Role
	for name := range strings.SplitSeq(c.Cast, ",") {
		if name != "" {
			out = append(out, Role(name))
		}
	}
	return out
}

// rundown is what is planned, and where the event stands in it.
type rundown struct {
	cues  []Cue
	n     int // cues so far
	now   Cue // the present one, as it was started; the zero Cue is none
	since int64
	holes attend.Window // when what happened was not to count
	back  *before
	rev   int64
}

// before is how things were before the present cue: what undoing it brings back.
type before struct {
	now      Cue
	since    int64
	holes    int
	standing []standing
	scene    Scene
	auto     bool
}

// RundownView is a copy of the rundown.
type RundownView struct {
	Cues  []Cue
	Now   CueID // ""
	Since time.Time
	Music bool
	Undo  bool // the present cue can be undone
	Rev   int64
}

// Rundown is a copy of the rundown.
func (r *Room) Rundown() RundownView {
	d := &r.rundown
	v := RundownView{Cues: slices.Clone(d.cues), Now: d.now.ID, Music: d.now.Music, Undo: d.back != nil, Rev: d.rev}
	if d.since != 0 {
		v.Since = time.UnixMilli(d.since).UTC()
	}
	return v
}

// Uncounted are the stretches of the live window, so far, of which the rundown says that they do not count.
func (r *Room) Uncounted(now time.Time) []attend.Interval {
	holes := slices.Clone(r.rundown.holes)
	if r.rundown.now.Uncounted {
		holes = append(holes, attend.Interval{From: r.rundown.since, To: max(now.UnixMilli(), r.rundown.since)})
	}
	var out []attend.Interval
	for _, w := range r.Window(now) {
		for _, h := range holes {
			if x := (attend.Interval{From: max(w.From, h.From), To: min(w.To, h.To)}); x.From < x.To {
				out = append(out, x)
			}
		}
	}
	return out
}

func (d *rundown) index(id CueID) int {
	return slices.IndexFunc(d.cues, func(c Cue) bool { return c.ID == id })
}

// castRoles are those a cue can put on the stage.
var castRoles = []Role{RoleOperator, RoleModerator, RoleMC, RoleVIP, RoleSpeaker, RoleParticipant}

func checkCue(c Cue) error {
	n := utf8.RuneCountInString(c.Title)
	switch {
	case n < 1 || n > MaxCue || !validText(c.Title, 4*MaxCue):
		return Refuse(Invalid, "cue_title")
	case c.Minutes < 0 || c.Minutes > maxCueMs:
		return Refuse(Invalid, "cue_minutes")
	}
	seen := map[Role]bool{}
	for _, role := range c.cast() {
		if seen[role] || !slices.Contains(castRoles, role) {
			return Refuse(Invalid, "cue_cast")
		}
		seen[role] = true
	}
	switch c.Layout {
	case LayoutLarge, LayoutSide, LayoutSign:
		return nil
	}
	return Refuse(Invalid, "layout_unknown")
}

func (r *Room) planRundown(cmd Command) ([]FactBody, error) {
	d := &r.rundown
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	switch c := cmd.(type) {
	case PutCue:
		return r.planPut(c.Cue)
	case MoveCue:
		switch i := d.index(c.Cue); {
		case i < 0:
			return nil, Refuse(NotFound, "cue_unknown")
		case c.To < 0 || c.To >= len(d.cues):
			return nil, Refuse(Invalid, "cue_place")
		case c.To == i:
			return nil, nil
		}
		return []FactBody{CueMoved(c)}, nil
	case DropCue:
		switch {
		case d.index(c.Cue) < 0:
			return nil, nil // another operator was faster
		case c.Cue == d.now.ID:
			return nil, Refuse(Conflict, "cue_now")
		}
		return []FactBody{CueDropped(c)}, nil
	case StartCue:
		return r.planStart(c)
	case UndoCue:
		return r.planUndo(c.Cue)
	}
	return nil, Refuse(Invalid, "command_unknown")
}

func (r *Room) planPut(c Cue) ([]FactBody, error) {
	d := &r.rundown
	if err := checkCue(c); err != nil {
		return nil, err
	}
	if c.ID == "" {
		if len(d.cues) >= MaxCues {
			return nil, Refuse(Conflict, "cues_full")
		}
		c.ID = CueID(numberID("c", d.n+1))
		return []FactBody{CuePut{c}}, nil
	}
	switch i := d.index(c.ID); {
	case i < 0:
		return nil, Refuse(NotFound, "cue_unknown")
	case d.cues[i] == c:
		return nil, nil
	}
	return []FactBody{CuePut{c}}, nil
}

// planStart brings the stage to what the cue wants: its people forward, the others behind, the scene chosen anew.
func (r *Room) planStart(c StartCue) ([]FactBody, error) {
	d := &r.rundown
	i := d.index(c.Cue)
	switch {
	case c.Cue == d.now.ID && c.Cue != "":
		return nil, nil // both pressed at once
	case c.From != d.now.ID:
		return nil, Refuse(Conflict, "cue_moved")
	case i < 0:
		return nil, Refuse(NotFound, "cue_unknown")
	}
	cue := d.cues[i]
	out := []FactBody{CueStarted{cue}}
	after := r.stage
	after.cast = cue.cast()
	if cue.Cast == "" && cue.Layout == after.scene.Layout {
		return out, nil
	}
	if cue.Cast != "" {
		after.standing = slices.Clone(after.standing)
		after.auto = true
		for k := range after.standing {
			x := &after.standing[k]
			if behind := !after.casts(*x); behind != x.behind {
				x.behind = behind
				out = append(out, Placed{x.source.ID, behind})
				if behind {
					after.scene = after.scene.without(x.source.ID)
				}
			}
		}
	}
	out = append(r.goesLive(after), out...)
	folded := after.scene
	after.scene.Layout = cue.Layout
	if after.auto {
		after.scene = after.compose()
	}
	if after.scene != folded || after.auto != r.stage.auto {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out, nil
}

// goesLive is what a scheduled event does when a picture comes on its stage; an interpreter making ready starts no lecture.
func (r *Room) goesLive(after stage) []FactBody {
	if r.phase == Scheduled && slices.ContainsFunc(after.standing, func(x standing) bool {
		// A backup making ready starts no lecture, and a class begins with its trainer.
		return !x.behind && x.source.Kind != Interpreter && !after.aside(x.source) && (!r.IsClass() || !fromHall(x.by.Role))
	}) {
		return []FactBody{PhaseSet{Live}}
	}
	return nil
}

// casts tells whether the present cue wants a source on the stage. The interpreter always stands there.
func (s *stage) casts(x standing) bool {
	role := x.by.Role
	if role == RoleGuest {
		role = RoleParticipant
	}
	return len(s.cast) == 0 || x.source.Kind == Interpreter || slices.Contains(s.cast, role)
}

func (r *Room) planUndo(id CueID) ([]FactBody, error) {
	b := r.rundown.back
	if b == nil || id != r.rundown.now.ID {
		return nil, Refuse(Conflict, "cue_moved")
	}
	out := []FactBody{CueUndone{id}}
	after := r.stage
	after.standing = slices.Clone(after.standing)
	after.cast = b.now.cast()
	for k := range after.standing {
		x := &after.standing[k]
		was := slices.IndexFunc(b.standing, func(y standing) bool { return y.source.ID == x.source.ID })
		if was >= 0 && b.standing[was].behind != x.behind {
			x.behind = b.standing[was].behind
			out = append(out, Placed{x.source.ID, x.behind})
			if x.behind {
				after.scene = after.scene.without(x.source.ID)
			}
		}
	}
	folded := after.scene
	after.auto, after.scene = b.auto, b.scene
	for _, slot := range []SourceID{b.scene.Main, b.scene.Second, b.scene.Interpreter} {
		if i := after.index(slot); slot != "" && (i < 0 || after.standing[i].behind) {
			after.scene = after.scene.without(slot) // it has left since
		}
	}
	if after.auto {
		after.scene = after.compose()
	}
	if after.scene != folded || after.auto != r.stage.auto {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out, nil
}

func (r *Room) foldRundown(f Fact) error {
	d := &r.rundown
	at := f.At.UnixMilli()
	switch b := f.Body.(type) {
	case CuePut:
		switch i := d.index(b.Cue.ID); {
		case i >= 0:
			d.cues[i] = b.Cue
		case b.Cue.ID != CueID(numberID("c", d.n+1)):
			return fmt.Errorf("no cue %q", b.Cue.ID)
		default:
			d.n++
			d.cues = append(d.cues, b.Cue)
		}
	case CueMoved:
		i := d.index(b.Cue)
		if i < 0 || b.To < 0 || b.To >= len(d.cues) {
			return fmt.Errorf("cue %q to %d", b.Cue, b.To)
		}
		c := d.cues[i]
		d.cues = slices.Insert(slices.Delete(d.cues, i, i+1), b.To, c)
	case CueDropped:
		i := d.index(b.Cue)
		if i < 0 {
			return fmt.Errorf("no cue %q", b.Cue)
		}
		d.cues = slices.Delete(d.cues, i, i+1)
	case CueStarted:
		d.back = &before{d.now, d.since, len(d.holes), slices.Clone(r.stage.standing), r.stage.scene, r.stage.auto}
		if d.now.Uncounted && d.since < at {
			d.holes = append(d.holes, attend.Interval{From: d.since, To: at})
		}
		d.now, d.since = b.Cue, at
		r.stage.cast = b.Cue.cast()
	case CueUndone:
		if d.back == nil || b.Cue != d.now.ID {
			return fmt.Errorf("cue %q cannot be undone", b.Cue)
		}
		d.now, d.since, d.holes = d.back.now, d.back.since, d.holes[:d.back.holes]
		r.stage.cast = d.now.cast()
		d.back = nil
	}
	d.rev = f.Seq
	return nil
}
