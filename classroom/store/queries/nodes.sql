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
SELECT node, n FROM marks WHERE event = ? ORDER BY node;

-- name: KeepCommand :exec
INSERT INTO kept (event, n, command) SELECT sqlc.arg(event), COALESCE(MAX(n), 0) + 1, sqlc.arg(command) FROM kept WHERE event = sqlc.arg(event);

-- name: Kept :many
SELECT n, command FROM kept WHERE event = ? ORDER BY n LIMIT ?;

-- name: DropKept :exec
DELETE FROM kept WHERE event = ? AND n <= ?;

-- name: KeptEvents :many
SELECT DISTINCT event FROM kept;

-- name: PutHead :exec
INSERT INTO heads (event, node, k, up_to, spans, digest, prev, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event, node, k) DO NOTHING;

-- name: Heads :many
SELECT * FROM heads WHERE event = ? AND node = ? AND up_to > ? ORDER BY k;

-- name: LastHead :one
SELECT * FROM heads WHERE event = ? AND node = ? ORDER BY k DESC LIMIT 1;

-- name: HeadAt :one
SELECT * FROM heads WHERE event = ? AND node = ? AND k = ?;

-- name: PinKey :exec
INSERT INTO node_keys (node, public) VALUES (?, ?) ON CONFLICT (node) DO NOTHING;

-- name: NodeKey :one
SELECT public FROM node_keys WHERE node = ?;

-- name: SaveNodeSpan :exec
INSERT INTO node_spans (event, node, person, session, class, from_ms, to_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (event, node, person, session, class, from_ms) DO UPDATE SET to_ms = max(to_ms, excluded.to_ms);

-- name: NodeSpans :many
SELECT person, session, class, from_ms, to_ms FROM node_spans WHERE event = ? AND node = ? ORDER BY person, session, class, from_ms;
