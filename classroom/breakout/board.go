package breakout

import (
	"maps"
	"slices"
)

// Limits of rooms.
const (
	MaxRooms   = 20
	MaxMinutes = 8 * 60
)

// Way is how people come into their rooms.
type Way string

// The ways. Whatever the way, a trainer may put anybody anywhere.
const (
	Even   Way = "even"   // dealt out evenly when the rooms are made
	Hand   Way = "hand"   // by a trainer alone
	Choice Way = "choice" // everyone chooses, and may change
)

// Op is what a change does.
type Op uint8

// The changes.
const (
	OpMake  Op = iota + 1 // N rooms in a Way; those before are gone
	OpPut                 // Who belongs to room N; 0: to none
	OpOpen                // the rooms are open, until Until; 0: until somebody closes them
	OpClose               // everyone is back in the class
	OpGo                  // Who goes to room N, or with 0 back to the class
	OpHelp                // Who calls a trainer to where they are (On), or no longer
)

// Change is one change of the board. Only the fields that its Op names are set.
type Change struct {
	Op    Op
	N     int
	Way   Way
	Who   string
	Free  bool  // of OpGo: may go anywhere at any time
	Until int64 // Unix ms
	On    bool
}

// Refusal is why a change cannot be; its text is the code of the sentence.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// What the board refuses.
const (
	ErrCount   Refusal = "rooms_count"
	ErrWay     Refusal = "rooms_way"
	ErrTime    Refusal = "rooms_time"
	ErrOpen    Refusal = "rooms_open"    // not while the rooms are open
	ErrClosed  Refusal = "rooms_closed"  // only while they are
	ErrUnknown Refusal = "rooms_unknown" // there is no such room
	ErrFixed   Refusal = "rooms_fixed"   // one does not choose one's room here
	ErrNobody  Refusal = "actor_unknown"
	ErrHere    Refusal = "rooms_here" // help is called from within a room
)

// Board is the breakout rooms of one class. The zero value has none.
type Board struct {
	n     int
	way   Way
	open  bool
	until int64
	seats map[string]int // who belongs to which room
	visit map[string]int // where else somebody free is, while the rooms are open
	help  map[string]bool
}

// Count is how many rooms there are; they are numbered from 1.
func (b *Board) Count() int { return b.n }

// Way is how people come into the rooms.
func (b *Board) Way() Way { return b.way }

// Open tells whether the rooms are open, and until when; 0: until somebody closes them.
func (b *Board) Open() (until int64, open bool) { return b.until, b.open }

// Seat is the room that somebody belongs to; 0 is none.
func (b *Board) Seat(who string) int { return b.seats[who] }

// Place is where somebody is now; 0 is the class.
func (b *Board) Place(who string) int {
	if !b.open {
		return 0
	}
	if n, ok := b.visit[who]; ok {
		return n
	}
	return b.seats[who]
}

// Calls are the rooms from which somebody calls for help, ascending.
func (b *Board) Calls() []int {
	var out []int
	for who := range b.help {
		if n := b.Place(who); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// Calling tells whether somebody calls for help.
func (b *Board) Calling(who string) bool { return b.help[who] }

// Plan checks a change. It is nil where it would change nothing, and then there is nothing to commit.
func (b *Board) Plan(c Change) (*Change, error) {
	if err := b.check(c); err != nil {
		return nil, err
	}
	if !b.changes(c) {
		return nil, nil
	}
	return &c, nil
}

func (b *Board) check(c Change) error {
	switch c.Op {
	case OpMake:
		switch {
		case b.open:
			return ErrOpen
		case c.N < 0 || c.N > MaxRooms || c.N == 1:
			return ErrCount
		case c.Way != Even && c.Way != Hand && c.Way != Choice:
			return ErrWay
		}
	case OpPut, OpGo:
		switch {
		case c.Who == "":
			return ErrNobody
		case c.N < 0 || c.N > b.n:
			return ErrUnknown
		case c.Op == OpGo && !b.open:
			return ErrClosed
		case c.Op == OpGo && !c.Free && b.way != Choice:
			return ErrFixed
		}
	case OpOpen:
		switch {
		case b.n == 0:
			return ErrUnknown
		case c.Until < 0:
			return ErrTime
		}
	case OpHelp:
		switch {
		case c.Who == "":
			return ErrNobody
		case c.On && !b.open:
			return ErrClosed
		case c.On && b.Place(c.Who) == 0:
			return ErrHere
		}
	}
	return nil
}

func (b *Board) changes(c Change) bool {
	switch c.Op {
	case OpPut:
		_, away := b.visit[c.Who]
		return b.seats[c.Who] != c.N || away
	case OpOpen:
		return !b.open || b.until != c.Until
	case OpClose:
		return b.open
	case OpGo:
		return b.Place(c.Who) != c.N
	case OpHelp:
		return b.help[c.Who] != c.On
	}
	return true
}

// Commit makes a change that Plan gave, or that a journal holds. It refuses one that cannot have happened.
func (b *Board) Commit(c Change) error {
	if err := b.check(c); err != nil {
		return err
	}
	switch c.Op {
	case OpMake:
		*b = Board{n: c.N, way: c.Way}
	case OpPut:
		set(&b.seats, c.Who, c.N)
		delete(b.visit, c.Who)
		delete(b.help, c.Who)
	case OpOpen:
		b.open, b.until = true, c.Until
	case OpClose:
		b.open, b.until, b.visit, b.help = false, 0, nil, nil
	case OpGo:
		if c.Free {
			if b.visit == nil {
				b.visit = map[string]int{}
			}
			b.visit[c.Who] = c.N
			b.answer(c.N)
		} else {
			set(&b.seats, c.Who, c.N)
		}
		delete(b.help, c.Who)
	case OpHelp:
		if !c.On {
			delete(b.help, c.Who)
			break
		}
		if b.help == nil {
			b.help = map[string]bool{}
		}
		b.help[c.Who] = true
	}
	return nil
}

// answer: a trainer came, nobody in the room calls any more.
func (b *Board) answer(n int) {
	maps.DeleteFunc(b.help, func(who string, _ bool) bool { return b.Place(who) == n })
}

func set(m *map[string]int, who string, n int) {
	if n == 0 {
		delete(*m, who)
		return
	}
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[who] = n
}

// Deal shares people out over n rooms, evenly: no room has two more than another. Who is listed first goes to room 1.
func Deal(people []string, n int) map[string]int {
	out := make(map[string]int, len(people))
	for i, who := range people {
		out[who] = 1 + i%n
	}
	return out
}
