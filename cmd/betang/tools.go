package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/api"
)

// roomQuery tells the page of an official's link that nobody stands before it.
const roomQuery = "?ruang"

// Run signs a link with the secret of the data folder.
func (c *TokenIssue) Run(ctx context.Context, stdout io.Writer) error {
	if c.Days < 1 || c.Days > 400 {
		return fmt.Errorf("--days %d: 1 to 400", c.Days)
	}
	role := classroom.Role(c.Role)
	if c.Room && role != classroom.RoleVIP {
		return fmt.Errorf("--room is for the role vip, not %s", role)
	}
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	claims := signaling.Claims{
		ID: api.NewTokenID(), Event: classroom.EventID(c.Event), Role: role, Person: classroom.PersonID(c.Person), Name: c.Name,
		Door:    role == classroom.RoleParticipant || role == classroom.RoleGuest,
		Expires: time.Now().Add(time.Duration(c.Days) * 24 * time.Hour),
	}
	if role == classroom.RoleBPSDM {
		claims.Event = signaling.AnyEvent
	} else if _, err := st.Event(ctx, claims.Event); err != nil {
		return eventError(c.Event, err)
	}
	if claims.Person != "" {
		claims.Method = "link"
		if _, err := st.Person(ctx, claims.Person); err != nil {
			return fmt.Errorf("person %q: %w", c.Person, err)
		}
	}
	tokens, err := openTokens(ctx, st)
	if err != nil {
		return err
	}
	token, err := tokens.Issue(claims)
	if err != nil {
		return err
	}
	base := strings.TrimRight(c.URL, "/")
	switch role {
	case classroom.RolePlayer:
		fmt.Fprintf(stdout, "WHEP  %s/whep/%s\ntoken %s\n", base, c.Event, token)
	case classroom.RoleBPSDM:
		fmt.Fprintf(stdout, "%s/bpsdm#t=%s\n", base, token)
	case classroom.RoleSpeaker, classroom.RoleInterpreter, classroom.RoleMC, classroom.RoleVIP:
		query := ""
		if c.Room {
			query = roomQuery
		}
		fmt.Fprintf(stdout, "%s/k/%s/panggung%s#t=%s\nWHIP  %s/whip/%s\ntoken %s\n", base, c.Event, query, token, base, c.Event, token)
	case classroom.RolePIC:
		fmt.Fprintf(stdout, "%s/k/%s/ruang#t=%s\n", base, c.Event, token)
	case classroom.RoleOperator, classroom.RoleModerator:
		fmt.Fprintf(stdout, "%s/k/%s/meja#t=%s\n", base, c.Event, token)
	case classroom.RoleMinutes:
		fmt.Fprintf(stdout, "%s/k/%s/notulis#t=%s\n", base, c.Event, token)
	default:
		fmt.Fprintf(stdout, "%s/k/%s#t=%s\n", base, c.Event, token)
	}
	return nil
}

// Run revokes a link; a running server sees it within two seconds.
func (c *TokenRevoke) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	id := c.Token
	if _, token, ok := strings.Cut(id, "#t="); ok {
		id = token
	}
	if strings.Count(id, ".") == 2 {
		tokens, err := openTokens(ctx, st)
		if err != nil {
			return err
		}
		claims, err := tokens.Verify(id, time.Now())
		if err != nil {
			return fmt.Errorf("this token opens nothing already: %w", err)
		}
		id = claims.ID
	}
	if err := st.Revoke(ctx, id); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "revoked", id)
	return nil
}

// Run plans an event.
func (c *EventAdd) Run(ctx context.Context, stdout io.Writer) error {
	if !classroom.EventID(c.ID).Valid() {
		return fmt.Errorf("event id %q: a-z, 0-9 and inner hyphens, up to 64", c.ID)
	}
	starts, err := parseWIB(c.Starts)
	if err != nil {
		return err
	}
	ends, err := parseWIB(c.Ends)
	if err != nil {
		return err
	}
	if !ends.After(starts) {
		return fmt.Errorf("the event ends at %s, before it starts at %s", c.Ends, c.Starts)
	}
	policy, err := c.policy()
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	id := classroom.EventID(c.ID)
	if _, err := st.Event(ctx, id); err == nil {
		return fmt.Errorf("event %q exists already", c.ID)
	}
	ev := classroom.Event{
		ID: id, Kind: classroom.EventKind(c.Kind), Title: c.Title, Speaker: c.Speaker, Host: c.Host, Place: c.Place,
		StartsAt: starts, EndsAt: ends, Policy: policy,
	}
	if err := st.SaveEvent(ctx, ev); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s\n%s\n", c.ID, c.Title, classroom.RuleLine(policy))
	return nil
}

// policy is the rule as data of an event.
func (r Rule) policy() (attend.Policy, error) {
	p := attend.DefaultPolicy()
	p.ApprovedJP, p.MinutesPerJP, p.ThresholdPercent = r.JP, r.Minutes, r.Threshold
	p.CapJP, p.BridgeSeconds, p.Ceremony = r.Cap, r.Bridge, r.Ceremony
	if r.Rounding != "down" {
		p.Rounding = attend.Rounding(r.Rounding)
	}
	var ok bool
	if p.Earns, ok = attend.ParseLevels(r.Levels); !ok {
		return p, fmt.Errorf("--levels %q: some of ABCD, in this order", r.Levels)
	}
	if r.Minutes != 45 && r.Minutes != 60 {
		return p, fmt.Errorf("--minutes %d: 45 or 60", r.Minutes)
	}
	if err := p.Check(); err != nil {
		return p, fmt.Errorf("this rule cannot be followed: %w", err)
	}
	return p, nil
}

// Run lists the events.
func (c *EventList) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.OpenReadOnly(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	events, err := st.Events(ctx)
	if err != nil {
		return err
	}
	for _, ev := range events {
		fmt.Fprintf(stdout, "%s\t%s WIB\t%s\n", ev.ID, ev.StartsAt.In(classroom.WIB).Format("2006-01-02 15:04"), ev.Title)
	}
	return nil
}

// Run prints the version.
func (Version) Run(stdout io.Writer) error {
	_, err := fmt.Fprintln(stdout, "betang", version)
	return err
}

func parseWIB(s string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, classroom.WIB)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like 2026-11-30 09:00", s)
	}
	return t.UTC(), nil
}

// withEvent opens the folder, to write or to read, if it has the event.
func (d Data) withEvent(ctx context.Context, open func(context.Context, string) (*store.Store, error), id string) (*store.Store, classroom.EventID, error) {
	st, err := open(ctx, d.Data)
	if err != nil {
		return nil, "", err
	}
	event := classroom.EventID(id)
	if _, err := st.Event(ctx, event); err != nil {
		return nil, "", errors.Join(eventError(id, err), st.Close())
	}
	return st, event, nil
}

func eventError(id string, err error) error {
	if classroom.KindOf(err) == classroom.NotFound {
		return fmt.Errorf("there is no event %q; betang event list shows them", id)
	}
	return err
}
