-- name: CountHallFiles :one
SELECT count(*) FROM hall_files WHERE event = ?;

-- name: SaveHallFile :exec
INSERT INTO hall_files (event, digest, hall, type, at, by, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (event, digest) DO NOTHING;

-- name: HallFiles :many
SELECT digest, hall, type, at, by, CAST(length(body) AS INTEGER) AS size FROM hall_files WHERE event = ? ORDER BY at, digest;

-- name: HallFile :one
SELECT * FROM hall_files WHERE event = ? AND digest = ?;

-- name: SavePIC :exec
INSERT INTO pics (event, id, name, slice, hash) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (event, id) DO UPDATE SET name = excluded.name, slice = excluded.slice, hash = excluded.hash;

-- name: PICByCode :one
SELECT id, name, slice FROM pics WHERE event = ? AND hash = ?;
