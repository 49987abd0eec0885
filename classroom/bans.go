package classroom

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

const maxReason = 200 // code points

// BanView is a copy of one ban that stands.
type BanView struct {
	ID      BanID
	Person  PersonID
	Session SessionID
	Link    string
	Role    Role
	Reason  string
	At      time.Time
}

// covers tells whether the ban is of this actor: the person on any device, else the link's holder, else the session.
func (b BanView) covers(a Actor) bool {
	return b.Person != "" && b.Person == a.Person || b.Link != "" && b.Link == a.Link || b.Session != "" && b.Session == a.Session
}

// bans are who must stay out.
type bans struct {
	standing []BanView
	n        int
	rev      int64
}

// Bans are the bans that stand, the oldest first.
func (r *Room) Bans() []BanView { return slices.Clone(r.bans.standing) }

// BansRev is the revision of the bans.
func (r *Room) BansRev() int64 { return r.bans.rev }

// Banned tells whether somebody must stay out.
func (r *Room) Banned(a Actor) bool {
	return slices.ContainsFunc(r.bans.standing, func(b BanView) bool { return b.covers(a) })
}

func (r *Room) planBan(by Actor, c Ban) ([]FactBody, error) {
	who, ok := r.target(c.Target)
	switch {
	case !ok:
		return nil, Refuse(NotFound, "ban_target")
	case c.Reason == "":
		return nil, Refuse(Invalid, "reason_empty")
	case utf8.RuneCountInString(c.Reason) > maxReason:
		return nil, Refuse(Invalid, "reason_long")
	case !validText(c.Reason, 4*maxReason):
		return nil, Refuse(Invalid, "text_invalid")
	case who.Role == RoleOperator || !fromHall(who.Role) && !May(by.Role, "stage.leave.any"):
		return nil, Refuse(NotAllowed, "ban_staff")
	case r.Banned(who):
		return nil, nil
	}
	b := BanView{Person: who.Person, Session: who.Session, Link: who.Link}
	if b.Person != "" {
		b.Session, b.Link = "", "" // a person is out on every device, and with every link
	}
	out := append(r.leaveAll(func(s standing) bool { return b.covers(s.by) }), r.unsayAll(b.covers)...)
	for _, h := range r.hands.up {
		if b.covers(h.By) {
			out = append(out, HandLowered{h.ID})
		}
	}
	return append(out, Banned{
		Ban: BanID(numberID("b", r.bans.n+1)), Person: b.Person, Session: b.Session, Link: b.Link, Role: who.Role, Reason: c.Reason,
	}), nil
}

// target finds whom a hand, a source on the stage, a question or a message leads to.
func (r *Room) target(id string) (Actor, bool) {
	if i := r.hands.index(HandID(id)); i >= 0 {
		return r.hands.up[i].By, true
	}
	if by, ok := r.Publisher(SourceID(id)); ok {
		return by, true
	}
	if n, ok := questionNumber(QuestionID(id)); ok && n > 0 {
		by, ok := r.askers[n]
		return by, ok
	}
	if n, ok := numbered("s", id); ok && n > 0 && n <= len(r.class.seats) {
		return r.class.seats[n-1], true
	}
	if n, ok := numbered("m", id); ok {
		l, ok := r.chat.Line(n)
		return writerActor(l.By), ok
	}
	return Actor{}, false
}

func (r *Room) planUnban(id BanID) ([]FactBody, error) {
	if r.bans.index(id) < 0 {
		return nil, Refuse(NotFound, "ban_unknown")
	}
	return []FactBody{Unbanned{id}}, nil
}

func (s *bans) index(id BanID) int {
	return slices.IndexFunc(s.standing, func(b BanView) bool { return b.ID == id })
}

func (s *bans) add(f Fact, b Banned) error {
	if want := BanID(numberID("b", s.n+1)); b.Ban != want {
		return fmt.Errorf("ban %q, want %q", b.Ban, want)
	}
	s.n++
	s.standing = append(s.standing, BanView{b.Ban, b.Person, b.Session, b.Link, b.Role, b.Reason, f.At})
	s.rev = f.Seq
	return nil
}

func (s *bans) lift(seq int64, id BanID) error {
	i := s.index(id)
	if i < 0 {
		return fmt.Errorf("no ban %q", id)
	}
	s.standing, s.rev = slices.Delete(s.standing, i, i+1), seq
	return nil
}
