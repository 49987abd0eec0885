package classroom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Verdict is what somebody made of a flag.
type Verdict string

// The verdicts.
const (
	VerdictFine Verdict = "fine" // explained: nothing to do
	VerdictAct  Verdict = "act"  // something is to be done about it, or was
)

// maxVerdicts bounds how often one flag is judged anew; flagsJudged how many flags of an event are.
const (
	maxVerdicts = 20
	flagsJudged = 20_000
)

// JudgeFlag records what BPSDM makes of a flag. Who is the name and office of who decides. Whether the flag exists is
// for whoever asks to check: the room does not see the evidence.
type JudgeFlag struct {
	Flag        Flag
	Verdict     Verdict
	Reason, Who string
}

func (JudgeFlag) commandName() string { return "flag.judge" }

// Judgement is one verdict on a flag.
type Judgement struct {
	Verdict Verdict
	Reason  string
	Who     string
	At      time.Time
}

// Key names a flag by what it is about: its kind, its people and its halls. It stays while evidence is added; one more
// person on the same device is another flag.
func (f Flag) Key() string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q %q", f.Kind, f.Persons, f.Halls)))
	return hex.EncodeToString(sum[:12])
}

func (r *Room) planJudge(c JudgeFlag) ([]FactBody, error) {
	if c.Verdict != VerdictFine && c.Verdict != VerdictAct {
		return nil, Refuse(Invalid, "flag_verdict")
	}
	if !slices.Contains(flagOrder, c.Flag.Kind) || len(c.Flag.Persons) == 0 {
		return nil, Refuse(NotFound, "flag_unknown")
	}
	if err := checkDeed(c.Reason, c.Who); err != nil {
		return nil, err
	}
	b := FlagJudged{c.Flag.Key(), c.Flag.Kind, slices.Clone(c.Flag.Persons), c.Verdict, c.Reason, c.Who}
	before := r.judged[b.Flag]
	if n := len(before); n > 0 {
		last := before[n-1]
		if last.Verdict == b.Verdict && last.Reason == b.Reason && last.Who == b.Who {
			return nil, nil // sent twice
		}
	}
	if len(before) >= maxVerdicts || len(before) == 0 && len(r.judged) >= flagsJudged {
		return nil, Refuse(TooMany, "flag_many")
	}
	return []FactBody{b}, nil
}

func (r *Room) foldJudged(f Fact, b FlagJudged) {
	r.judged[b.Flag] = append(r.judged[b.Flag], Judgement{b.Verdict, b.Reason, b.Who, f.At})
}

// Judgements are what was made of a flag, oldest first; the last counts.
func (r *Room) Judgements(flag string) []Judgement { return slices.Clone(r.judged[flag]) }
