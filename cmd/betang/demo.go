package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/store"
	"betang/signaling"
	"betang/signaling/api"
)

// demoID is the first demo event; when it has ended, the next start seeds demo-2, and so on, since a journal is
// never rewound.
const demoID = "demo"

// demoDays is how long the links of the demo live.
const demoDays = 30

// Endpoint is a WHIP or WHEP address with its bearer token.
type Endpoint struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// Links is demo-links.json. Join is the public link that asks for a NIP.
type Links struct {
	Speaker      string   `json:"speaker"`
	Operator     string   `json:"operator"`
	Participants []string `json:"participants"`
	Guest        string   `json:"guest"`
	BPSDM        string   `json:"bpsdm"`
	WHIP         Endpoint `json:"whip"`
	WHEP         Endpoint `json:"whep"`
	Join         string   `json:"join"`
	Interpreter  string   `json:"interpreter"`
	SampleNIP    string   `json:"sampleNip"`
	PIC          string   `json:"pic"`
	Minutes      string   `json:"minutes"`
	VIP          string   `json:"vip"`
	Room         string   `json:"room"` // a device in a hall, which comes on by itself
	Class        Class    `json:"class"`
}

// showDemo makes sure there are a lecture and a class to show, keeps their links in the data folder and prints them.
func showDemo(ctx context.Context, st *store.Store, tokens *api.Tokens, base, dir string, stdout io.Writer) error {
	now := time.Now()
	id, err := seedDemo(ctx, st, now)
	if err != nil {
		return err
	}
	links, err := demoLinks(tokens, id, base, now)
	if err != nil {
		return err
	}
	class, err := seedClass(ctx, st, now)
	if err != nil {
		return err
	}
	if links.Class, err = classLinks(tokens, class, base, now); err != nil {
		return err
	}
	if err := writeLinks(dir, links); err != nil {
		return err
	}
	printLinks(stdout, links)
	return nil
}

// seedDemo makes sure there is a demo event that has not ended, and gives its id.
func seedDemo(ctx context.Context, st *store.Store, now time.Time) (classroom.EventID, error) {
	if err := st.SavePeople(ctx, demoPeople()); err != nil {
		return "", fmt.Errorf("seed people: %w", err)
	}
	return seedEvent(ctx, st, demoID, func(id classroom.EventID) classroom.Event { return demoEvent(id, now) })
}

// seedEvent makes sure there is an event of that name, or name-2 and so on, that has not ended.
func seedEvent(ctx context.Context, st *store.Store, name string, event func(classroom.EventID) classroom.Event) (classroom.EventID, error) {
	for n := 1; ; n++ {
		id := classroom.EventID(name)
		if n > 1 {
			id = classroom.EventID(fmt.Sprintf("%s-%d", name, n))
		}
		ev, err := st.Event(ctx, id)
		if classroom.KindOf(err) == classroom.NotFound && err != nil {
			if err := st.SaveEvent(ctx, event(id)); err != nil {
				return "", err
			}
			var ids []classroom.PersonID
			for _, p := range demoPeople() {
				ids = append(ids, p.ID)
			}
			return id, st.Invite(ctx, id, ids)
		}
		if err != nil {
			return "", err
		}
		facts, err := st.Facts(ctx, id, 0)
		if err != nil {
			return "", err
		}
		room, err := classroom.Replay(ev, facts)
		if err != nil {
			return "", err
		}
		if room.Phase() != classroom.Ended {
			return id, nil
		}
	}
}

func demoEvent(id classroom.EventID, now time.Time) classroom.Event {
	starts := now.UTC().Truncate(5 * time.Minute)
	return classroom.Event{
		ID:       id,
		Kind:     classroom.Lecture,
		Title:    "Kuliah Umum: Birokrasi Melayani dari Rumah Betang",
		Speaker:  "Gubernur Kalimantan Tengah",
		Host:     "BPSDM Provinsi Kalimantan Tengah",
		Place:    "Daring melalui Betang dan Aula BPSDM, Palangka Raya",
		StartsAt: starts,
		EndsAt:   starts.Add(2*time.Hour + 15*time.Minute),
		Policy:   attend.DefaultPolicy(),
	}
}

