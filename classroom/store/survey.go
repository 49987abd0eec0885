package store

import (
	"context"
	"crypto/rand"

	"betang/classroom"
	"betang/classroom/store/query"
	"betang/classroom/survey"
)

// SaveSurvey keeps somebody's answer, apart from their name. Conflict survey_done if they have answered; NotFound
// event_unknown.
func (s *Store) SaveSurvey(ctx context.Context, event classroom.EventID, who string, a survey.Answer) error {
	body, err := a.Encode()
	if err != nil {
		return fail(err)
	}
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		n, err := w.q.SurveyDone(ctx, query.SurveyDoneParams{Event: string(event), Who: who})
		switch {
		case foreignKey(err):
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		case err != nil:
			return err
		case n == 0:
			return classroom.Refuse(classroom.Conflict, "survey_done")
		}
		return w.q.SaveSurvey(ctx, query.SaveSurveyParams{Event: string(event), ID: rand.Text(), Body: body})
	})
}

// HasSurvey tells whether somebody has answered.
func (s *Store) HasSurvey(ctx context.Context, event classroom.EventID, who string) (bool, error) {
	n, err := s.read.HasSurvey(ctx, query.HasSurveyParams{Event: string(event), Who: who})
	return n != 0, fail(err)
}

// Surveys are all answers of an event, in no order.
func (s *Store) Surveys(ctx context.Context, event classroom.EventID) ([]survey.Answer, error) {
	rows, err := s.read.Surveys(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	out := make([]survey.Answer, len(rows))
	for i, body := range rows {
		if out[i], err = survey.Decode(body); err != nil {
			return nil, fail(err)
		}
	}
	return out, nil
}
