package halls

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Board holds all halls of one event. It is not safe for concurrent use.
type Board struct {
	halls []*room
	byID  map[string]*room
	opens map[string]string // hall by the id of the wish that opened it
	marks map[string]Mark   // by id
}

type room struct {
	Hall
	people map[string][]string // ids of a person's marks, in the order of arrival
}

// New gives a board without halls.
func New() *Board {
	return &Board{byID: map[string]*room{}, opens: map[string]string{}, marks: map[string]Mark{}}
}

// ValidID tells whether id could have been made by a device: 8 to 64 letters, digits and hyphens.
func ValidID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// PlanOpen gives the hall that a wish to open becomes. known: it is open already by the same wish, and nothing happens.
func (b *Board) PlanOpen(entry, name, place string) (h Hall, known bool, err error) {
	if id, ok := b.opens[entry]; ok {
		return b.byID[id].Hall, true, nil
	}
	n, m := utf8.RuneCountInString(name), utf8.RuneCountInString(place)
	switch {
	case !ValidID(entry):
		return Hall{}, false, ErrEntry
	case n < 2 || n > MaxName || m > MaxName:
		return Hall{}, false, ErrName
	case len(b.halls) >= MaxHalls:
		return Hall{}, false, ErrMany
	}
	return Hall{ID: "h" + strconv.Itoa(len(b.halls)+1), Entry: entry, Name: name, Place: place}, false, nil
}

// Open makes a hall, or opens again one that was closed.
func (b *Board) Open(h Hall) error {
	if r := b.byID[h.ID]; r != nil {
		r.Closed = 0
		return nil
	}
	if want := "h" + strconv.Itoa(len(b.halls)+1); h.ID != want || h.Closed != 0 {
		return ErrUnknown
	}
	if _, taken := b.opens[h.Entry]; taken || !ValidID(h.Entry) {
		return ErrEntry
	}
	r := &room{Hall: h, people: map[string][]string{}}
	b.halls = append(b.halls, r)
	b.byID[h.ID] = r
	b.opens[h.Entry] = h.ID
	return nil
}

// Close ends a hall: its code opens nothing any more. Late marks still come in.
func (b *Board) Close(id string, at int64) error {
	r := b.byID[id]
	switch {
	case r == nil:
		return ErrUnknown
	case at < r.Opened:
		return ErrOrder
	}
	if r.Closed == 0 {
		r.Closed = at
	}
	return nil
}

// PlanMark checks a mark that came now. known: it is here already, whatever came along with it this time. until is when
// late marks end; 0: never.
func (b *Board) PlanMark(m Mark, now, until int64) (known bool, err error) {
	if _, ok := b.marks[m.ID]; ok {
		return true, nil
	}
	r := b.byID[m.Hall]
	switch {
	case r == nil:
		return false, ErrUnknown
	case !ValidID(m.ID):
		return false, ErrEntry
	case m.Person == "":
		return false, ErrPerson
	case !m.Level.Valid():
		return false, ErrLevel
	case until > 0 && now > until:
		return false, ErrLate
	case m.At < r.Opened || m.At > now:
		return false, ErrTime
	case m.Level == Scanned && r.Closed != 0:
		return false, ErrClosed
	case len(r.people[m.Person]) >= MaxMarks:
		return false, ErrMarks
	case m.Level == Scanned && m.Out && len(r.people[m.Person]) == 0:
		// A phone has the server's answer at once, so its holder can still be helped; a PIC's marks may come in any order.
		return false, ErrNotIn
	}
	return false, nil
}

// Put takes in a mark that was accepted.
func (b *Board) Put(m Mark) error {
	r := b.byID[m.Hall]
	switch {
	case r == nil:
		return ErrUnknown
	case m.Person == "":
		return ErrPerson
	case !ValidID(m.ID):
		return ErrEntry
	case !m.Level.Valid():
		return ErrLevel
	}
	if _, twice := b.marks[m.ID]; twice {
		return ErrEntry
	}
	m.Struck = false
	b.marks[m.ID] = m
	r.people[m.Person] = append(r.people[m.Person], m.ID)
	return nil
}

// Mark finds a mark by its id.
func (b *Board) Mark(id string) (Mark, bool) {
	m, ok := b.marks[id]
	return m, ok
}

// Strike withdraws a mark.
func (b *Board) Strike(id string) error {
	m, ok := b.marks[id]
	if !ok {
		return ErrMark
	}
	m.Struck = true
	b.marks[id] = m
	return nil
}

// Hall finds a hall.
func (b *Board) Hall(id string) (Hall, bool) {
	r := b.byID[id]
	if r == nil {
		return Hall{}, false
	}
	return r.Hall, true
}

// Halls lists all halls in the order of their opening.
func (b *Board) Halls() []Hall {
	out := make([]Hall, len(b.halls))
	for i, r := range b.halls {
		out[i] = r.Hall
	}
	return out
}

// Marks are the marks of one person in one hall, by their times.
func (b *Board) Marks(hall, person string) []Mark {
	r := b.byID[hall]
	if r == nil {
		return nil
	}
	out := make([]Mark, 0, len(r.people[person]))
	for _, id := range r.people[person] {
		out = append(out, b.marks[id])
	}
	slices.SortFunc(out, func(x, y Mark) int { return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID)) })
	return out
}

// Inside gives who is in a hall now, by their last marks: halls that are closed hold nobody. One who is in two comes twice.
func (b *Board) Inside() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range b.halls {
			if r.Closed != 0 {
				continue
			}
			for person, ids := range r.people {
				var last Mark
				for _, id := range ids {
					if m := b.marks[id]; !m.Struck && (last.ID == "" || cmp.Or(cmp.Compare(m.At, last.At), cmp.Compare(m.ID, last.ID)) > 0) {
						last = m
					}
				}
				if last.ID != "" && !last.Out && !yield(person) {
					return
				}
			}
		}
	}
}

// People lists who has a mark in a hall, ascending by id.
func (b *Board) People(hall string) []string {
	r := b.byID[hall]
	if r == nil {
		return nil
	}
	out := make([]string, 0, len(r.people))
	for p := range r.people {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}
