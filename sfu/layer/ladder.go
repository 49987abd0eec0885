package layer

import (
	"math"
	"slices"
)

// Rung is a step of the ladder, as a viewer reads it.
type Rung uint8

// The rungs. Voice is what nobody is denied.
const (
	Voice  Rung = iota
	Slides      // a shared screen in few frames, no camera
	Low         // up to 269 lines: 180p
	Medium      // up to 539: 360p
	High        // 720p and above
)

// String is the rung's name on the wire.
func (r Rung) String() string {
	return [...]string{"voice", "slides", "low", "medium", "high"}[min(r, High)]
}

// Reason says why a viewer is not higher.
type Reason uint8

// The reasons.
const (
	Top     Reason = iota // there is nothing higher
	Network               // the path does not carry more
	Chosen                // the viewer wants no more
	Saving                // Mode hemat data
	Source                // the publisher sends no more
	Busy                  // the server gives no more
	Start                 // slow start: the path is not known yet
)

// String is the reason's name on the wire.
func (r Reason) String() string {
	return [...]string{"best", "network", "chosen", "saving", "source", "busy", "start"}[min(r, Start)]
}

// Pin is what a viewer wants at most.
type Pin uint8

// The pins.
const (
	Auto     Pin = iota
	ToMedium     // or the least there is, where that is more
	ToLow
	Save    // the cheapest picture of each slot: Mode hemat data
	ToVoice // no picture at all
)

// Role is what a slot shows.
type Role uint8

// The roles.
const (
	Camera      Role = iota
	Screen           // a shared screen: before cameras, and its letters stay sharp; see Slot.rung
	Interpreter      // sign language: outlives everything but the voices
	Tile             // one of a gallery: small on the screen, so always a rung behind the stage
)

// Option is one way to fill a slot: a simulcast layer up to a temporal layer.
type Option struct {
	Layer  int   // the caller's index
	TID    uint8 // highest temporal layer sent
	Height int   // in lines; 0: not known
	Rate   int64 // bits a second on the wire
}

func (o Option) rung() Rung {
	switch {
	case o.Height == 0 && o.Rate > 900_000 || o.Height >= 540:
		return High
	case o.Height == 0 && o.Rate > 300_000 || o.Height >= 270:
		return Medium
	}
	return Low
}

// Slots is how many video slots a viewer may have.
const Slots = 12

