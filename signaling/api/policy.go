package api

import (
	"net/http"

	"betang/classroom"
	"betang/classroom/attend"
)

// policyView is an event's policy: as it stands, as it was planned, and every change of it.
type policyView struct {
	Now     policyInfo     `json:"now"`
	Planned policyInfo     `json:"planned"`
	Changes []policyChange `json:"changes"` // newest first
	Fixed   bool           `json:"fixed"`   // a ratified list counts: nothing can be changed
	JP      int            `json:"jp"`      // what the event is worth if it is live for as long as it was planned
	Rule    string         `json:"rule"`    // Now, in a line of Indonesian
}

// policyInfo is a policy with names that stay. Levels are some of ABCD, in this order.
type policyInfo struct {
	Version   int    `json:"version"`
	Revision  int    `json:"revision"`
	Minutes   int    `json:"minutes"`   // a JP
	Threshold int    `json:"threshold"` // percent
	Bridge    int    `json:"bridge"`    // seconds
	Approved  int    `json:"approved"`  // JP granted by the organiser; 0: computed
	Rounding  string `json:"rounding"`  // "", "nearest", "up"
	Ceremony  bool   `json:"ceremony"`
	Cap       int    `json:"cap"` // JP; 0: none
	Levels    string `json:"levels"`
}

type policyChange struct {
	policyInfo
	At     string `json:"at"` // RFC 3339, UTC
	Who    string `json:"who"`
	Reason string `json:"reason"`
}

func policyOf(p attend.Policy) policyInfo {
	return policyInfo{
		Version: p.Version, Revision: p.Revision, Minutes: p.MinutesPerJP, Threshold: p.ThresholdPercent, Bridge: p.BridgeSeconds,
		Approved: p.ApprovedJP, Rounding: string(p.Rounding), Ceremony: p.Ceremony, Cap: p.CapJP, Levels: p.Earns.Levels(),
	}
}

// policy shows the event's policy and its history.
func (s *server) policy(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	planned, changes, err := hub.Policy(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	v := policyView{Planned: policyOf(planned), Changes: []policyChange{}, JP: hub.PublicEvent().JP}
	now := planned
	for _, c := range changes {
		now = c.Policy
		v.Changes = append([]policyChange{{policyOf(c.Policy), stamp(c.At.UnixMilli()), c.Who, c.Reason}}, v.Changes...)
	}
	v.Now, v.Rule = policyOf(now), classroom.RuleLine(now)
	if v.Fixed, err = s.fixed(r, id); err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, v)
}

// fixed tells whether a ratified list of the event counts.
func (s *server) fixed(r *http.Request, id classroom.EventID) (bool, error) {
	if s.ratify == nil {
		return false, nil
	}
	_, ok, err := s.ratify.Newest(r.Context(), id)
	return ok, err
}

// setPolicy changes the event's policy, with a reason and a name. Conflict policy_ratified while a ratified list counts: it
// must be voided first. Conflict policy_moved if somebody else changed it since Revision.
func (s *server) setPolicy(w http.ResponseWriter, r *http.Request) {
	var body struct {
		policyInfo
		Reason string `json:"reason"`
		Who    string `json:"who"`
	}
	hub, id, err := s.openHub(r)
	if err == nil {
		err = decode(w, r, &body)
	}
	reason, who, bad := tidyDeed(body.Reason, body.Who, ofDeed)
	if err == nil {
		err = bad
	}
	earns, ok := attend.ParseLevels(body.Levels)
	if err == nil && (!ok || earns == 0 || body.Minutes != 45 && body.Minutes != 60) {
		err = classroom.Refuse(classroom.Invalid, "event_policy")
	}
	if err == nil {
		var fixed bool
		if fixed, err = s.fixed(r, id); err == nil && fixed {
			err = classroom.Refuse(classroom.Conflict, "policy_ratified")
		}
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.SetPolicy{
			Policy: attend.Policy{
				Version: attend.Rule2, MinutesPerJP: body.Minutes, ThresholdPercent: body.Threshold, BridgeSeconds: body.Bridge,
				ApprovedJP: body.Approved, Earns: earns, Rounding: attend.Rounding(body.Rounding), Ceremony: body.Ceremony, CapJP: body.Cap,
			},
			From: body.Revision, Reason: reason, Who: who,
		})
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.readAnew(id)
	s.log.InfoContext(r.Context(), "policy changed", "id", noteOf(r).id, "event", string(id), "token", claimsOf(r).ID)
	s.policy(w, r)
}
