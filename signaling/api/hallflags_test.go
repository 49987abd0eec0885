package api

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"betang/classroom"
	"betang/signaling"
)

// TestJudgeFlags: two people enter from one browser. BPSDM sees that, says what it makes of it, and both stay counted.
func TestJudgeFlags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHall(t)
		agency := h.link(signaling.Claims{Role: classroom.RoleBPSDM, Event: signaling.AnyEvent, Name: "BPSDM"})
		yani := classroom.Person{ID: "p-yani", NIP: "198001012005011002", Name: "Ahmad Yani", Unit: "Dinas Kesehatan", Verified: true}
		if err := h.store.SavePeople(t.Context(), []classroom.Person{yani}); err != nil {
			t.Fatal(err)
		}
		hub, err := Hubs[HallHub](h.hubs)(t.Context(), demo)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []classroom.PersonID{sri().ID, yani.ID} {
			by := classroom.Actor{Person: id, Role: classroom.RoleParticipant, Session: classroom.SessionID("s-" + string(id))}
			if _, err := hub.Do(t.Context(), by, classroom.Admit{Method: "nip", Device: "one-laptop"}); err != nil {
				t.Fatal(err)
			}
		}
		const at = "/api/bpsdm/events/demo/halls/flags"
		var flags []flagRow
		h.get(&flags, http.MethodGet, at, agency, "")
		if len(flags) != 1 || flags[0].Kind != "device" || len(flags[0].People) != 2 || strings.Contains(asJSON(flags), sriNIP) {
			t.Fatalf("flags %+v", flags)
		}
		one := at + "/" + flags[0].ID
		h.refused(http.MethodPost, one, agency, `{"verdict":"fine","reason":"","who":"Kepala Bidang"}`, 400, "reason_empty")
		h.refused(http.MethodPost, one, agency, `{"verdict":"fine","reason":"Suami istri","who":""}`, 400, "correction_who")
		h.refused(http.MethodPost, one, agency, `{"verdict":"x","reason":"Suami istri","who":"Kepala Bidang"}`, 400, "flag_verdict")
		h.refused(http.MethodPost, at+"/000000000000000000000000", agency, `{"verdict":"fine","reason":"Suami istri","who":"Kepala Bidang"}`, 404, "flag_unknown")
		for range 2 { // the first answer was lost on the way
			h.get(&flags, http.MethodPost, one, agency, `{"verdict":"fine","reason":"Suami istri, satu laptop","who":"Kepala Bidang"}`)
		}
		if said := flags[0].Said; len(said) != 1 || said[0].Verdict != "fine" || said[0].Who != "Kepala Bidang" || said[0].At == "" {
			t.Errorf("said %+v", said)
		}
	})
}
