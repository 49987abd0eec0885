package main

import (
	"context"
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/api"
)

// classID is the demo's training session.
const classID = "kelas"

// Class is the part of demo-links.json for the training session.
type Class struct {
	Trainer      string   `json:"trainer"`
	Participants []string `json:"participants"`
	Guest        string   `json:"guest"`
	VIP          string   `json:"vip"`
}

// seedClass makes sure there is a training session that has not ended, and gives its id.
func seedClass(ctx context.Context, st *store.Store, now time.Time) (classroom.EventID, error) {
	return seedEvent(ctx, st, classID, func(id classroom.EventID) classroom.Event {
		starts := now.UTC().Truncate(5 * time.Minute)
		return classroom.Event{
			ID:       id,
			Kind:     classroom.Class,
			Title:    "Pelatihan Pelayanan Publik: Kelas A",
			Speaker:  "Dra. Ratnawati, M.Si. (widyaiswara)",
			Host:     "BPSDM Provinsi Kalimantan Tengah",
			Place:    "Daring melalui Betang",
			StartsAt: starts,
			EndsAt:   starts.Add(3 * time.Hour),
			Policy:   attend.DefaultPolicy(),
		}
	})
}

// classLinks signs the links of the training session.
func classLinks(tokens *api.Tokens, id classroom.EventID, base string, now time.Time) (Class, error) {
	var links Class
	var firstErr error
	page := func(path, name string, c signaling.Claims) string {
		c.ID, c.Event, c.Expires = string(id)+"-"+name, id, now.Add(demoDays*24*time.Hour)
		token, err := tokens.Issue(c)
		if err != nil && firstErr == nil {
			firstErr = fmt.Errorf("sign the %s link: %w", name, err)
		}
		return base + "/k/" + string(id) + path + "#t=" + token
	}
	links.Trainer = page("/panggung", "trainer", signaling.Claims{Role: classroom.RoleSpeaker, Name: "Dra. Ratnawati, M.Si."})
	links.VIP = page("/panggung", "vip", signaling.Claims{Role: classroom.RoleVIP, Name: "Kepala BPSDM"})
	links.Guest = page("", "guest", signaling.Claims{Role: classroom.RoleGuest, Door: true})
	for i, p := range demoPeople()[:4] {
		links.Participants = append(links.Participants, page("", fmt.Sprintf("participant-%d", i+1),
			signaling.Claims{Role: classroom.RoleParticipant, Person: p.ID, Door: true, Method: "link"}))
	}
	return links, firstErr
}
