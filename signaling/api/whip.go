package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/signaling/wire"
)

const (
	sdpType      = "application/sdp"
	fragmentType = "application/trickle-ice-sdpfrag"
)

// mediaRoutes is WHIP (RFC 9725), or WHEP, which differs in the direction of the media alone
// (draft-ietf-wish-whep, the offer made by the player).
func (s *server) mediaRoutes(endpoint string) func(chi.Router) {
	return func(r chi.Router) {
		r.Use(openToOrigins("OPTIONS, POST, PATCH, DELETE"), unkept, s.byAddress(s.limits.all))
		limited := r.With(s.byAddress(s.limits.media), s.authorize(endpoint))
		if endpoint == mayWHIP {
			limited = limited.With(s.byToken(s.limits.publish))
		}
		limited.Post("/{event}", s.openMedia(endpoint))
		r.Options("/{event}", acceptPost)

		r.Options("/{event}/{session}", acceptPatch)
		own := r.With(s.authorize(endpoint))
		own.Patch("/{event}/{session}", s.patchMedia(endpoint))
		own.Delete("/{event}/{session}", s.closeMedia(endpoint))
	}
}

// acceptPost answers a preflight, and whoever asks what may be posted (RFC 9725 section 4.2).
func acceptPost(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Accept-Post", sdpType)
	w.WriteHeader(http.StatusOK)
}

func acceptPatch(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Accept-Patch", fragmentType)
	w.WriteHeader(http.StatusOK)
}

// openMedia answers an offer: 201 with the answer, the session's Location and its entity tag.
func (s *server) openMedia(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hub, event, err := s.openHub(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		offer, err := readBody(w, r, sdpType, wire.MaxSDP)
		if err == nil && !bytes.HasPrefix(offer, []byte("v=0")) {
			err = classroom.Refuse(classroom.Invalid, "sdp_malformed")
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		by := claimsOf(r)
		m := mediaSession{endpoint: endpoint, event: event, owner: by.ID, ice: 1}
		var sdp string
		if endpoint == mayWHIP {
			kind := classroom.Camera
			if by.Role == classroom.RoleInterpreter {
				kind = classroom.Interpreter
			}
			m.source, sdp, err = hub.Publish(r.Context(), by, kind, string(offer))
		} else {
			m.source, sdp, err = hub.Watch(r.Context(), by, string(offer))
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Location", "/"+endpoint+"/"+string(event)+"/"+s.sessions.add(m))
		h.Set("ETag", m.etag())
		h.Set("Content-Type", sdpType)
		if s.ice != nil {
			for _, ice := range s.ice(event, by.ID+"."+string(m.source), r.Host, 0) {
				linkICE(h, ice)
			}
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, sdp)
	}
}

// linkICE tells of an ICE server (RFC 9725 section 4.6), one Link header for each of its addresses.
func linkICE(h http.Header, ice wire.ICEServer) {
	for _, url := range ice.URLs {
		h.Add("Link", fmt.Sprintf(`<%s>; rel="ice-server"; username="%s"; credential="%s"; credential-type="password"`,
			url, ice.Username, ice.Credential))
	}
}

// patchMedia takes trickled candidates (204), or new ICE credentials, which it answers with the server's own (200).
// If-Match names the ICE session that candidates belong to; "*" is for a restart, whatever the session is by now
// (RFC 9725 section 4.3).
func (s *server) patchMedia(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := chi.URLParam(r, "session")
		hub, m, err := s.openSession(r, endpoint, id)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		frag, err := readBody(w, r, fragmentType, maxFragment)
		ifMatch := strings.Join(r.Header.Values("If-Match"), ",")
		switch {
		case err != nil:
		case ifMatch == "":
			err = classroom.Refuse(classroom.Invalid, "if_match_missing")
		case !matches(ifMatch, m.etag()):
			err = classroom.Refuse(classroom.Conflict, "if_match_stale")
		case len(bytes.TrimSpace(frag)) == 0:
			err = classroom.Refuse(classroom.Invalid, "sdp_malformed")
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		sdp, err := hub.Fragment(r.Context(), claimsOf(r), m.source, string(frag))
		if err != nil {
			s.refuse(w, r, s.forget(id, err))
			return
		}
		if sdp == "" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("ETag", s.sessions.restarted(id))
		w.Header().Set("Content-Type", fragmentType)
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, sdp)
	}
}

// closeMedia ends the session; entity tags do not matter here.
func (s *server) closeMedia(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := chi.URLParam(r, "session")
		hub, m, err := s.openSession(r, endpoint, id)
		if err == nil {
			err = s.forget(id, hub.Hangup(r.Context(), claimsOf(r), m.source))
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		s.sessions.remove(id)
		w.WriteHeader(http.StatusOK)
	}
}

func (s *server) openSession(r *http.Request, endpoint, id string) (Hub, mediaSession, error) {
	hub, event, err := s.openHub(r)
	if err != nil {
		return nil, mediaSession{}, err
	}
	m, err := s.sessions.get(id, endpoint, event, claimsOf(r).ID)
	return hub, m, err
}

// forget drops the resource of a session whose transport the hub no longer has.
func (s *server) forget(id string, err error) error {
	if err != nil && classroom.KindOf(err) == classroom.NotFound {
		s.sessions.remove(id)
		return as(err, classroom.NotFound, "media_unknown")
	}
	return err
}