// demoLinks signs the links. Their ids are fixed, so a revoked demo link stays revoked over restarts.
func demoLinks(tokens *api.Tokens, id classroom.EventID, base string, now time.Time) (Links, error) {
	var firstErr error
	sign := func(name string, c signaling.Claims) string {
		c.ID = string(id) + "-" + name
		c.Expires = now.Add(demoDays * 24 * time.Hour)
		if c.Event == "" {
			c.Event = id
		}
		token, err := tokens.Issue(c)
		if err != nil && firstErr == nil {
			firstErr = fmt.Errorf("sign the %s link: %w", name, err)
		}
		return token
	}
	page := func(path, token string) string { return base + path + "#t=" + token }
	room := "/k/" + string(id)
	people := demoPeople()
	links := Links{
		Speaker:     page(room+"/panggung", sign("speaker", signaling.Claims{Role: classroom.RoleSpeaker, Name: "Gubernur Kalimantan Tengah"})),
		Operator:    page(room+"/meja", sign("operator", signaling.Claims{Role: classroom.RoleOperator, Name: "Operator siaran"})),
		Guest:       page(room, sign("guest", signaling.Claims{Role: classroom.RoleGuest, Door: true})),
		BPSDM:       page("/bpsdm", sign("bpsdm", signaling.Claims{Role: classroom.RoleBPSDM, Event: signaling.AnyEvent, Name: "BPSDM"})),
		Join:        page(room, sign("join", signaling.Claims{Role: classroom.RoleParticipant, Door: true})),
		Interpreter: page(room+"/panggung", sign("interpreter", signaling.Claims{Role: classroom.RoleInterpreter, Name: "Juru Bahasa Isyarat"})),
		WHIP:        Endpoint{base + "/whip/" + string(id), sign("whip", signaling.Claims{Role: classroom.RoleSpeaker, Name: "Enkoder studio"})},
		WHEP:        Endpoint{base + "/whep/" + string(id), sign("whep", signaling.Claims{Role: classroom.RolePlayer})},
		SampleNIP:   people[2].NIP,
		Minutes:     page(room+"/notulis", sign("minutes", signaling.Claims{Role: classroom.RoleMinutes, Name: "Notulis"})),
		VIP:         page(room+"/panggung", sign("vip", signaling.Claims{Role: classroom.RoleVIP, Name: "Wakil Gubernur"})),
		Room:        page(room+"/panggung"+roomQuery, sign("room", signaling.Claims{Role: classroom.RoleVIP, Name: "Aula Jayang Tingang"})),
		PIC:         page(room+"/ruang", sign("pic", signaling.Claims{Role: classroom.RolePIC, Name: "PIC Ruang Bersama"})),
	}
	for i, p := range people[:2] {
		links.Participants = append(links.Participants, page(room, sign(fmt.Sprintf("participant-%d", i+1),
			signaling.Claims{Role: classroom.RoleParticipant, Person: p.ID, Door: true, Method: "link"})))
	}
	return links, firstErr
}

// writeLinks replaces demo-links.json whole, readable by its owner only: it holds bearer tokens.
func writeLinks(dir string, links Links) error {
	body, err := json.MarshalIndent(links, "", "  ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(dir, ".demo-links.json.tmp")
	if err := os.WriteFile(tmp, append(body, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, "demo-links.json"))
}

func printLinks(w io.Writer, links Links) {
	fmt.Fprintf(w, `
Betang siap. Buka tautan berikut di peramban (satu tautan satu tab atau perangkat):

  Narasumber     %s
  Pejabat        %s
  Perangkat aula %s
  Operator       %s
  Peserta 1      %s
  Peserta 2      %s
  Peserta (NIP)  %s
                 contoh NIP (orang rekaan): %s
  Tamu           %s
  JBI            %s
  Notulis        %s
  PIC Ruang      %s
                 (buka ruang; layarnya minta kode; ponsel memindai QR di layar)
  BPSDM          %s

  Kelas (sesi pelatihan dengan kamera dan ruang diskusi):
    Pelatih      %s
    Peserta 1    %s
    Peserta 2    %s
    Peserta 3    %s

  WHIP           %s
    token        %s
  WHEP           %s
    token        %s

Tautan yang sama ada di demo-links.json dalam folder data. Hentikan dengan Ctrl+C.
`, links.Speaker, links.VIP, links.Room, links.Operator, links.Participants[0], links.Participants[1], links.Join, links.SampleNIP,
		links.Guest, links.Interpreter, links.Minutes, links.PIC, links.BPSDM,
		links.Class.Trainer, links.Class.Participants[0], links.Class.Participants[1], links.Class.Participants[2], links.WHIP.URL, links.WHIP.Token, links.WHEP.URL, links.WHEP.Token)
}
