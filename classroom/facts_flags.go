package classroom

// FlagJudged says what somebody at BPSDM made of a flag. It changes no credit: striking a mark or a decision of the
// correction desk does. The last one of a flag counts, and all stay.
type FlagJudged struct {
	Flag    string     `json:"flag"` // Flag.Key
	Kind    FlagKind   `json:"kind"`
	Persons []PersonID `json:"persons"`
	Verdict Verdict    `json:"verdict"`
	Reason  string     `json:"reason"`
	Who     string     `json:"who"` // name and office; the actor is the link it came by
}

// FactKind names the body in the journal.
func (FlagJudged) FactKind() string { return "flag.judged" }
