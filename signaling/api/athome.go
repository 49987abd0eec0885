package api

import (
	"net/http"

	"betang/classroom"
	"betang/signaling/wire"
)

// atHome refuses what needs an event's whole attendance at a server that is not the event's home, and says where that is: lists made
// here would lack what was gathered since, and nobody would see it. Without several servers it does nothing.
func (s *server) atHome(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub, _, err := s.openHub(r)
		if err != nil {
			next.ServeHTTP(w, r) // the handler has its own words for it
			return
		}
		page, err := hub.Elsewhere(r.Context())
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if page == "" {
			next.ServeHTTP(w, r)
			return
		}
		noteOf(r).code = "home_elsewhere"
		w.Header().Set("Cache-Control", "no-store")
		answer(w, http.StatusConflict, wire.Error{
			Kind: string(classroom.Conflict), Code: "home_elsewhere", Message: wire.Say("home_elsewhere", language(r)) + " " + page + "/bpsdm",
		})
	})
}
