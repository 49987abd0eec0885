package classroom

import (
	"slices"
	"testing"
	"time"

	"betang/classroom/poll"

	"pgregory.net/rapid"
)

func TestHandToStageAndBack(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.refuse(sri, camera(sri, "g1"), NotAllowed, "not_invited")
	h.do(budi, RaiseHand{})
	h.do(sri, RaiseHand{})
	if got := h.do(sriPhone, RaiseHand{}); got != "" {
		t.Errorf("a second device raised the same hand: %s", got)
	}
	if hand, place, ok := h.room.HandOf(sriPhone); !ok || hand.ID != "h2" || place != 2 {
		t.Errorf("sri: %+v, place %d", hand, place)
	}
	h.refuse(sri, camera(sri, "g1"), NotAllowed, "not_invited") // raised is not invited
	h.do(moderator, Invite{"h1"})
	if _, place, _ := h.room.HandOf(sri); place != 1 {
		t.Errorf("sri is in place %d, want 1", place)
	}
	h.do(moderator, Invite{"h2"})
	h.refuse(sri, EnterStage{Source: Source{ID: "g1", Kind: Screen}}, NotAllowed, "source_kind")
	h.do(sri, camera(sri, "g1"))
	if s := h.room.Stage().Scene; s.Main != "c1" || s.Second != "g1" {
		t.Errorf("the speaker stays, the participant stands beside: %+v", s)
	}
	// A lost transport keeps the invitation, so that the page comes back by itself.
	h.do(sri, LeaveStage{"g1"})
	if hand, _, _ := h.room.HandOf(sri); hand.Status != HandCalled {
		t.Errorf("after a loss: %+v", hand)
	}
	h.do(sri, camera(sri, "g2"))
	if got := h.do(sri, LowerHand{}); got != "stage.left hand.lowered" {
		t.Errorf("stepping down: %s", got)
	}
	h.refuse(sri, camera(sri, "g3"), NotAllowed, "not_invited")
	h.refuse(sri, RaiseHand{}, TooMany, "hand_rate")
	h.wait(handEvery)
	h.do(sri, RaiseHand{})

	// Sent off by the operator: the hand is down, too.
	h.do(budi, camera(budi, "g4"))
	if got := h.do(operator, LeaveStage{"g4"}); got != "stage.left hand.lowered" {
		t.Errorf("sent off: %s", got)
	}
	h.refuse(budi, LowerHand{"h3"}, NotAllowed, "hand_owner")
	if got := h.do(moderator, LowerHand{"h9"}); got != "" {
		t.Errorf("two moderators lower one hand: %s", got)
	}
}

func TestQueueIsBounded(t *testing.T) {
	h := newHall(t)
	for i := range MaxHands {
		h.do(Actor{Role: RoleGuest, Session: SessionID([]byte{'s', byte('0' + i/10), byte('0' + i%10)})}, RaiseHand{})
	}
	h.refuse(sri, RaiseHand{}, TooMany, "hands_full")
}

func TestHeldSticksToThePublisher(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.do(operator, HoldSource{"c1", Held{Sound: true}})
	h.refuse(moderator, HoldSource{"c1", Held{}}, NotAllowed, "role")
	h.do(speaker, LeaveStage{"c1"})
	h.do(speaker, camera(speaker, "c2")) // published anew
	if got := h.room.HeldOf("c2"); got != (Held{Sound: true}) {
		t.Errorf("a reconnect lost the hold: %+v", got)
	}
	h.do(operator, HoldSource{"c2", Held{}})
	if got := h.room.HeldOf("c2"); got != (Held{}) {
		t.Errorf("still held: %+v", got)
	}
}

