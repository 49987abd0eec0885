package attend

// Credit is what one person's evidence earns under p, for an event that was held as held says. The spans are those of
// that person, of all devices, in any order, and may overlap. It is a pure function of its arguments: by the rule set
// that the policy names, in milliseconds, each sum rounded once, at its end. The same arguments give the same bits for
// good, whatever rule sets come later.
//
// A gap is bridged only between two pieces of earning evidence inside one live interval, so neither the way in, nor
// the way out, nor a pause of the event is ever given.
func Credit(p Policy, held Held, spans []Span) Result {
	var r Result
	if p.Version == Rule1 {
		r = credit1(p, held.Live, spans)
	} else {
		r = credit2(p, held, spans)
	}
	r.PolicyRevision = p.Revision
	return r
}