// none is a choice of nothing.
var none = [Slots]int{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// Slot is one video slot.
type Slot struct {
	ID      uint64 // of what it shows; another one is chosen for at once. 0: empty
	Role    Role
	Options []Option // see Sort
}

// Input is what a decision is made from. Times in ns.
type Input struct {
	Now      int64
	Estimate int64 // of the path, bits a second
	Proven   int64 // so much of it is known of the path as it is now; 0: all
	Limit    int64 // what the server gives, bits a second; 0: no limit
	Starting bool  // the estimate is a guess yet
	Audio    int64 // what the voices need on the wire: reserved before any picture
	Full     bool  // the path is full right now
	Trying   bool  // and it may be by a probe of this viewer's own
	Wait     int64 // how late the pictures leave, ns: from tardy on the path does not carry them, whatever the estimate says
	Slots    [Slots]Slot
	Pin      Pin
}

// Decision is what to send. Choice has an index into the options of each slot, -1 for nothing.
type Decision struct {
	Choice [Slots]int
	Rung   Rung
	Reason Reason
	Rate   int64 // of all that is chosen, voices included
	Want   int64 // what the path must carry for the next step, to probe for; 0: none is wanted
	Prove  int64 // what it must have been seen to carry not long ago: a step is about to be climbed that fits the estimate; 0: nothing
	Lower  bool  // it is less than before, because the path carries less: do not wait for a keyframe to stop
}

// Times in ns.
const (
	second  = int64(1_000_000_000)
	holdMin = 3 * second / 2
	holdMax = 48 * second
	shortly = 15 * second    // a fall so soon after a climb makes the next climb wait longer
	steady  = 60 * second    // and a stay of so long forgets it, as does thrice the time without a fall
	grace   = 4 * second     // an estimate a little too low is borne so long
	turn    = 3 * second / 2 // and of a full path no longer than a part of this, each viewer another one
	others  = 20 * second    // a path that others filled so lately is shared with them
	margin  = 120            // percent of its rate the path must carry before a step is climbed
	dip     = 140            // percent of the estimate the rate may be, for that grace
	far     = 220            // and from here on it is taken to be another path
	tardy   = second / 2     // what waits so long leaves too late: a player keeps the voice with it
	relief  = 85             // percent of what does, which is tried in its stead
	page    = 115            // percent of the estimate that a shared screen in its fewest frames may cost once it is seen
	options = 16             // of a slot that are looked at
	ahead   = second         // a climb asks for its proof so long before it is due,
	bear    = 8 * second     // and waits so long for it: of the path of who takes no padding nothing is ever found
	instead = 110            // percent of the rate of an option that is gone, which another one may cost in its stead

	holdShared = 4 * second // at least, where a path is shared: for a step of this many bits a second
	smallStep  = 150_000
)

// Anew has the next Step choose at once, as for a viewer who has just come: the path is another one.
func (l *Ladder) Anew() { *l = Ladder{Seed: l.Seed, slots: l.slots, pin: l.pin} }

// step is one climb: a slot gets its next option.
type step struct {
	slot, option int
	nth          int   // in the order of importance
	least        int64 // what all that matters more is with it, voices included
	total        int64 // what all is then, what is shown and matters less included
}

// shown is what a slot shows: another one is chosen for at once.
type shown struct {
	id   uint64
	role Role
}

// Ladder decides for one viewer. The zero value is ready. Not for several goroutines.
type Ladder struct {
	Seed uint64 // makes those who share a path climb at different times

	slots     [Slots]shown
	chosen    [Slots]Option // Rate 0: nothing. Not its index: the options of a slot come and go, and another one is no reason to change
	begun     bool
	pin       Pin
	ripe      int64 // since when the next step could be climbed; 0: not
	hold      int64
	wait      int64 // of this climb: about hold
	climbed   int64
	came      int64 // to what it shows now
	fell      int64
	last      int64 // Step
	short     int64 // since when the estimate is a little too low; 0: it is not
	full      int64 // how long the path was full since then
	patience  int64 // and how long that is borne
	lateSince int64 // what is chosen leaves too late; 0: it does not
	lateFor   int64 // and so long that is borne
	shared    int64 // when the path was last full by another's doing; 0: never
	rising    bool  // from nothing, on a path that has shown no limit since
	plan      []step
	more      []step
}

// Step decides. Call it some ten times a second and when the estimate has fallen.
func (l *Ladder) Step(in Input) Decision {
	path := in.Estimate
	if in.Proven == 0 {
		in.Proven = math.MaxInt64
	}
	if in.Limit > 0 {
		in.Estimate = min(path, in.Limit)
	}
	fresh := l.meet(in)
	have := none
	for i, o := range l.chosen {
		if !fresh && o.Rate > 0 {
			have[i] = in.Slots[i].place(o)
		}
	}
	plan, at, all := l.draw(in, have)
	if l.hold == 0 {
		l.hold = holdMin
	}
	if in.Full && !in.Trying && in.Now-max(l.climbed, l.came) > grace {
		l.shared = in.Now
	}
	cost := in.Audio
	if at > 0 {
		cost = plan[at-1].total
	}
	late := l.late(in) && !fresh && at > 0
	if late {
		in.Estimate = min(in.Estimate, cost*relief/100)
	}
	fits := 0
	for fits < len(plan) && plan[fits].total <= in.Estimate {
		fits++
	}
	if !fresh && fits < at && in.Slots[plan[fits].slot].Role == Screen && plan[fits].option == 0 && plan[fits].total*100 <= in.Estimate*page {
		fits++ // a page has begun, and is paced: it is only later for a path that shows less for a moment
	}
	lower, prove := false, int64(0)
	switch {
	case fresh:
		at, l.ripe, l.short, l.came = fits, 0, 0, in.Now
	case at > fits && (late || l.falls(in, cost)):
		at, l.ripe, lower, l.fell = fits, 0, true, in.Now
		if in.Now-l.climbed < shortly {
			l.hold = min(l.hold*2, holdMax)
		}
	case at == 0 && fits > 0 && in.Starting && !in.Full:
		at, l.climbed = fits, in.Now // no picture yet, and a probe has just found room for one: nothing to be careful with
	case at < len(plan) && plan[at].least*margin/100 <= in.Estimate && !in.Full && in.Wait < tardy:
		at, prove = l.climb(in, plan, at, cost)
	default:
		l.ripe = 0
	}
	l.last = in.Now
	if at <= fits {
		l.short = 0
	}
	if in.Now-l.climbed > steady && l.climbed > l.fell || in.Now-l.fell > 3*steady {
		l.hold = holdMin
	}
	d := Decision{Choice: none, Rate: in.Audio, Lower: lower, Prove: prove}
	l.chosen = [Slots]Option{}
	for _, s := range plan[:at] {
		d.Choice[s.slot], d.Rate = s.option, s.total
		l.chosen[s.slot] = in.Slots[s.slot].Options[s.option]
	}
	d.Rung = rung(in, d.Choice)
	if at < len(plan) {
		// Who has no picture and is alone on the path is found all that it carries now, in one go. Others look for the next step only: who
		// probes all the time does not see that the path is shared.
		next := at
		if l.rising = !l.shares(in.Now) && !in.Full && (l.rising || at == 0); l.rising {
			next = len(plan) - 1
		}
		d.Want = plan[next].least * (margin + 3) / 100
	}
	d.Reason = reason(in, d, path, all)
	return d
}

// meet takes in what the slots show, and tells whether it must be chosen for anew.
func (l *Ladder) meet(in Input) (fresh bool) {
	fresh = !l.begun || in.Pin != l.pin
	for i, s := range in.Slots {
		is := shown{s.ID, s.Role}
		if len(s.Options) == 0 {
			is = shown{}
		}
		fresh = fresh || is != l.slots[i]
		l.slots[i] = is
	}
	l.begun, l.pin = true, in.Pin
	return fresh
}

// place is where an option stands among those of now. Of one that is gone it is the dearest that costs no more, or hardly: a half-step goes
// because it saves little.
func (s Slot) place(was Option) int {
	at := 0
	for i, o := range s.Options {
		switch {
		case o.Layer == was.Layer && o.TID == was.TID:
			return i
		case o.Rate*100 <= was.Rate*instead:
			at = i
		}
	}
	return at
}

// reason says why it is not more. path is the estimate without the server's limit; all: the pin leaves every step.
func reason(in Input, d Decision, path int64, all bool) Reason {
	shown := slices.ContainsFunc(in.Slots[:], func(s Slot) bool { return s.ID != 0 && len(s.Options) > 0 })
	switch {
	case d.Want > 0 && in.Limit > 0 && in.Limit < d.Want && d.Want <= path:
		return Busy
	case d.Want > 0 && in.Starting:
		return Start
	case d.Want > 0:
		return Network
	case !all && in.Pin == Save:
		return Saving
	case !all:
		return Chosen
	case shown && d.Rung < High:
		return Source
	}
	return Top
}

// climb takes the next step, or more, once it is due and proven; till then it says what is to be proven. The plan is put into another order
// where the step comes in the stead of what matters less.
func (l *Ladder) climb(in Input, plan []step, at int, cost int64) (to int, prove int64) {
	need, swap := plan[at].total, false
	if need*margin/100 > in.Estimate {
		need, swap = plan[at].least, true
	}
	due := l.due(in.Now, plan[at].total-cost)
	if due < -ahead {
		return at, 0
	}
	if due < 0 || need > in.Proven && due < bear {
		return at, need
	}
	if swap {
		at = plan[at].nth
		slices.SortFunc(plan, func(a, b step) int { return a.nth - b.nth })
		total(in, plan)
	}
	at++
	room := int64(margin)
	if l.rising && l.wait < 2*holdMin { // found in one go, and seen for a moment: it may be what others have just left
		room = 2 * margin
	}
	for at < len(plan) && plan[at].total*room/100 <= in.Estimate && plan[at].total <= in.Proven && !l.shares(in.Now) {
		at++
	}
	l.ripe, l.climbed = 0, in.Now
	return at, 0
}

// due is how long a climb is due, below 0 where it is to wait yet. more is what it costs, in bits a second.
func (l *Ladder) due(now, more int64) int64 {
	if l.ripe == 0 {
		l.ripe = now
		hold := l.hold
		if l.shares(now) { // the more it would take from others, the longer
			hold = max(hold, holdShared) * min(max(more, smallStep), 8*smallStep) / smallStep
		}
		l.wait = hold*3/4 + l.roll(hold/2)
	}
	return now - l.ripe - l.wait
}

// falls tells whether what is sent is too much for the path. Where it is far too much, at once. A little too much may be another's
// doing, who climbed on the same path: then it is enough that some of all fall. Who climbed last goes first, and the others bear it
// for a time of their own.
func (l *Ladder) falls(in Input, cost int64) bool {
	if cost*100 > in.Estimate*far {
		return true
	}
	if l.short == 0 {
		l.short, l.full = in.Now, 0
		l.patience = turn/2 + l.roll(turn/2)
		if l.climbed > 0 && in.Now-l.climbed < shortly || l.climbed == 0 && l.fell == 0 && in.Now-l.came < shortly { // or has never seen what the path carries
			l.patience = l.roll(turn / 4)
		}
	} else if in.Full {
		l.full += min(in.Now-l.last, second/5)
	}
	patience := l.patience
	if cost*100 > in.Estimate*dip {
		patience /= 3
		if in.Now-l.short >= turn {
			return true
		}
	}
	return in.Full && l.full >= patience || in.Now-l.short >= grace
}

// late tells whether what is chosen has left too late for as long as this viewer bears it: another time than those who share its path.
func (l *Ladder) late(in Input) bool {
	switch {
	case in.Wait < tardy:
		l.lateSince = 0
		return false
	case l.lateSince == 0:
		l.lateSince, l.lateFor = in.Now, turn/2+l.roll(turn/2)
	}
	patience := l.lateFor
	if l.shares(in.Now) && in.Wait < 2*tardy {
		patience *= 3 // each that falls is room for the others
	}
	if in.Now-l.lateSince < patience {
		return false
	}
	l.lateSince = 0
	return true
}

// shares tells whether others fill the same path, as lately they did. Then one step at a time is climbed, and only if it is not once
// full for longer.
func (l *Ladder) shares(now int64) bool { return l.shared > 0 && now-l.shared <= others }

// roll gives a time up to d.
func (l *Ladder) roll(d int64) int64 {
	l.Seed = l.Seed*6364136223846793005 + 1442695040888963407
	return int64(l.Seed>>33) % d
}

// draw lists the steps in the order in which they are climbed, and tells whether the pin leaves all of them. First the
// interpreter's least picture, then the least of each slot of the stage, the cheapest first, where a screen counts for a third: who
// cannot have both reads. Then that of each tile; then the main slot up to each rung, and the others behind it. A tile is never
// taken to High.
//
// The first steps, up to level, are those that are had, -1 for nothing, in that order; then come the others. So what appears beside them
// takes nothing away before there is room for it.
func (l *Ladder) draw(in Input, have [Slots]int) (plan []step, level int, all bool) {
	var at [Slots]int // options taken so far
	var most [Slots]int
	all = true
	for i, s := range in.Slots {
		if s.ID == 0 {
			continue
		}
		for n := range s.Options {
			if allowed(in.Pin, s, n) {
				most[i] = n + 1
			} else {
				all = false
				break
			}
		}
		most[i] = min(most[i], options)
	}
	least := in.Audio
	l.plan, l.more = l.plan[:0], l.more[:0]
	take := func(i int) {
		least += in.Slots[i].rise(at[i])
		s := step{slot: i, option: at[i], nth: len(l.plan) + len(l.more), least: least}
		if at[i] <= have[i] {
			l.plan = append(l.plan, s)
		} else {
			l.more = append(l.more, s)
		}
		at[i]++
	}
	for i, s := range in.Slots {
		if s.Role == Interpreter && most[i] > 0 {
			take(i)
		}
	}
	for _, tiles := range [...]bool{false, true} {
		for {
			next, cheapest := -1, int64(math.MaxInt64)
			for i, s := range in.Slots {
				if at[i] > 0 || most[i] == 0 || (s.Role == Tile) != tiles {
					continue
				}
				cost := s.dear()
				if have[i] >= 0 { // or those of like rates would take turns
					cost /= 2
				}
				if cost < cheapest {
					next, cheapest = i, cost
				}
			}
			if next < 0 {
				break
			}
			take(next)
		}
	}
	for r := Low; r <= High; r++ {
		for i, s := range in.Slots {
			for at[i] > 0 && at[i] < most[i] && s.reach(at[i]) <= r {
				take(i)
			}
		}
	}
	level = len(l.plan)
	l.plan = append(l.plan, l.more...)
	total(in, l.plan)
	return l.plan, level, all
}

// total counts what all is after each step.
func total(in Input, plan []step) {
	sum := in.Audio
	for n, s := range plan {
		sum += in.Slots[s.slot].rise(s.option)
		plan[n].total = sum
	}
}

// rise is what an option costs more than the one before it.
func (s Slot) rise(option int) int64 {
	if option == 0 {
		return s.Options[0].Rate
	}
	return s.Options[option].Rate - s.Options[option-1].Rate
}

// reach is up to which rung the main slot has climbed when this one may take an option.
func (s Slot) reach(option int) Rung {
	r := s.rung(option)
	if s.Role == Tile {
		return r + 1
	}
	return r
}

// rung is that of an option. A screen has all its lines on every rung, and frames by the rung: the fewest it has, some, all.
func (s Slot) rung(option int) Rung {
	switch {
	case s.Role != Screen:
		return s.Options[option].rung()
	case option == len(s.Options)-1 && option > 0:
		return High
	case option > 0:
		return Medium
	}
	return Low
}

// dear is what the least picture of a slot costs, as the order of climbing sees it.
func (s Slot) dear() int64 {
	if s.Role == Screen {
		return s.Options[0].Rate / 3
	}
	return s.Options[0].Rate
}

func allowed(p Pin, s Slot, nth int) bool {
	switch p {
	case ToMedium:
		return s.rung(nth) <= Medium || nth == 0 // the least there is
	case ToLow:
		return s.rung(nth) <= Low || nth == 0
	case Save:
		return s.rung(nth) <= Low && nth == 0
	case ToVoice:
		return false
	}
	return true
}

// rung names a choice by its best camera; Slides is a screen whose camera is left out, or one in its fewest frames while there are
// more. A screen alone on the stage counts by its frames, a gallery alone is Low.
func rung(in Input, choice [Slots]int) Rung {
	best, screen, camera, tile := Voice, Voice, false, false
	for i, c := range choice {
		s := in.Slots[i]
		camera = camera || s.Role == Camera && s.ID != 0 && len(s.Options) > 0
		switch {
		case c < 0:
		case s.Role == Screen && c == len(s.Options)-1:
			screen = High
		case s.Role == Screen:
			screen = max(screen, s.rung(c))
		case s.Role == Camera:
			best = max(best, s.rung(c))
		case s.Role == Tile:
			tile = true
		}
	}
	switch {
	case best != Voice:
		return best
	case screen == Low, screen != Voice && camera:
		return Slides
	case screen != Voice:
		return screen
	case tile:
		return Low
	}
	return Voice
}

// Least are the options of the smallest height: the first of a sorted list.
func Least(list []Option) []Option {
	for i, o := range list {
		if o.Height > list[0].Height {
			return list[:i]
		}
	}
	return list
}

// Sort orders options from the least to the best and drops those that cost more than a better one: what is left rises in
// height, frames and rate together. It returns a prefix of list.
func Sort(list []Option) []Option {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && less(list[j], list[j-1]); j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	n := 0
	for _, o := range list {
		for n > 0 && list[n-1].Rate >= o.Rate {
			n--
		}
		list[n] = o
		n++
	}
	return list[:n]
}

func less(a, b Option) bool {
	if a.Height != b.Height && a.Height > 0 && b.Height > 0 {
		return a.Height < b.Height
	}
	if a.Layer == b.Layer {
		return a.TID < b.TID
	}
	return a.Rate < b.Rate
}

// MBPerHour is what a rate in bits a second comes to, in MB (10^6 bytes) an hour.
func MBPerHour(rate int64) int { return int(rate * 3600 / 8 / 1_000_000) }
