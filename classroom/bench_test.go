package classroom

import (
	"fmt"
	"testing"
	"time"

	"betang/classroom/poll"
)

// crowdRoom is a live event with n viewers, each let in, in the poll and with a vote.
func crowdRoom(b *testing.B, n int) *hall {
	h := newHall(b)
	h.do(operator, SetPhase{Live})
	h.do(operator, SetChat{Chat: true, Reactions: true})
	h.do(Actor{Role: RoleParticipant, Person: "asker", Session: "s"}, Ask{"Kapan pelatihan gelombang kedua?"})
	h.do(moderator, Approve{questionID(1)})
	h.do(operator, MakePoll{poll.Spec{Kind: poll.Single, Text: "Jelas?", Options: []string{"Ya", "Tidak"}}})
	h.do(operator, TurnPoll{"j1", poll.Open})
	for i := range n {
		by := viewer(i)
		h.do(by, Admit{Method: "link"})
		h.do(by, Support{questionID(1), true})
		h.do(by, AnswerPoll{"j1", poll.Answer{Pick: 1}})
	}
	return h
}

func viewer(i int) Actor {
	return Actor{Role: RoleParticipant, Person: PersonID(fmt.Sprint("p-", i)), Session: SessionID(fmt.Sprint("s-", i))}
}

// BenchmarkCommand is what one command costs in time and memory, with so many viewers in the room: it must not grow with them.
// Each comes from another of the last hundred viewers, later than any rate forbids.
func BenchmarkCommand(b *testing.B) {
	commands := []struct {
		name string
		of   func(by Actor, i int) (Actor, Command)
	}{
		{"vote", func(by Actor, i int) (Actor, Command) { return by, Support{questionID(1), i/100%2 == 1} }},
		{"answer", func(by Actor, i int) (Actor, Command) {
			return by, AnswerPoll{"j1", poll.Answer{Pick: poll.Pick(1 + (i/100+1)%2)}}
		}},
		{"chat", func(by Actor, i int) (Actor, Command) { return by, Say{fmt.Sprint("Hadir dari Kapuas ", i)} }},
		{"hand", func(by Actor, i int) (Actor, Command) {
			if i/100%2 == 0 {
				return by, RaiseHand{}
			}
			return by, LowerHand{}
		}},
		{"announce", func(_ Actor, i int) (Actor, Command) { return operator, Announce{fmt.Sprint("Pengumuman ", i)} }},
		{"phase", func(_ Actor, i int) (Actor, Command) { return operator, SetPhase{[]Phase{Paused, Live}[i%2]} }},
	}
	for _, c := range commands {
		for _, n := range []int{100, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				h := crowdRoom(b, n)
				var last [100]Actor
				for i := range last {
					last[i] = viewer(n - len(last) + i)
				}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					h.wait(31 * time.Second)
					by, cmd := c.of(last[i%len(last)], i)
					if _, err := h.room.Apply(h.now, by, cmd); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
