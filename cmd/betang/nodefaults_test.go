package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
)

var (
	nodeFaults = flag.Duration("node-faults", 0, "how long TestNodeFaults goes on at random moments; 0: a few of the faults, as far as make test has time")
	nodeSeed   = flag.Uint64("node-seed", 1, "seed of TestNodeFaults")
	nodePeople = flag.Int("node-people", 24, "people of TestNodeFaults")
)

// fault breaks something, holds it for a while and mends it. It is given the home as it stands.
type fault struct {
	name  string
	short bool // in make test too
	run   func(f *fleet, r *rand.Rand, home *fleetNode)
}

// allFaults are those of one cause at a time.
var allFaults = []fault{
	{"kill -9 of the home", true, func(f *fleet, r *rand.Rand, home *fleetNode) {
		home.kill()
		f.hold(r, 8*time.Second)
		home.start()
	}},
	{"Redis killed, its data lost", true, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		f.redis.Kill()
		f.hold(r, 4*time.Second)
		f.redis.Forget()
		f.redis.Start()
	}},
	{"home and Redis parted, silently", true, func(f *fleet, r *rand.Rand, home *fleetNode) {
		home.line.silence()
		f.hold(r, 9*time.Second)
		home.line.mend()
	}},
	{"Redis killed, its data kept", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		f.redis.Kill()
		f.hold(r, 8*time.Second)
		f.redis.Start()
	}},
	{"kill -9 of an edge", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		edge := f.nodes[2+r.IntN(2)]
		edge.kill()
		f.hold(r, 8*time.Second)
		edge.start()
	}},
	{"home and Redis parted, reset", false, func(f *fleet, r *rand.Rand, home *fleetNode) {
		home.line.sever()
		f.hold(r, 12*time.Second)
		home.line.mend()
	}},
	{"edge and Redis parted, silently", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		edge := f.nodes[2+r.IntN(2)]
		edge.line.silence()
		f.hold(r, 12*time.Second)
		edge.line.mend()
	}},
	{"edge and Redis parted, reset", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		edge := f.nodes[2+r.IntN(2)]
		edge.line.sever()
		f.hold(r, 12*time.Second)
		edge.line.mend()
	}},
	{"both edges and the home parted", false, func(f *fleet, r *rand.Rand, home *fleetNode) {
		home.front.silence()
		f.nodes[2].line.sever()
		f.nodes[3].line.silence()
		f.hold(r, 10*time.Second)
		for _, n := range f.nodes {
			n.line.mend()
			n.front.mend()
		}
	}},
	{"Redis 150 to 600 ms away", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		for _, n := range f.nodes {
			n.line.slowDown(time.Duration(75+r.IntN(225)) * time.Millisecond)
		}
		f.hold(r, 10*time.Second)
		for _, n := range f.nodes {
			n.line.mend()
		}
	}},
	{"home frozen past its term", false, func(f *fleet, r *rand.Rand, home *fleetNode) {
		home.freeze(func() { f.hold(r, 10*time.Second) })
	}},
	{"origins killed one after the other", false, func(f *fleet, r *rand.Rand, _ *fleetNode) {
		f.nodes[0].kill()
		f.hold(r, 3*time.Second)
		f.nodes[1].kill()
		f.hold(r, 10*time.Second)
		f.nodes[1].start()
		f.hold(r, 3*time.Second)
		f.nodes[0].start()
	}},
}

// hold waits up to most, half as long in make test, and at least a quarter of it: what is broken is to be felt.
func (f *fleet) hold(r *rand.Rand, most time.Duration) {
	if *nodeFaults == 0 {
		most /= 2
	}
	select {
	case <-time.After(most/4 + time.Duration(r.Int64N(int64(3*most/4)))):
	case <-f.t.Context().Done():
	}
}

// TestNodeFaults kills, parts and slows real servers and a real Redis while people vote and their presence is recorded, with
// batches of evidence doubled and brought out of order all the while. After each fault everybody is back. In the end the
// journals of all nodes are the same; what was acknowledged is in them once, in an order that fits the times at which people
// asked and were answered; the facts came through Redis by one home after the other; and the home has everybody's attendance
// as the people themselves saw it.
//
// That order is the whole check of linearizability: the journal is the witness, which a checker would have to search for.
func TestNodeFaults(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts and kills real servers")
	}
	with := func(int, *server) {}
	if *nodeFaults > 0 {
		with = skewed(t)
	}
	f := newFleet(t, *nodePeople, with)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var work sync.WaitGroup
	for _, p := range f.people {
		work.Go(func() { p.run(ctx) })
	}
	work.Go(func() { f.echo(ctx, rand.New(rand.NewPCG(*nodeSeed, 5))) })
	began := time.Now()
	f.everyoneBack("start", began, time.Minute)

	r := rand.New(rand.NewPCG(*nodeSeed, 1))
	if *nodeFaults == 0 {
		for _, x := range allFaults {
			if x.short {
				f.suffer(x, r)
			}
		}
	}
	for n := 0; time.Since(began) < *nodeFaults; n++ {
		x := allFaults[r.IntN(len(allFaults))]
		if n < len(allFaults) { // each at least once
			x = allFaults[n]
		}
		f.suffer(x, r)
		f.hold(r, 4*time.Second)
	}
	cancel()
	work.Wait()
	f.judge()
}