func TestBan(t *testing.T) {
	h := newHall(t)
	h.do(speaker, camera(speaker, "c1"))
	h.do(sri, Ask{"Apa?"})
	h.do(moderator, Approve{"q1"})
	h.do(operator, MakePoll{poll.Spec{Kind: poll.Single, Text: "Setuju?", Options: []string{"Ya", "Tidak"}}})
	h.do(operator, TurnPoll{"j1", poll.Open})
	h.do(budi, AnswerPoll{"j1", poll.Answer{Pick: 1}})
	h.do(budi, RaiseHand{})
	h.do(moderator, Invite{"h1"})
	h.do(budi, camera(budi, "g1"))
	h.refuse(moderator, Ban{"h1", ""}, Invalid, "reason_empty")
	h.refuse(moderator, Ban{"h7", "x"}, NotFound, "ban_target")
	h.refuse(moderator, Ban{"c1", "x"}, NotAllowed, "ban_staff")
	if got := h.do(moderator, Ban{"h1", "Mengganggu"}); got != "stage.left hand.lowered banned" {
		t.Errorf("banned: %s", got)
	}
	phone := Actor{Role: RoleParticipant, Person: budi.Person, Session: "another"}
	for _, a := range []Actor{budi, phone} {
		h.refuse(a, Support{"q1", true}, NotAllowed, "banned")
		h.refuse(a, AnswerPoll{"j1", poll.Answer{Pick: 2}}, NotAllowed, "banned")
		h.refuse(a, RaiseHand{}, NotAllowed, "banned")
		h.refuse(a, Admit{Method: "nip"}, NotAllowed, "banned")
	}
	if v, _ := h.room.Poll("j1"); v.Tally.N != 1 || v.Tally.Counts[0] != 1 || v.Tally.Counts[1] != 0 {
		t.Errorf("what was answered before the ban: %+v", v.Tally)
	}
	if got := h.do(operator, Ban{"q1", "Kata kasar"}); got != "banned" || !h.room.Banned(sri) {
		t.Errorf("by question: %s", got)
	}
	h.do(moderator, Unban{"b1"})
	h.refuse(operator, Unban{"b1"}, NotFound, "ban_unknown") // two moderators at once
	h.do(budi, Support{"q1", true})
	h.do(operator, Ban{"c1", "Tautan bocor"})
	if s := h.room.Stage(); len(s.Sources) != 0 || !h.room.Banned(speaker) || h.room.Banned(speaker2) {
		t.Errorf("a link is banned: %+v", s)
	}
}

// checkHands holds what is so of hands, bans and the stage in every room.
func checkHands(t *rapid.T, r *Room) {
	t.Helper()
	place := 0
	for i, h := range r.Hands() {
		got, at, ok := r.HandOf(h.By)
		if h.Status == HandWaiting {
			place++
		}
		want := place
		if h.Status != HandWaiting {
			want = 0
		}
		if !ok || got != h || at != want {
			t.Fatalf("hand %d: %+v of its owner, in place %d; want %+v in %d", i, got, at, h, want)
		}
		if r.Banned(h.By) || r.Phase() == Ended {
			t.Fatalf("%+v is up", h)
		}
		stands := slices.ContainsFunc(r.Stage().Sources, func(s Source) bool {
			by, _ := r.Publisher(s.ID)
			return by.key() == h.By.key() && (by.Role == RoleParticipant || by.Role == RoleGuest)
		})
		if (h.Status == HandUp) != stands && !r.IsClass() {
			t.Fatalf("%+v, on the stage: %t", h, stands)
		}
	}
	for _, s := range r.Stage().Sources {
		by, _ := r.Publisher(s.ID)
		if r.Banned(by) {
			t.Fatalf("%+v of one who is banned stands on the stage", s)
		}
		if _, _, ok := r.HandOf(by); !ok && !r.IsClass() && (by.Role == RoleParticipant || by.Role == RoleGuest) {
			t.Fatalf("%+v stands on the stage without a hand", s)
		}
	}
	for i, b := range r.Bans() {
		if b.Reason == "" || b.At.After(time.UnixMilli(1<<42)) || i > 0 && b.At.Before(r.Bans()[i-1].At) {
			t.Fatalf("ban %+v", b)
		}
	}
}
