package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"betang/classroom"
	"betang/signaling"
)

// TestCorrectUnlisted: the desk grants time to somebody who is on no list, by NIP and name: whom the roster knows is found there, a
// number under another name is refused, and who is unknown is taken in, awaiting verification. Nothing is taken off them.
func TestCorrectUnlisted(t *testing.T) {
	b := newBench(t)
	token := b.link(classroom.RoleBPSDM, func(c *signaling.Claims) { c.Event = signaling.AnyEvent })
	path := "/api/bpsdm/events/" + string(demo) + "/corrections"
	body := func(nip, name, unit string, void bool) string {
		return fmt.Sprintf(`{"nip":%q,"name":%q,"unit":%q,"void":%v,"from":1,"to":2,"reason":"Hadir di aula tanpa ponsel","who":"Kepala BPSDM"}`, nip, name, unit, void)
	}
	before := b.store.count()
	b.do(http.MethodPost, path, token, body("1234", "Ani Lestari", "Dinas", false)).refused(http.StatusBadRequest, classroom.Invalid, "nip_length")
	b.do(http.MethodPost, path, token, body("198812122010012003", "A", "Dinas", false)).refused(http.StatusBadRequest, classroom.Invalid, "name_invalid")
	b.do(http.MethodPost, path, token, body("198812122010012003", "Ani Lestari", "", false)).refused(http.StatusBadRequest, classroom.Invalid, "unit_invalid")
	b.do(http.MethodPost, path, token, body("198812122010012003", "Ani Lestari", "Dinas", true)).refused(http.StatusBadRequest, classroom.Invalid, "correction_person")
	b.do(http.MethodPost, path, token, body(sriNIP, "Ani Lestari", "Dinas", false)).refused(http.StatusConflict, classroom.Conflict, "correction_other")
	if b.store.count() != before {
		t.Error("a refusal left a person behind")
	}
	if r := b.do(http.MethodPost, path, token, body(sriNIP, "sri wahyuni", "", false)); r.Code != http.StatusOK || b.store.count() != before {
		t.Errorf("somebody of the roster: %d, %d people", r.Code, b.store.count())
	}
	if r := b.do(http.MethodPost, path, token, body("1988 1212 201001 2 003", "Ani  Lestari", "Dinas Pertanian", false)); r.Code != http.StatusOK {
		t.Errorf("somebody new: %d", r.Code)
	}
	p, err := b.store.PersonByNIP(t.Context(), "198812122010012003")
	if err != nil || p.Name != "Ani Lestari" || p.Unit != "Dinas Pertanian" || p.Verified {
		t.Errorf("%+v, %v", p, err)
	}
	if done := strings.Count(fmt.Sprint(b.hub.calls), "do bpsdm"); done != 2 {
		t.Errorf("%d commands reached the event, want 2", done)
	}
}