func (f *fleet) suffer(x fault, r *rand.Rand) {
	f.t.Helper()
	var home *fleetNode
	for end := time.Now().Add(30 * time.Second); home == nil; runtimeYield() {
		if home = f.home(); home == nil && time.Now().After(end) {
			f.t.Fatalf("%s: no node is the home", x.name)
		}
	}
	at := time.Now()
	x.run(f, r, home)
	f.standstill(x.name, at)
	f.everyoneBack(x.name, time.Now(), time.Minute)
}

// standstill tells how long nobody's vote was acknowledged that was sent after a moment.
func (f *fleet) standstill(what string, since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var at []time.Time
	for _, p := range f.people {
		for _, b := range p.ballots {
			if b.acked.After(since) {
				at = append(at, b.acked)
			}
		}
	}
	at = append(at, since, time.Now())
	slices.SortFunc(at, time.Time.Compare)
	var longest time.Duration
	for i := range at[1:] {
		longest = max(longest, at[i+1].Sub(at[i]))
	}
	f.t.Logf("%-34s nobody was answered for %5.1f s of %5.1f s", what, longest.Seconds(), time.Since(since).Seconds())
}

// echo sends batches of evidence that were sent once more, late and in another order.
func (f *fleet) echo(ctx context.Context, r *rand.Rand) {
	key := "betang:{" + demoID + "}:batches"
	var old [][]string
	last := "0"
	for ctx.Err() == nil {
		got, err := f.redis.Do("XREAD", "COUNT", "10", "STREAMS", key, last)
		if streams, ok := got.([]any); ok && err == nil {
			for _, e := range streams[0].([]any)[1].([]any) {
				entry := e.([]any)
				last = entry[0].(string)
				var fields []string
				for _, v := range entry[1].([]any) {
					fields = append(fields, v.(string))
				}
				if !slices.Contains(fields, "echo") {
					old = append(old, append(fields, "echo", "1"))
				}
			}
		}
		if len(old) > 20 {
			old = old[10:]
		}
		if len(old) > 0 && r.IntN(4) == 0 {
			_, _ = f.redis.Do(append([]string{"XADD", key, "*"}, old[r.IntN(len(old))]...)...)
		}
		runtimeYield()
	}
}

// judge waits until all nodes agree, and holds them to what people saw.
func (f *fleet) judge() {
	t := f.t
	for i := range f.nodes { // a node at which nobody was since it began has not opened the event
		p := f.people[i]
		p.node = i
		v := visit{node: i, dialed: time.Now()}
		if err := p.join(t.Context()); err != nil {
			t.Fatalf("%s lets nobody in: %v", f.nodes[i].name, err)
		}
		_ = p.ws.Close()
		v.first, v.last, v.closed = v.dialed, v.dialed, time.Now()
		p.visits = append(p.visits, v)
	}
	var home *fleetNode
	var journals [][]string
	var lacks string
	for end := time.Now().Add(time.Minute); ; runtimeYield() {
		journals = journals[:0]
		for _, n := range f.nodes {
			journals = append(journals, encodedJournal(t, n.server))
		}
		same := !slices.ContainsFunc(journals, func(j []string) bool { return !slices.Equal(j, journals[0]) })
		if home = f.home(); home != nil {
			lacks = f.lacks(home)
		}
		if same && home != nil && lacks == "" {
			break
		}
		if time.Now().After(end) {
			for i, n := range f.nodes {
				t.Errorf("%s has %d facts", n.name, len(journals[i]))
			}
			marks, _ := f.redis.Do("HGETALL", "betang:{"+demoID+"}:marks")
			t.Fatalf("the nodes do not agree; the home %s; %s\nmarks in Redis %v\nat the nodes:%s", home.name, lacks, marks, f.outboxes())
		}
	}
	f.tape.judge(f, journals[0])
	f.judgeVotes(journalOf(t, home.server))
	f.judgeAttendance(home)
}

func encodedJournal(t *testing.T, s *server) []string {
	facts := journalOf(t, s)
	out := make([]string, len(facts))
	for i, fact := range facts {
		body, err := classroom.EncodeFact(fact)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(body)
	}
	return out
}

