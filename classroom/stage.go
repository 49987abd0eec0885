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
	Auto    bool       // the scene follows the room's own rule
	Shown   QuestionID // the question shown large; ""
	Rev     int64
}

// Stage gives a copy of the stage. While the event is paused it stands as it was; showing it is the hub's matter.
func (r *Room) Stage() StageView {
	v := StageView{Scene: r.stage.scene, Auto: r.stage.auto, Shown: questionID(r.board.Shown()), Rev: r.stage.rev}
	for _, s := range r.stage.standing {
		v.Sources = append(v.Sources, s.source)
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
	if (by.Role == RoleInterpreter) != (s.Kind == Interpreter) {
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
	out := []FactBody{StageLeft{id}}
	after := r.stage
	after.standing = slices.Delete(slices.Clone(after.standing), i, i+1)
	after.scene = after.scene.without(id)
	folded := after.scene // what folding StageLeft alone gives
	switch {
	case r.stage.auto:
		after.scene = after.compose()
	case r.stage.scene.Main == id: // what the operator had chosen is gone: the room chooses again
		after.auto, after.scene = true, after.compose()
	case r.stage.scene.Interpreter == id:
		if next := after.compose().Interpreter; next != after.scene.Main && next != after.scene.Second {
			after.scene.Interpreter = next
		}
	}
	if after.scene != folded || after.auto != r.stage.auto {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out, nil
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

// compose is the room's own rule: the latest shared screen is main, and beside it its owner's latest camera, or the
// latest camera of anybody if the owner has none; without a screen the latest camera is main. The latest
// interpreter fills the interpreter's slot.
func (s *stage) compose() Scene {
	latest := func(kind SourceKind, owner string) SourceID {
		for _, x := range slices.Backward(s.standing) {
			if x.source.Kind == kind && (owner == "" || x.source.Owner == owner) {
				return x.source.ID
			}
		}
		return ""
	}
	scene := Scene{Main: latest(Screen, ""), Interpreter: latest(Interpreter, "")}
	if scene.Main == "" {
		scene.Main = latest(Camera, "")
		return scene
	}
	owner := s.standing[s.index(scene.Main)].source.Owner
	if scene.Second = latest(Camera, owner); scene.Second == "" {
		scene.Second = latest(Camera, "")
	}
	return scene
}

func (s *stage) index(id SourceID) int {
	return slices.IndexFunc(s.standing, func(x standing) bool { return x.source.ID == id })
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
