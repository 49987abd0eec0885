-- name: SurveyDone :execrows
INSERT INTO survey_done (event, who) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: HasSurvey :one
SELECT EXISTS (SELECT 1 FROM survey_done WHERE event = ? AND who = ?);

-- name: SaveSurvey :exec
INSERT INTO survey_answers (event, id, body) VALUES (?, ?, ?);

-- name: Surveys :many
SELECT body FROM survey_answers WHERE event = ? ORDER BY id;
