package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"betang/classroom"
	"betang/signaling/wire"
)

const (
	maxJSON     = 4 << 10  // bytes of a JSON body; the largest is a newcomer's name, unit and region
	maxFragment = 16 << 10 // bytes of a trickle-ice-sdpfrag; a candidate line is about 120
)

// statusByKind is the rule; statusByCode holds the exceptions that HTTP or RFC 9725 has a better number for.
var (
	statusByKind = map[classroom.Kind]int{
		classroom.Invalid: http.StatusBadRequest, classroom.NotAllowed: http.StatusForbidden,
		classroom.NotFound: http.StatusNotFound, classroom.Conflict: http.StatusConflict,
		classroom.TooMany: http.StatusTooManyRequests, classroom.Internal: http.StatusInternalServerError,
	}
	statusByCode = map[string]int{
		"token_missing": http.StatusUnauthorized, "token_invalid": http.StatusUnauthorized,
		"token_expired": http.StatusUnauthorized, "token_revoked": http.StatusUnauthorized,
		"method_not_allowed": http.StatusMethodNotAllowed,
		"body_too_large":     http.StatusRequestEntityTooLarge,
		"content_type":       http.StatusUnsupportedMediaType,
		"if_match_missing":   http.StatusPreconditionRequired,
		"if_match_stale":     http.StatusPreconditionFailed,
		"codec_unsupported":  http.StatusNotAcceptable,
		"store_unavailable":  http.StatusServiceUnavailable,
	}
)

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader is gone: nobody to tell
}

// refusal is what a reader is told of an error, in their language; the log gets what the reader may not know.
func (s *server) refusal(r *http.Request, err error) wire.Error {
	kind, code := classroom.KindOf(err), "internal"
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		code = e.Code
	}
	if kind == classroom.Internal && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(r.Context(), "request failed", "id", noteOf(r).id, "err", err)
	}
	return wire.Error{Kind: string(kind), Code: code, Message: s.sentence(code, language(r))}
}

// refuse answers with an error.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := s.refusal(r, err)
	status, is := statusByCode[e.Code]
	if !is {
		status = statusByKind[classroom.Kind(e.Kind)]
	}
	if status == 0 {
		status = http.StatusInternalServerError
	}
	h := w.Header()
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="betang"`)
	}
	if e.Code == "media_busy" && h.Get("Retry-After") == "" { // a slot of its own for each, or they all come back at once
		h.Set("Retry-After", strconv.Itoa(2+rand.IntN(9)))
	}
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	noteOf(r).code = e.Code
	answer(w, status, e)
}

// language is the reader's: ?lang, else the better liked of id and en in Accept-Language (RFC 9110, 12.5.4), else id.
func language(r *http.Request) string {
	if lang := r.URL.Query().Get("lang"); lang == "en" || lang == "id" {
		return lang
	}
	best := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Language"), ","), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if v, has := strings.CutPrefix(strings.TrimSpace(params), "q="); has {
			if f, err := strconv.ParseFloat(v, 64); err == nil {
				q = f
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		best[primary] = max(best[primary], q)
	}
	if best["en"] > best["id"] {
		return "en"
	}
	return "id"
}

// decode reads one JSON value of a known shape from a small body.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	return decodeUpTo(w, r, into, maxJSON)
}

func decodeUpTo(w http.ResponseWriter, r *http.Request, into any, limit int64) error {
	raw, err := readBody(w, r, "application/json", limit)
	if err != nil {
		return err
	}
	invalid := func(err error) error {
		return &classroom.Error{Kind: classroom.Invalid, Code: "message_malformed", Err: err}
	}
	if !utf8.Valid(raw) {
		return invalid(errors.New("not UTF-8"))
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return invalid(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalid(errors.New("more than one value"))
	}
	return nil
}

// readBody reads at most limit bytes of a body of the wanted media type.
func readBody(w http.ResponseWriter, r *http.Request, mediaType string, limit int64) ([]byte, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != mediaType {
		return nil, classroom.Refuse(classroom.Invalid, "content_type")
	}
	if r.ContentLength > limit {
		return nil, classroom.Refuse(classroom.Invalid, "body_too_large")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, classroom.Refuse(classroom.Invalid, "body_too_large")
	}
	if err != nil {
		return nil, &classroom.Error{Kind: classroom.Invalid, Code: "message_malformed", Err: err}
	}
	return raw, nil
}
