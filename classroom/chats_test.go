package classroom

import "testing"

func TestChatFromWordToQuestion(t *testing.T) {
	h := newHall(t)
	h.refuse(sri, Say{"Selamat pagi"}, Conflict, "chat_off") // off where thousands listen
	if on, reactions, _ := NewRoom(Event{Kind: Class}).Chat(); !on || !reactions {
		t.Error("the chat of a class is closed")
	}
	h.do(moderator, SetChat{true, true})
	h.do(sri, Say{"<b>Kapan</b> gelombang kedua?"})
	h.refuse(sri, Say{"<b>Kapan</b> gelombang kedua?"}, Conflict, "chat_repeat")
	h.do(budi, Say{"Mengganggu"})
	h.do(budi, Say{"Mengganggu lagi"})
	h.refuse(budi, Unsay{"m1"}, NotAllowed, "chat_owner")
	h.do(budi, Unsay{"m2"})
	h.refuse(moderator, Promote{"m2"}, Conflict, "chat_gone")
	h.refuse(budi, Promote{"m1"}, NotAllowed, "role")
	if got := h.do(moderator, Promote{"m1"}); got != "chat.promoted qa.approved" {
		t.Errorf("promoted: %s", got)
	}
	if got := h.do(moderator, Promote{"m1"}); got != "" {
		t.Errorf("two moderators promote one message: %s", got)
	}
	q, _ := h.room.Question("q1")
	if q.Asker != sri.Person || q.Status != QuestionApproved || len(h.room.AskedBy(sriPhone)) != 1 {
		t.Errorf("the question is %+v", q)
	}
	if got := h.do(moderator, Ban{"m3", "Mengganggu"}); got != "chat.removed banned" {
		t.Errorf("banned: %s", got)
	}
	h.refuse(budi, Say{"Saya kembali"}, NotAllowed, "banned")
	if got := h.room.Messages(0); !got[2].Gone || got[0].Gone || !got[0].Asked {
		t.Errorf("the window is %+v", got)
	}
	h.do(moderator, SetChat{false, false})
	h.refuse(sri, Say{"Masih ada?"}, Conflict, "chat_off")
}
