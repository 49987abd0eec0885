package classroom

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Limits of the automatic takeover, in seconds.
const (
	takeoverAfter = 5 // until an operator says otherwise
	minTakeover   = 2
	maxTakeover   = 60
)

// backup is the rule of the second device. Sources of a marked owner stand on the stage, unseen and unheard, for the day
// the main one fails. The main one is whoever the room last showed large and is no backup (ward): it is well while any
// camera or screen of it stands and sends. When it has not been well for a while, the backup is shown in its place; when it
// has been well again as long, it is shown again. An operator may do both by hand, and what a hand did no rule undoes.
type backup struct {
	marked map[string]bool
	silent map[SourceID]bool // of those standing
	auto   bool
	after  int // seconds; 0: takeoverAfter
	on     bool
	hand   bool
	ward   string // owner; "": nobody yet, or it left on purpose
	up     bool   // it has a camera or screen on the stage
	since  int64  // Unix ms since when the ward is ill, or while the backup is on, since when it is well; 0: neither
}

// BackupView is a copy of the rule's state.
type BackupView struct {
	Auto   bool
	After  int // seconds
	On     bool
	Hand   bool
	Ready  bool // a backup stands by and sends
	Marked bool // some owner is marked as backup
}

func (b backup) seconds() int {
	if b.after == 0 {
		return takeoverAfter
	}
	return b.after
}

// Backup gives the rule's state.
func (r *Room) Backup() BackupView {
	b := r.stage.backup
	return BackupView{Auto: b.auto, After: b.seconds(), On: b.on, Hand: b.hand, Ready: r.stage.ready() != "", Marked: len(b.marked) > 0}
}

// IsBackup tells whether an owner's sources are marked as backup.
func (r *Room) IsBackup(owner string) bool { return r.stage.backup.marked[owner] }

// IsSilent tells whether no media comes from a source on the stage.
func (r *Room) IsSilent(id SourceID) bool { return r.stage.backup.silent[id] }

// StandsBy tells whether a source is to be unseen and unheard: a backup that is not on, or the main one while it is. What an
// operator has put into a slot by hand is never hidden.
func (r *Room) StandsBy(id SourceID) bool {
	i := r.stage.index(id)
	if i < 0 || r.stage.scene.has(id) {
		return false
	}
	return r.stage.aside(r.stage.standing[i].source)
}

func (s Scene) has(id SourceID) bool {
	return id != "" && (s.Main == id || s.Second == id || s.Interpreter == id)
}

// aside tells whether the room's own rule leaves a source out.
func (s *stage) aside(src Source) bool {
	switch {
	case src.Kind == Interpreter:
		return false
	case s.backup.on && s.present():
		return s.backup.ward != "" && src.Owner == s.backup.ward
	}
	return s.backup.marked[src.Owner]
}

// standIn puts a backup that is on into the large picture of the room's own scene, unless a shared screen has it.
func (s *stage) standIn(scene Scene) Scene {
	id := s.ready()
	if at := s.index(scene.Main); !s.backup.on || id == "" || at >= 0 && s.standing[at].source.Kind == Screen {
		return scene
	}
	scene = scene.without(id)
	scene.Main = id
	return scene
}

// pictures tells whether a source is a camera or a screen on the stage, not behind it.
func (x standing) pictures() bool { return !x.behind && x.source.Kind != Interpreter }

// well tells whether a camera or screen of the owner stands and sends.
func (s *stage) well(owner string) bool {
	return owner != "" && slices.ContainsFunc(s.standing, func(x standing) bool {
		return x.source.Owner == owner && x.pictures() && !s.backup.silent[x.source.ID]
	})
}

// ready is the backup source that would take over: the latest camera or screen that stands by and sends; "" for none.
func (s *stage) ready() SourceID {
	for _, x := range slices.Backward(s.standing) {
		if s.backup.marked[x.source.Owner] && x.pictures() && !s.backup.silent[x.source.ID] {
			return x.source.ID
		}
	}
	return ""
}

// present tells whether any backup stands at all.
func (s *stage) present() bool {
	return slices.ContainsFunc(s.standing, func(x standing) bool {
		return s.backup.marked[x.source.Owner] && x.pictures()
	})
}

// follow brings the rule's state up to a fact that was just folded.
func (s *stage) follow(f Fact) {
	b := &s.backup
	before := b.ward
	// A ward that goes, or steps back, while it sends does so on purpose: nobody is missed. One that was lost is silent first.
	meant := false
	switch x := f.Body.(type) {
	case StageLeft:
		meant = !b.silent[x.Source]
	case Placed:
		meant = x.Behind
	}
	if meant && b.up && s.latestOf(b.ward) == "" {
		b.ward = ""
	}
	maps.DeleteFunc(b.silent, func(id SourceID, _ bool) bool { return s.index(id) < 0 })
	if b.on && !s.present() {
		b.on, b.hand, b.since = false, false, 0
	}
	if p, ok := f.Body.(PhaseSet); ok && p.To == Ended {
		b.ward, b.up, b.on, b.hand, b.since = "", false, false, false, 0
		return
	}
	if i := s.index(s.scene.Main); i >= 0 && !b.on {
		owner := s.standing[i].source.Owner
		switch {
		case !s.standing[i].pictures():
			b.ward = "" // an operator shows the interpreter large: nobody is missed
		case owner != "" && !b.marked[owner] && (b.ward == "" || !s.auto || s.well(b.ward)):
			// Whoever fills the place of a ward that was lost does not become the ward, unless an operator chose so.
			b.ward = owner
		}
	}
	if b.marked[b.ward] {
		b.ward = ""
	}
	if b.ward != before {
		b.since = 0 // the seconds are the ward's own
	}
	b.up = b.ward != "" && s.latestOf(b.ward) != ""
	if b.ward != "" && s.well(b.ward) == b.on {
		if b.since == 0 {
			b.since = f.At.UnixMilli()
		}
	} else {
		b.since = 0
	}
}

