-- name: OutboxEnd :one
SELECT CAST(COALESCE(MAX(n), 0) AS INTEGER) AS n FROM outbox WHERE event = ?;

-- name: PutOutbox :exec
INSERT INTO outbox (event, person, session, class, from_ms, n) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (event, person, session, class, from_ms) DO UPDATE SET n = excluded.n;

-- name: Outbox :many
SELECT o.n, s.person, s.session, s.class, s.from_ms, s.to_ms FROM outbox o
JOIN spans s ON s.event = o.event AND s.person = o.person AND s.session = o.session AND s.class = o.class AND s.from_ms = o.from_ms
WHERE o.event = ? AND o.n > ? ORDER BY o.n LIMIT ?;

-- name: OutboxEnds :many
SELECT event, CAST(MAX(n) AS INTEGER) AS n FROM outbox GROUP BY event;

-- name: Mark :one
SELECT n FROM marks WHERE event = ? AND node = ?;

-- name: PutMark :exec
INSERT INTO marks (event, node, n) VALUES (?, ?, ?) ON CONFLICT (event, node) DO UPDATE SET n = excluded.n;

-- name: Marks :many
SELECT node, n FROM marks WHERE event = ?;
