-- name: JournalEnd :one
SELECT seq, hash FROM journal WHERE event = ? ORDER BY seq DESC LIMIT 1;

-- name: AppendEntry :exec
INSERT INTO journal (event, seq, prev, hash, body) VALUES (?, ?, ?, ?, ?);

-- name: JournalAfter :many
SELECT seq, prev, hash, body FROM journal WHERE event = ? AND seq > ? ORDER BY seq;