// TakeoverDue tells whether the rule asks for the backup (on) or for the main one again, now.
func (r *Room) TakeoverDue(now time.Time) (on, due bool) {
	b := &r.stage.backup
	if !b.auto || r.phase != Live || b.since == 0 {
		return false, false
	}
	long := now.UnixMilli()-b.since >= int64(b.seconds())*1000
	switch {
	case !b.on:
		return true, long && r.stage.ready() != ""
	case b.hand:
		return false, false
	}
	return false, long || r.stage.ready() == "" // the main one is well, and the backup perhaps is not
}

// Standby is who put a backup on the stage: the actor in whose name it takes over.
func (r *Room) Standby() (Actor, bool) {
	for _, x := range slices.Backward(r.stage.standing) {
		if r.stage.backup.marked[x.source.Owner] && x.pictures() {
			return x.by, true
		}
	}
	return Actor{}, false
}

func (r *Room) planBackup(now int64, cmd Command) ([]FactBody, error) {
	if r.phase == Ended {
		return nil, Refuse(Conflict, "event_ended")
	}
	switch c := cmd.(type) {
	case SetBackup:
		return r.planBackupMark(c)
	case SetTakeover:
		if c.After < minTakeover || c.After > maxTakeover {
			return nil, Refuse(Invalid, "backup_after")
		}
		if b := r.stage.backup; c.Auto == b.auto && c.After == b.seconds() {
			return nil, nil
		}
		return []FactBody{TakeoverSet(c)}, nil
	case TakeOver:
		return r.planOver(c.On, true)
	case TakeOverDue:
		if on, due := r.TakeoverDue(time.UnixMilli(now)); !due || on != c.On {
			return nil, Refuse(Conflict, "backup_early")
		}
		return r.planOver(c.On, false)
	case NoteSilent:
		if r.stage.index(c.Source) < 0 {
			return nil, Refuse(NotFound, "source_unknown")
		}
		if r.stage.backup.silent[c.Source] == c.Silent {
			return nil, nil
		}
		return []FactBody{SourceSilent(c)}, nil
	}
	return nil, Refuse(Invalid, "command_unknown")
}

func (r *Room) planBackupMark(c SetBackup) ([]FactBody, error) {
	if c.Owner == "" || !validText(c.Owner, maxID) {
		return nil, Refuse(Invalid, "source_owner")
	}
	if r.stage.backup.marked[c.Owner] == c.On {
		return nil, nil
	}
	if c.On && !slices.ContainsFunc(r.stage.standing, func(x standing) bool { return x.source.Owner == c.Owner }) {
		return nil, Refuse(NotFound, "source_unknown")
	}
	after := r.stage
	after.backup.marked = maps.Clone(after.backup.marked)
	after.backup.mark(c.Owner, c.On)
	out := []FactBody{BackupSet(c)}
	return r.recompose(out, after), nil
}

func (r *Room) planOver(on, hand bool) ([]FactBody, error) {
	b := r.stage.backup
	if on && r.stage.ready() == "" {
		return nil, Refuse(Conflict, "backup_none")
	}
	if on == b.on {
		return nil, nil
	}
	after := r.stage
	after.backup.on = on
	out := []FactBody{TookOver{On: on, Hand: hand && on}}
	if after.auto {
		return r.recompose(out, after), nil
	}
	// An operator's own scene stays as it is but for the large picture.
	id := r.stage.ready()
	if !on {
		id = after.latestOf(b.ward)
	}
	if id == "" {
		return out, nil
	}
	after.scene = after.scene.without(id)
	after.scene.Main = id
	if after.scene != r.stage.scene {
		out = append(out, SceneSet{after.scene, false})
	}
	return out, nil
}

// recompose appends the scene that the room's rule gives after.
func (r *Room) recompose(out []FactBody, after stage) []FactBody {
	if after.auto {
		after.scene = after.compose()
	}
	if after.scene != r.stage.scene {
		out = append(out, SceneSet{after.scene, after.auto})
	}
	return out
}

// latestOf is the owner's latest camera or screen.
func (s *stage) latestOf(owner string) SourceID {
	for _, x := range slices.Backward(s.standing) {
		if x.source.Owner == owner && x.pictures() {
			return x.source.ID
		}
	}
	return ""
}

func (b *backup) mark(owner string, on bool) {
	if !on {
		delete(b.marked, owner)
		return
	}
	if b.marked == nil {
		b.marked = map[string]bool{}
	}
	b.marked[owner] = true
}

func (s *stage) foldBackup(f Fact) error {
	switch b := f.Body.(type) {
	case BackupSet:
		s.backup.mark(b.Owner, b.On)
	case TakeoverSet:
		s.backup.auto, s.backup.after = b.Auto, b.After
	case TookOver:
		if b.On && !s.present() {
			return fmt.Errorf("no backup stands by")
		}
		s.backup.on, s.backup.hand, s.backup.since = b.On, b.Hand, 0
	case SourceSilent:
		if s.index(b.Source) < 0 {
			return fmt.Errorf("source %q is not on the stage", b.Source)
		}
		if s.backup.silent == nil {
			s.backup.silent = map[SourceID]bool{}
		}
		if b.Silent {
			s.backup.silent[b.Source] = true
		} else {
			delete(s.backup.silent, b.Source)
		}
	}
	s.rev = f.Seq
	return nil
}
