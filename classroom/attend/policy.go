package attend

import "fmt"

// Policy is the event's rule for turning evidence into credit. It is data of the event, fixed when the
// attendance is ratified. Fields are only ever added, with omitempty: a signed document holds its policy as it was.
type Policy struct {
	Version          int      `json:"version"`            // of the rule set: Rule1 or Rule2
	MinutesPerJP     int      `json:"minutesPerJP"`       // 45 (LAN, schools) or 60
	ThresholdPercent int      `json:"thresholdPercent"`   // least presence that earns the JP, 0 to 100
	BridgeSeconds    int      `json:"bridgeSeconds"`      // gaps up to this long count as present
	ApprovedJP       int      `json:"approvedJP"`         // what the organiser granted; 0: computed from the live minutes
	Earns            Class    `json:"earns"`              // set of evidence classes whose union is presence
	Rounding         Rounding `json:"rounding,omitempty"` // of computed JP. The rest since Rule2.
	Ceremony         bool     `json:"ceremony,omitempty"` // what the rundown marks as ceremony counts too
	CapJP            int      `json:"capJP,omitempty"`    // most JP the event gives; 0: no cap
	Revision         int      `json:"revision,omitempty"` // how often it was changed since the event was planned; moves no figure
}

// Rounding is what becomes of a part of a JP.
type Rounding string

// The roundings.
const (
	RoundDown    Rounding = ""        // 1,9 is 1: SIASN's jumlahJam is a whole number, and nobody gets what was not held
	RoundNearest Rounding = "nearest" // 1,5 is 2
	RoundUp      Rounding = "up"      // 1,1 is 2
)

// The rule sets. A result names the one it was worked out by, and each stays in the program for good.
const (
	Rule1 = 1 // own device only
	Rule2 = 2 // all levels, ceremony, cap, rounding, decisions; every second without credit has a reason
)

// DefaultPolicy is the rule an event has unless its organiser chose another: 45 minutes a JP, rounded down, 70 %
// presence, gaps up to 10 s bridged, ceremony not counted, no cap; all levels earn and an open socket alone does not.
func DefaultPolicy() Policy {
	return Policy{
		Version: Rule2, MinutesPerJP: 45, ThresholdPercent: 70, BridgeSeconds: 10, Earns: LevelA | LevelB | LevelC | LevelD,
	}
}

// Check refuses a policy that no rule set of this program knows how to follow.
func (p Policy) Check() error {
	earns := Socket | LevelA
	switch p.Version {
	case Rule1:
		if p.Rounding != "" || p.Ceremony || p.CapJP != 0 {
			return fmt.Errorf("rounding, ceremony or cap in a policy of version %d", p.Version)
		}
	case Rule2:
		earns |= LevelB | LevelC | LevelD
	default:
		return fmt.Errorf("policy version %d", p.Version)
	}
	switch {
	case p.MinutesPerJP < 1 || p.MinutesPerJP > 24*60:
		return fmt.Errorf("%d minutes a JP", p.MinutesPerJP)
	case p.ThresholdPercent < 0 || p.ThresholdPercent > 100:
		return fmt.Errorf("threshold of %d %%", p.ThresholdPercent)
	case p.BridgeSeconds < 0 || p.BridgeSeconds > 600:
		return fmt.Errorf("bridging of %d s", p.BridgeSeconds)
	case p.ApprovedJP < 0 || p.ApprovedJP > 1000:
		return fmt.Errorf("%d JP granted", p.ApprovedJP)
	case p.CapJP < 0 || p.CapJP > 1000 || p.CapJP > 0 && p.ApprovedJP > p.CapJP:
		return fmt.Errorf("cap of %d JP with %d granted", p.CapJP, p.ApprovedJP)
	case p.Rounding != RoundDown && p.Rounding != RoundNearest && p.Rounding != RoundUp:
		return fmt.Errorf("rounding %q", p.Rounding)
	case p.Revision < 0:
		return fmt.Errorf("revision %d", p.Revision)
	case p.Earns == 0 || p.Earns&^earns != 0:
		return fmt.Errorf("evidence classes %#x", uint8(p.Earns))
	}
	return nil
}

// JP is what the event is worth to whoever meets the threshold: what the organiser granted, else the counted time in
// ms by MinutesPerJP, rounded; never more than the cap.
func (p Policy) JP(counted int64) int {
	if p.ApprovedJP > 0 {
		return p.ApprovedJP
	}
	jp := p.Computed(counted)
	if p.CapJP > 0 {
		jp = min(jp, p.CapJP)
	}
	return jp
}

// Computed is the counted time in JP, before any cap and whatever the organiser granted.
func (p Policy) Computed(counted int64) int {
	if p.MinutesPerJP <= 0 || counted <= 0 {
		return 0
	}
	per := int64(p.MinutesPerJP) * 60_000
	switch p.Rounding {
	case RoundNearest:
		counted += per / 2
	case RoundUp:
		counted += per - 1
	}
	return int(counted / per)
}
