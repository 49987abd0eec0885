-- name: SurveyDone :execrows
INSERT INTO survey_done (event, who) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: HasSurvey :one
SELECT EXISTS (SELECT 1 FROM survey_done WHERE event = ? AND who = ?);

-- name: SaveSurvey :exec
INSERT INTO survey_answers (event, id, body) VALUES (?, ?, ?);

-- name: Surveys :many
SELECT body FROM survey_answers WHERE event = ? ORDER BY id;

-- name: SurveyIDs :many
SELECT id FROM survey_answers WHERE event = ? ORDER BY id;

-- name: SurveyRows :many
SELECT id, body FROM survey_answers WHERE event = ? ORDER BY id;

-- name: SurveyWho :many
SELECT who FROM survey_done WHERE event = ? ORDER BY who;

-- name: CopySurvey :execrows
INSERT INTO survey_answers (event, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: LooseEvents :many
SELECT id FROM events WHERE ends_at > ?
    AND (EXISTS (SELECT 1 FROM survey_done WHERE event = events.id) OR EXISTS (SELECT 1 FROM readiness WHERE event = events.id))
ORDER BY ends_at DESC, id;