func spansAt(t *testing.T, s *server) []attend.Span {
	t.Helper()
	return readStore(t, s, func(st *store.Store) ([]attend.Span, error) { return st.Spans(t.Context(), demoID) })
}

// lacks names evidence of some node that the home does not have, or of which it knows less; "" if it has all.
func (f *fleet) lacks(home *fleetNode) string {
	there := map[attend.Span]int64{}
	key := func(sp attend.Span) attend.Span {
		sp.To, sp.Open = 0, false
		return sp
	}
	for _, sp := range spansAt(f.t, home.server) {
		there[key(sp)] = sp.To
	}
	for _, n := range f.nodes {
		for _, sp := range spansAt(f.t, n.server) {
			if to, ok := there[key(sp)]; !ok || to < sp.To {
				return fmt.Sprintf("%s has %+v, the home %s only to %d", n.name, sp, home.name, to)
			}
		}
	}
	return ""
}

// outboxes tells how far each node's evidence goes, and what each has of the others'.
func (f *fleet) outboxes() (s string) {
	for _, n := range f.nodes {
		st, err := store.OpenReadOnly(f.t.Context(), n.dir)
		if err != nil {
			f.t.Fatal(err)
		}
		ends, err := st.OutboxEnds(f.t.Context())
		marks, err2 := st.Marks(f.t.Context(), demoID)
		s += fmt.Sprintf("\n%s ends at %d, has %v %v %v", n.name, ends[demoID], marks, err, err2)
		_ = st.Close()
	}
	return s
}

// judgeVotes holds the journal to what was acknowledged: each vote once, and no vote before one that was acknowledged before
// it was sent.
func (f *fleet) judgeVotes(facts []classroom.Fact) {
	t := f.t
	votes := map[classroom.PersonID][]classroom.Fact{}
	for _, fact := range facts {
		if _, ok := fact.Body.(classroom.Supported); ok {
			votes[fact.By.Person] = append(votes[fact.By.Person], fact)
		}
	}
	type placed struct {
		ballot
		seq   int64
		maybe time.Time // of a try of an earlier vote, the same way, that nobody heard of and that may have come so late
	}
	var all []placed
	for _, p := range f.people {
		acked := len(p.ballots)
		if acked > 0 && p.ballots[acked-1].acked.IsZero() {
			acked--
		}
		if n := len(votes[p.id]); n < acked || n > len(p.ballots) {
			t.Errorf("%s: %d votes are in the journal, %d were acknowledged, %d sent", p.id, n, acked, len(p.ballots))
			continue
		}
		for i, fact := range votes[p.id] {
			b := p.ballots[i]
			if on := fact.Body.(classroom.Supported).On; on != b.on {
				t.Errorf("%s: vote %d is %v", p.id, i+1, on)
			}
			if i < acked && b.rev < fact.Seq {
				t.Errorf("%s: vote %d was acknowledged at revision %d and is fact %d", p.id, i+1, b.rev, fact.Seq)
			}
			pl := placed{ballot: b, seq: fact.Seq, maybe: b.sent}
			for _, old := range p.ballots[:i] {
				for _, at := range old.failed {
					if old.on == b.on && at.Before(pl.maybe) && b.sent.Sub(at) < lateVote {
						pl.maybe = at
					}
				}
			}
			all = append(all, pl)
		}
	}
	byAcked := slices.DeleteFunc(slices.Clone(all), func(p placed) bool { return p.acked.IsZero() })
	slices.SortFunc(byAcked, func(a, b placed) int { return a.acked.Compare(b.acked) })
	highest := make([]int64, len(byAcked)+1) // of the facts of the first so many that were acknowledged
	for i, p := range byAcked {
		highest[i+1] = max(highest[i], p.seq)
	}
	before := func(at time.Time) int64 {
		n, _ := slices.BinarySearchFunc(byAcked, at, func(p placed, at time.Time) int { return p.acked.Compare(at) })
		return highest[n]
	}
	late := 0
	for _, p := range all {
		switch {
		case p.seq > before(p.sent):
		case p.seq > before(p.maybe):
			late++
		default:
			t.Errorf("fact %d was asked for after fact %d was acknowledged", p.seq, before(p.sent))
		}
	}
	t.Logf("%d votes in an order that fits; %d came of a try that had been given up", len(all), late)
}

// lateVote is how long a try that its client gave up may still come true: it waits for its home, and then for a place in a batch.
const lateVote = 15 * time.Second

// Bounds of what evidence may differ from what a client saw.
const (
	clocksApart = 1500 * time.Millisecond // two event clocks, each set by one question to a Redis that may be slow
	pingEvery   = 3 * time.Second         // how often people speak; a node that stood still so long that it heard nothing for attend.Silence counts nobody meanwhile
	unsaved     = 4 * time.Second         // lost with a kill: evidence is saved every 2 s, up to a client's last word, 2 s before
)

