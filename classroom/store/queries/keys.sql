-- name: MakeSecret :exec
INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING;

-- name: Secret :one
SELECT value FROM secrets WHERE name = ?;

-- name: Revoke :exec
INSERT INTO revocations (jti, at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING;

-- name: Revoked :many
SELECT jti FROM revocations ORDER BY at, jti;

-- name: AdoptSecret :exec
INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
