// Package speak chooses the voices that everyone hears when more people have sound on the stage than a viewer has slots.
// It is pure: it knows no packets and no clock.
package speak

// Slots is how many voices go out at once.
const Slots = 3

// The rule's measures. Times are in ns, loudness in dB above silence (RFC 6464: 127 less the level).
const (
	margin  = 6      // by so much a newcomer is louder than the quietest who has a slot
	patient = 300e6  // and for so long: a cough or a dropped pen is shorter
	atLeast = 1000e6 // so long a slot is kept once it was given
	fade    = 15     // dB a second by which what was heard of a voice pales: between two sentences it keeps its slot
	floor   = 30     // what is quieter is no speech: nobody loses a slot to noise
)

// Voice is a candidate: who, and how loud at the moment.
type Voice[K comparable] struct {
	ID    K
	Level int
}

// Selector holds who has which slot. The zero K is nobody. The zero value is ready.
type Selector[K comparable] struct {
	slots [Slots]K
	since [Slots]int64 // when the slot was given
	state map[K]voice
	at    int64
	round int64
}

type voice struct {
	score float64
	over  int64 // since when it is louder than the quietest in a slot; 0: it is not
	round int64
}

// Step takes in how loud the candidates are at now, in the order in which they came, and gives the slots. Who has a slot keeps
// its place; where there are no more candidates than slots, all have one.
func (s *Selector[K]) Step(now int64, voices []Voice[K]) [Slots]K {
	var nobody K
	if s.state == nil {
		s.state = map[K]voice{}
	}
	pale := fade * float64(max(0, now-s.at)) / 1e9
	s.at = now
	s.round++
	for _, v := range voices {
		st := s.state[v.ID]
		st.score = max(float64(v.Level), st.score-pale)
		st.round = s.round
		s.state[v.ID] = st
	}
	for id, st := range s.state {
		if st.round != s.round {
			delete(s.state, id)
		}
	}
	for i, id := range s.slots {
		if _, here := s.state[id]; id != nobody && !here {
			s.slots[i] = nobody
		}
	}
	for _, v := range voices { // what is free goes to the first who came
		if i := s.index(nobody); v.ID != nobody && s.index(v.ID) < 0 && i >= 0 {
			s.slots[i], s.since[i] = v.ID, now
		}
	}
	s.challenge(now, voices)
	return s.slots
}

// challenge lets the loudest who waits take the slot of the quietest.
func (s *Selector[K]) challenge(now int64, voices []Voice[K]) {
	var nobody K
	weakest := 0
	for i, id := range s.slots {
		if id == nobody {
			return
		}
		if s.state[id].score < s.state[s.slots[weakest]].score {
			weakest = i
		}
	}
	bar := max(s.state[s.slots[weakest]].score+margin, floor)
	best := nobody
	for _, v := range voices {
		st := s.state[v.ID]
		switch {
		case v.ID == nobody || s.index(v.ID) >= 0 || st.score < bar || v.Level < floor:
			st.over = 0
		case st.over == 0:
			st.over = now
		case now-st.over >= patient && (best == nobody || st.score > s.state[best].score):
			best = v.ID
		}
		s.state[v.ID] = st
	}
	if best != nobody && now-s.since[weakest] >= atLeast {
		s.slots[weakest], s.since[weakest] = best, now
	}
}

func (s *Selector[K]) index(id K) int {
	for i, x := range s.slots {
		if x == id {
			return i
		}
	}
	return -1
}