// judgeAttendance holds the home's evidence to the lives of the sockets as the clients saw them, as soon as the last seconds have
// come to it: a node saves every 2 s, and sends on what it saved.
func (f *fleet) judgeAttendance(home *fleetNode) {
	for end := time.Now().Add(30 * time.Second); ; runtimeYield() {
		wrong, sum := f.attendance(home)
		if len(wrong) > 0 && time.Now().Before(end) {
			continue
		}
		for _, text := range wrong {
			f.t.Error(text)
		}
		f.t.Log(sum)
		return
	}
}

// attendance is what the home's evidence has too much or too little, in words, and a summary.
func (f *fleet) attendance(home *fleetNode) (wrong []string, sum string) {
	t := f.t
	at, err := f.bus.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Until(at) // of the event's clock
	present := map[classroom.PersonID][]attend.Span{}
	for _, sp := range spansAt(t, home.server) {
		present[classroom.PersonID(sp.Person)] = append(present[classroom.PersonID(sp.Person)], sp)
	}
	deaf := map[classroom.PersonID][]attend.Span{}
	var seen, truth, missing time.Duration
	for _, p := range f.people {
		var may, must []attend.Span
		for _, v := range p.visits {
			ms := func(at time.Time, slack time.Duration) int64 { return at.Add(ahead + slack).UnixMilli() }
			closed, lost := v.closed, clocksApart
			for _, ice := range f.nodes[v.node].frozen { // it learns of the end when it thaws
				if v.closed.After(ice[0]) && v.closed.Before(ice[1]) {
					closed = ice[1]
				}
			}
			for _, at := range f.nodes[v.node].killed {
				if v.dialed.Before(at) && v.closed.Add(time.Second).After(at) {
					lost += unsaved
				}
			}
			may = append(may, attend.Span{Class: attend.Socket, From: ms(v.dialed, -clocksApart), To: ms(closed, clocksApart)})
			if from, to := ms(v.first, clocksApart), ms(v.last, -lost); from < to {
				must = append(must, attend.Span{Class: attend.Socket, From: from, To: to})
			}
			for _, ice := range f.nodes[v.node].frozen {
				if ice[1].Sub(ice[0])+pingEvery > attend.Silence*time.Millisecond {
					deaf[p.id] = append(deaf[p.id], attend.Span{Class: attend.Socket, From: ms(ice[0], -pingEvery-clocksApart), To: ms(ice[1], pingEvery+clocksApart)})
				}
			}
			truth += v.last.Sub(v.first)
		}
		has := attend.Union(present[p.id], attend.Socket)
		seen += lengthOf(has)
		if extra := outside(has, attend.Union(may, attend.Socket)); len(extra) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s was counted and was not there: %s", p.id, moments(extra, ahead)))
		}
		counts := outside(attend.Union(must, attend.Socket), attend.Union(deaf[p.id], attend.Socket))
		if lost := outside(counts, has); len(lost) > 0 {
			missing += lengthOf(lost)
			text := fmt.Sprintf("%s was there and was not counted: %s", p.id, moments(lost, ahead))
			for _, v := range p.visits {
				text += fmt.Sprintf("\n  at %s from %s to %s: %v", f.nodes[v.node].name, v.first.Format("15:04:05.000"), v.last.Format("15:04:05.000"), v.err)
			}
			for _, sp := range present[p.id] {
				text += fmt.Sprintf("\n  session %s: %s", sp.Session, moments([]attend.Interval{{From: sp.From, To: sp.To}}, ahead))
			}
			wrong = append(wrong, text)
		}
	}
	return wrong, fmt.Sprintf("people were there for %v, counted for %v; %v lost", truth.Round(time.Second), seen.Round(time.Second), missing.Round(time.Millisecond))
}

func lengthOf(list []attend.Interval) (sum time.Duration) {
	for _, iv := range list {
		sum += time.Duration(iv.To-iv.From) * time.Millisecond
	}
	return sum
}

// outside is what of a lies in none of b; both ascend without overlap.
func outside(a, b []attend.Interval) (out []attend.Interval) {
	for _, iv := range a {
		from := iv.From
		for _, c := range b {
			if c.To <= from || c.From >= iv.To {
				continue
			}
			if c.From > from {
				out = append(out, attend.Interval{From: from, To: c.From})
			}
			from = max(from, c.To)
		}
		if from < iv.To {
			out = append(out, attend.Interval{From: from, To: iv.To})
		}
	}
	return out
}

func moments(list []attend.Interval, ahead time.Duration) (s string) {
	for _, iv := range list {
		from := time.UnixMilli(iv.From).Add(-ahead)
		s += from.Format("15:04:05.000") + " for " + strconv.FormatInt(iv.To-iv.From, 10) + " ms; "
	}
	return s
}
