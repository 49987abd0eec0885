-- name: JournalEnd :one
SELECT seq, hash FROM journal WHERE event = ? ORDER BY seq DESC LIMIT 1;

-- name: AppendEntry :exec
INSERT INTO journal (event, seq, prev, hash, body) VALUES (?, ?, ?, ?, ?);

-- name: JournalAfter :many
SELECT seq, prev, hash, body FROM journal WHERE event = ? AND seq > ? ORDER BY seq;

-- name: CopyAside :execrows
INSERT INTO aside (event, pile, seq, prev, hash, body)
SELECT j.event, CAST(sqlc.arg(pile) AS INTEGER), j.seq, j.prev, j.hash, j.body FROM journal j WHERE j.event = sqlc.arg(event);

-- name: DropJournal :exec
DELETE FROM journal WHERE event = ?;

-- name: LastPile :one
SELECT CAST(COALESCE(MAX(pile), 0) AS INTEGER) FROM aside WHERE event = ?;

-- name: Aside :many
SELECT pile, seq, prev, hash, body FROM aside WHERE event = ? ORDER BY pile, seq;
