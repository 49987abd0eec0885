-- name: SaveSpan :exec
-- An older state of a span never overwrites a newer one, in whatever order they come.
INSERT INTO spans (event, person, session, class, from_ms, to_ms, open) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (event, person, session, class, from_ms) DO UPDATE SET to_ms = excluded.to_ms, open = excluded.open
WHERE excluded.to_ms > spans.to_ms OR (excluded.to_ms = spans.to_ms AND spans.open = 1);

-- name: Spans :many
SELECT person, session, class, from_ms, to_ms, open FROM spans WHERE event = ?
ORDER BY person, session, class, from_ms;

-- name: CloseSpans :execrows
UPDATE spans SET open = 0 WHERE open = 1;
