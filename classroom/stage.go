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

// stage is who and what everyone sees. Every source in scene stands on it, in one slot at most.
type stage struct {
	standing []standing // in the order of entering
	scene    Scene
	auto     bool // the scene follows the rule of compose
	held     map[holdKey]Held
	rev      int64
}

// standing is a source on the stage and who put it there.
type standing struct {
	source Source
	by     Actor
}

// StageView is a copy of the stage.
type StageView struct {
	Sources []Source // in the order of entering
	Scene   Scene
	Auto    bool              // the scene follows the room's own rule
	Held    map[SourceID]Held // of sources of which something goes to nobody
	Shown   QuestionID        // the question shown large; ""
	Rev     int64
}

// Stage gives a copy of the stage. While the event is paused it stands as it was; showing it is the hub's matter.
func (r *Room) Stage() StageView {
	v := StageView{Scene: r.stage.scene, Auto: r.stage.auto, Shown: questionID(r.board.Shown()), Rev: r.stage.rev}
	for _, s := range r.stage.standing {
		v.Sources = append(v.Sources, s.source)
		if held := r.stage.held[s.holdKey()]; held != (Held{}) {
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

func (r *Room) planEnter(by Actor, s Source) ([]FactBody, error) {
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	if err := checkSource(by, s); err != nil {
		return nil, err
	}
	if h, _, ok := r.HandOf(by); fromHall(by.Role) && (!ok || h.Status == HandWaiting) {
		return nil, Refuse(NotAllowed, "not_invited")
	}
	if i := r.stage.index(s.ID); i >= 0 {
		if r.stage.standing[i].source == s {
			return nil, nil
		}
		return nil, Refuse(Conflict, "source_taken")
	}
	if len(r.stage.standing) >= MaxSources {
		return nil, Refuse(Conflict, "stage_full")
	}
	var out []FactBody
	if r.phase == Scheduled && s.Kind != Interpreter { // an interpreter making ready starts no lecture
		out = append(out, PhaseSet{Live})
	}
	out = append(out, StageEntered{s})
	after := r.stage
	after.standing = append(slices.Clip(after.standing), standing{s, by})
	switch {
	case after.auto:
		after.scene = after.compose()
	case s.Kind == Interpreter && after.scene.Interpreter == "":
		after.scene.Interpreter = s.ID // the operator chose the picture when there was nobody to sign
	}
	if after.scene != r.stage.scene {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out, nil
}

func checkSource(by Actor, s Source) error {
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
	if (by.Role == RoleInterpreter) != (s.Kind == Interpreter) || fromHall(by.Role) && s.Kind != Camera {
		return Refuse(NotAllowed, "source_kind")
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
	if h := r.hands.of(own); h >= 0 && fromHall(own.Role) && !r.stage.standing[i].owned(by) {
		return r.lower(h), nil // sent off: it takes a new invitation to come back
	}
	return r.leaveAll(func(s standing) bool { return s.source.ID == id }), nil
}

// leaveAll takes sources off the stage; the scene closes up.
func (r *Room) leaveAll(goes func(standing) bool) []FactBody {
	var out []FactBody
	before, after := r.stage.scene, r.stage
	after.standing = nil
	for _, s := range r.stage.standing {
		if goes(s) {
			out = append(out, StageLeft{s.source.ID})
			after.scene = after.scene.without(s.source.ID)
		} else {
			after.standing = append(after.standing, s)
		}
	}
	folded := after.scene // what folding StageLeft alone gives
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
	scene := c.Scene
	if c.Auto {
		scene = r.stage.compose()
	} else if err := r.stage.checkScene(scene); err != nil {
		return nil, err
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
		if s.index(id) < 0 {
			return Refuse(NotFound, "source_unknown")
		}
		if slices.Contains(slots[:i], id) {
			return Refuse(Invalid, "scene_twice")
		}
	}
	return nil
}

// compose is the room's own rule: the latest shared screen is main, else the latest camera of the stage's own people.
// Second is the latest camera of an invited participant; without one, beside a screen, its owner's latest camera, or
// the latest of anybody if the owner has none. The latest interpreter fills the interpreter's slot.
func (s *stage) compose() Scene {
	latest := func(is func(standing) bool) SourceID {
		for _, x := range slices.Backward(s.standing) {
			if is(x) {
				return x.source.ID
			}
		}
		return ""
	}
	of := func(kind SourceKind, hall bool) SourceID {
		return latest(func(x standing) bool { return x.source.Kind == kind && fromHall(x.by.Role) == hall })
	}
	scene := Scene{Main: of(Screen, false), Second: of(Camera, true), Interpreter: of(Interpreter, false)}
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
	return scene
}

func (s *stage) index(id SourceID) int {
	return slices.IndexFunc(s.standing, func(x standing) bool { return x.source.ID == id })
}

func (r *Room) foldEnter(f Fact, src Source) error {
	if err := r.stage.enter(f, src); err != nil {
		return err
	}
	r.hands.entered(f)
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

func (s *stage) enter(f Fact, src Source) error {
	if s.index(src.ID) >= 0 {
		return fmt.Errorf("source %q is on the stage", src.ID)
	}
	s.standing = append(s.standing, standing{src, f.By})
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
