-- name: SaveRatified :exec
INSERT INTO ratified (event, number, at, document) VALUES (?, ?, ?, ?);

-- name: Ratified :one
SELECT document FROM ratified WHERE event = ?;

-- name: RatifiedByNumber :one
SELECT document FROM ratified WHERE number = ?;
