-- name: SaveRatified :exec
INSERT INTO ratified (number, event, revision, at, document) VALUES (?, ?, ?, ?, ?);

-- name: SaveRatifiedJP :exec
INSERT INTO ratified_jp (person, event, revision, year, jp) VALUES (?, ?, ?, ?, ?);

-- name: Ratified :many
SELECT r.number, r.revision, r.at, CAST(coalesce(v.at, 0) AS INTEGER) AS voided
FROM ratified r LEFT JOIN ratified_void v ON v.number = r.number
WHERE r.event = ? ORDER BY r.revision;

-- name: RatifiedByNumber :one
SELECT r.event, r.revision, r.at, r.document, CAST(coalesce(v.at, 0) AS INTEGER) AS voided
FROM ratified r LEFT JOIN ratified_void v ON v.number = r.number
WHERE r.number = ?;

-- name: VoidRatified :exec
INSERT INTO ratified_void (number, at) VALUES (?, ?) ON CONFLICT (number) DO NOTHING;

-- name: YearJP :one
SELECT CAST(coalesce(sum(j.jp), 0) AS INTEGER) AS jp FROM ratified_jp j
JOIN ratified n ON n.event = j.event AND n.revision = j.revision
WHERE j.person = ? AND j.year = ?
    AND j.revision = (SELECT max(r.revision) FROM ratified r WHERE r.event = j.event)
    AND NOT EXISTS (SELECT 1 FROM ratified_void v WHERE v.number = n.number);

-- name: RatifiedJP :many
SELECT person, year, jp FROM ratified_jp WHERE event = ? AND revision = ?;
