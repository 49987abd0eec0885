package api

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/classroom/survey"
	"betang/signaling"
)

const maxSurvey = 16 << 10 // bytes of an answer: two texts of 500 characters

// surveyView says whether one may answer the evaluation, and what it asks.
type surveyView struct {
	Open  bool     `json:"open"`
	Done  bool     `json:"done"`
	Top   int      `json:"top"`
	Items []string `json:"items"`
}

// answerer is whom an answer is counted for: a person over all devices, or one guest's session.
func answerer(c signaling.Claims) string {
	if c.Person != "" {
		return "p:" + string(c.Person)
	}
	return "t:" + c.ID
}

func (s *server) surveyState(w http.ResponseWriter, r *http.Request) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	done, err := s.past.HasSurvey(r.Context(), id, answerer(claimsOf(r)))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, surveyView{Open: ended(hub), Done: done, Top: survey.Top, Items: survey.Items})
}

func (s *server) surveyAnswer(w http.ResponseWriter, r *http.Request) {
	id := classroom.EventID(chi.URLParam(r, "event"))
	var a survey.Answer
	if err := decodeUpTo(w, r, &a, maxSurvey); err != nil {
		s.refuse(w, r, err)
		return
	}
	a.Good, a.Better = tidyLines(a.Good), tidyLines(a.Better)
	if err := a.Check(); err != nil {
		s.refuse(w, r, classroom.Refuse(classroom.Invalid, err.Error()))
		return
	}
	hub, _, err := s.openHub(r)
	if err == nil && !ended(hub) {
		err = classroom.Refuse(classroom.Conflict, "survey_early")
	}
	if err == nil {
		err = s.past.SaveSurvey(r.Context(), id, answerer(claimsOf(r)), a)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, surveyView{Open: true, Done: true, Top: survey.Top, Items: survey.Items})
}

func ended(hub Hub) bool { return hub.PublicEvent().Phase == string(classroom.Ended) }

func tidyLines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
