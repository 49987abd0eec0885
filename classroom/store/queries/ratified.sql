-- name: SaveRatified :exec
INSERT INTO ratified (number, event, revision, at, document) VALUES (?, ?, ?, ?, ?);

-- name: SaveRatifiedJP :exec
INSERT INTO ratified_jp (person, event, revision, year, jp) VALUES (?, ?, ?, ?, ?);

-- name: Ratified :many
SELECT number, revision, at FROM ratified WHERE event = ? ORDER BY revision;

-- name: RatifiedByNumber :one
SELECT event, revision, at, document FROM ratified WHERE number = ?;

-- name: YearJP :one
SELECT CAST(coalesce(sum(j.jp), 0) AS INTEGER) AS jp FROM ratified_jp j
WHERE j.person = ? AND j.year = ?
    AND j.revision = (SELECT max(r.revision) FROM ratified r WHERE r.event = j.event);
