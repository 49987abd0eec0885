-- name: SavePerson :exec
INSERT INTO people (id, front, name, back, kind, grade, position, unit, instansi, region, verified)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET front = excluded.front, name = excluded.name, back = excluded.back,
    kind = excluded.kind, grade = excluded.grade, position = excluded.position, unit = excluded.unit,
    instansi = excluded.instansi, region = excluded.region, verified = excluded.verified;

-- name: RetireNIP :exec
UPDATE nips SET current = 0 WHERE person = ? AND current = 1 AND nip <> ?;

-- name: SaveNIP :execrows
INSERT INTO nips (nip, person, current, since) VALUES (?, ?, 1, ?)
ON CONFLICT (nip) DO UPDATE SET current = 1 WHERE nips.person = excluded.person;

-- name: Person :one
SELECT sqlc.embed(people), CAST(coalesce(nips.nip, '') AS TEXT) AS nip
FROM people LEFT JOIN nips ON nips.person = people.id AND nips.current = 1
WHERE people.id = ?;

-- name: PersonByNIP :one
SELECT sqlc.embed(people), CAST(coalesce(now.nip, '') AS TEXT) AS nip
FROM nips AS asked JOIN people ON people.id = asked.person
    LEFT JOIN nips AS now ON now.person = people.id AND now.current = 1
WHERE asked.nip = ?;

-- name: PeopleByID :many
SELECT sqlc.embed(people), CAST(coalesce(nips.nip, '') AS TEXT) AS nip
FROM people LEFT JOIN nips ON nips.person = people.id AND nips.current = 1
WHERE people.id IN (sqlc.slice('ids'));

-- name: SaveCode :exec
INSERT INTO codes (event, person, hash) VALUES (?, ?, ?)
ON CONFLICT (event, person) DO UPDATE SET hash = excluded.hash;

-- name: PersonByCode :one
SELECT sqlc.embed(people), CAST(coalesce(nips.nip, '') AS TEXT) AS nip
FROM codes JOIN people ON people.id = codes.person
    LEFT JOIN nips ON nips.person = people.id AND nips.current = 1
WHERE codes.event = ? AND codes.hash = ?;
