package classroom

import (
	"fmt"
	"slices"
)

// Limits of the stage.
const (
	MaxSources = 16
	maxID      = 128 // bytes of any id that comes from outside
	maxLabel   = 100 // code points
)

// stage is who and what everyone sees, and who stands behind it. Every source in scene stands on it, in one slot at most.
type stage struct {
	standing []standing // in the order of entering
	scene    Scene
	auto     bool // the scene follows the rule of compose
	gate     bool // who comes waits behind the stage for an operator
	called   map[holdKey]bool
	cast     []Role // whom the present cue wants on the stage, the first one main; none: anybody
	held     map[holdKey]Held
	backup   backup
	rev      int64
}

// standing is a source on the stage and who put it there.
type standing struct {
	source Source
	by     Actor
	behind bool // backstage: seen and heard by the stage's own people alone
}

// StageView is a copy of the stage.
type StageView struct {
	Sources []Source // in the order of entering
	Scene   Scene
	Auto    bool              // the scene follows the room's own rule
	Gate    bool              // who comes waits behind the stage for an operator
	Behind  map[SourceID]bool // sources that wait behind the stage
	Held    map[SourceID]Held // of sources of which something goes to nobody
	Shown   QuestionID        // the question shown large; ""
	Rev     int64
}

// Stage gives a copy of the stage. While the event is paused it stands as it was; showing it is the hub's matter.
func (r *Room) Stage() StageView {
	v := StageView{Scene: r.stage.scene, Auto: r.stage.auto, Gate: r.stage.gate, Shown: questionID(r.board.Shown()), Rev: r.stage.rev}
	for _, s := range r.stage.standing {
		v.Sources = append(v.Sources, s.source)
		if s.behind {
			if v.Behind == nil {
				v.Behind = map[SourceID]bool{}
			}
			v.Behind[s.source.ID] = true
		}
		if held := r.heldOf(s); held != (Held{}) {
			if v.Held == nil {
				v.Held = map[SourceID]Held{}
			}
			v.Held[s.source.ID] = held
		}
	}
	return v
}

// Publisher is who put a source on the stage: the actor in whose name a lost transport leaves it.
func (r *Room) Publisher(id SourceID) (Actor, bool) {
	if i := r.stage.index(id); i >= 0 {
		return r.stage.standing[i].by, true
	}
	return Actor{}, false
}

func (r *Room) planEnter(by Actor, c EnterStage) ([]FactBody, error) {
	s := c.Source
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	if err := r.checkSource(by, s); err != nil {
		return nil, err
	}
	if h, _, ok := r.HandOf(by); fromHall(by.Role) && !r.IsClass() && (!ok || h.Status == HandWaiting) {
		return nil, Refuse(NotAllowed, "not_invited")
	}
	if i := r.stage.index(s.ID); i >= 0 {
		if r.stage.standing[i].source == s {
			return nil, nil
		}
		return nil, Refuse(Conflict, "source_taken")
	}
	most := MaxSources
	if r.IsClass() {
		most = MaxClassSources
	}
	if len(r.stage.standing) >= most {
		return nil, Refuse(Conflict, "stage_full")
	}
	x := standing{s, by, c.Behind}
	switch {
	case by.Role == RoleOperator || fromHall(by.Role) || r.stage.called[x.holdKey()]:
	case r.stage.gate || !r.stage.casts(x):
		x.behind = true
	}
	after := r.stage
	after.standing = append(slices.Clip(after.standing), x)
	if x.behind {
		return []FactBody{StageEntered{s, true}}, nil
	}
	return r.rise(StageEntered{s, false}, x, after), nil
}

