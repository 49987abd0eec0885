-- name: SaveEvent :exec
INSERT INTO events (id, kind, title, speaker, host, place, starts_at, ends_at, policy)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, speaker = excluded.speaker,
    host = excluded.host, place = excluded.place, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    policy = excluded.policy;

-- name: Event :one
SELECT * FROM events WHERE id = ?;

-- name: Events :many
SELECT * FROM events ORDER BY starts_at, id;

-- name: EventsWithin :many
SELECT * FROM events WHERE ends_at > ? AND starts_at < ? ORDER BY starts_at, id LIMIT 200;
