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

-- name: Remember :exec
INSERT INTO remembered (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: Recall :one
SELECT value FROM remembered WHERE name = ?;

-- name: SecretsLike :many
SELECT value FROM secrets WHERE name GLOB CAST(sqlc.arg(pattern) AS TEXT) ORDER BY name;