// rise is what follows when a source comes on the stage; after has it there.
func (r *Room) rise(fact FactBody, x standing, after stage) []FactBody {
	out := append(r.goesLive(after), fact)
	switch {
	case after.auto:
		after.scene = after.compose()
	case x.source.Kind == Interpreter && after.scene.Interpreter == "":
		after.scene.Interpreter = x.source.ID // the operator chose the picture when there was nobody to sign
	}
	if after.scene != r.stage.scene {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out
}

func (r *Room) checkSource(by Actor, s Source) error {
	switch {
	case s.ID == "" || !validText(string(s.ID), maxID):
		return Refuse(Invalid, "source_id")
	case !validText(s.Owner, maxID):
		return Refuse(Invalid, "source_owner")
	case !validText(s.Label, 4*maxLabel) || len([]rune(s.Label)) > maxLabel:
		return Refuse(Invalid, "source_label")
	}
	switch s.Kind {
	case Camera, Screen, Interpreter:
	default:
		return Refuse(Invalid, "source_kind")
	}
	if by.Role == RoleOperator {
		return nil
	}
	if by.Link != "" && s.Owner != by.Link {
		return Refuse(NotAllowed, "source_owner")
	}
	if (by.Role == RoleInterpreter) != (s.Kind == Interpreter) || fromHall(by.Role) && s.Kind != Camera && !r.IsClass() {
		return Refuse(NotAllowed, "source_kind")
	}
	if fromHall(by.Role) && s.Kind == Screen && !r.shares(by) {
		return Refuse(NotAllowed, "share_not_granted")
	}
	return nil
}

func (r *Room) planLeave(by Actor, id SourceID) ([]FactBody, error) {
	i := r.stage.index(id)
	if i < 0 {
		return nil, Refuse(NotFound, "source_unknown")
	}
	if !May(by.Role, "stage.leave.any") && !r.stage.standing[i].owned(by) {
		return nil, Refuse(NotAllowed, "source_owner")
	}
	own := r.stage.standing[i].by
	if h := r.hands.of(own); h >= 0 && fromHall(own.Role) && !r.IsClass() && !r.stage.standing[i].owned(by) {
		return r.lower(h), nil // sent off: it takes a new invitation to come back
	}
	return r.leaveAll(func(s standing) bool { return s.source.ID == id }), nil
}

// leaveAll takes sources off the stage; the scene closes up.
func (r *Room) leaveAll(goes func(standing) bool) []FactBody {
	var out []FactBody
	after := r.stage
	after.standing = nil
	for _, s := range r.stage.standing {
		if goes(s) {
			out = append(out, StageLeft{s.source.ID})
			after.scene = after.scene.without(s.source.ID)
		} else {
			after.standing = append(after.standing, s)
		}
	}
	return r.closeUp(out, after)
}

// closeUp is what follows when sources go off the stage; after is the stage as their facts alone leave it.
func (r *Room) closeUp(out []FactBody, after stage) []FactBody {
	before, folded := r.stage.scene, after.scene
	switch {
	case len(out) == 0:
		return nil
	case r.stage.auto:
		after.scene = after.compose()
	case before.Main != folded.Main: // what the operator had chosen is gone: the room chooses again
		after.auto, after.scene = true, after.compose()
	case before.Interpreter != folded.Interpreter:
		if next := after.compose().Interpreter; next != after.scene.Main && next != after.scene.Second {
			after.scene.Interpreter = next
		}
	}
	if after.scene != folded || after.auto != r.stage.auto {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out
}

// owned tells whether the source is by's own: of the same link, the same person, or the same session.
func (s standing) owned(by Actor) bool {
	return by.Link != "" && by.Link == s.source.Owner ||
		by.Person != "" && by.Person == s.by.Person ||
		by.Session != "" && by.Session == s.by.Session
}

func (r *Room) planScene(c SetScene) ([]FactBody, error) {
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	if now := r.stage.scene; c.Seen != "" && c.Seen != string(now.Main+","+now.Second+","+now.Interpreter) {
		return nil, Refuse(Conflict, "scene_moved")
	}
	scene := c.Scene
	if c.Auto {
		scene = r.stage.compose()
		scene.Layout = c.Scene.Layout
	} else if err := r.stage.checkScene(scene); err != nil {
		return nil, err
	}
	switch scene.Layout {
	case LayoutLarge, LayoutSide, LayoutSign:
	default:
		return nil, Refuse(Invalid, "layout_unknown")
	}
	if scene == r.stage.scene && c.Auto == r.stage.auto {
		return nil, nil
	}
	return []FactBody{SceneSet{scene, c.Auto}}, nil
}

func (s *stage) checkScene(scene Scene) error {
	slots := [...]SourceID{scene.Main, scene.Second, scene.Interpreter}
	for i, id := range slots {
		if id == "" {
			continue
		}
		at := s.index(id)
		if at < 0 {
			return Refuse(NotFound, "source_unknown")
		}
		if s.standing[at].behind {
			return Refuse(Conflict, "source_behind")
		}
		if slices.Contains(slots[:i], id) {
			return Refuse(Invalid, "scene_twice")
		}
	}
	return nil
}

// compose is the room's own rule: the latest shared screen is main, else the latest camera of the stage's own people.
// Second is the latest camera of an invited participant; without one, beside a screen, its owner's latest camera, or
// the latest of anybody if the owner has none. The latest interpreter fills the interpreter's slot. Of the stage's own
// people those come first whom the present cue names first.
func (s *stage) compose() Scene {
	latest := func(is func(standing) bool) SourceID {
		for _, x := range slices.Backward(s.standing) {
			if is(x) && !x.behind && !s.aside(x.source) {
				return x.source.ID
			}
		}
		return ""
	}
	of := func(kind SourceKind, hall bool) SourceID {
		for _, role := range s.cast {
			if id := latest(func(x standing) bool {
				return x.source.Kind == kind && fromHall(x.by.Role) == hall && x.by.Role == role
			}); id != "" {
				return id
			}
		}
		return latest(func(x standing) bool { return x.source.Kind == kind && fromHall(x.by.Role) == hall })
	}
	scene := Scene{
		Main: of(Screen, false), Second: of(Camera, true), Interpreter: of(Interpreter, false), Layout: s.scene.Layout,
	}
	switch {
	case scene.Main == "":
		if scene.Main = of(Camera, false); scene.Main == "" {
			scene.Main, scene.Second = scene.Second, ""
		}
	case scene.Second == "":
		owner := s.standing[s.index(scene.Main)].source.Owner
		scene.Second = latest(func(x standing) bool { return x.source.Kind == Camera && x.source.Owner == owner })
		if scene.Second == "" {
			scene.Second = of(Camera, false)
		}
	}
	return s.standIn(scene)
}

func (s *stage) index(id SourceID) int {
	return slices.IndexFunc(s.standing, func(x standing) bool { return x.source.ID == id })
}

func (r *Room) foldEnter(f Fact, b StageEntered) error {
	if err := r.stage.enter(f, b); err != nil {
		return err
	}
	r.hands.entered(f)
	r.classEntered(r.stage.standing[len(r.stage.standing)-1])
	return nil
}

func (r *Room) foldLeave(seq int64, id SourceID) error {
	by, _ := r.Publisher(id)
	if err := r.stage.leave(seq, id); err != nil {
		return err
	}
	more := slices.ContainsFunc(r.stage.standing, func(s standing) bool { return fromHall(s.by.Role) && s.by.key() == by.key() })
	r.hands.left(seq, by, more)
	return nil
}

func (s *stage) enter(f Fact, b StageEntered) error {
	if s.index(b.Source.ID) >= 0 {
		return fmt.Errorf("source %q is on the stage", b.Source.ID)
	}
	x := standing{b.Source, f.By, b.Behind}
	s.standing = append(s.standing, x)
	s.call(x)
	s.rev = f.Seq
	return nil
}

func (s *stage) leave(seq int64, id SourceID) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("source %q is not on the stage", id)
	}
	s.standing = slices.Delete(s.standing, i, i+1)
	s.scene = s.scene.without(id)
	s.rev = seq
	return nil
}

func (s *stage) set(seq int64, scene Scene, auto bool) error {
	if err := s.checkScene(scene); err != nil {
		return err
	}
	s.scene, s.auto, s.rev = scene, auto, seq
	return nil
}

// without is the scene with a source taken out of its slot.
func (s Scene) without(id SourceID) Scene {
	for _, slot := range []*SourceID{&s.Main, &s.Second, &s.Interpreter} {
		if *slot == id {
			*slot = ""
		}
	}
	return s
}
