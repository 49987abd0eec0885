-- name: PeopleByNIP :many
SELECT asked.nip AS asked, sqlc.embed(people), CAST(coalesce(now.nip, '') AS TEXT) AS nip
FROM nips AS asked JOIN people ON people.id = asked.person
    LEFT JOIN nips AS now ON now.person = people.id AND now.current = 1
WHERE asked.nip IN (sqlc.slice('nips'));

-- name: Invite :exec
INSERT INTO invitations (event, person) VALUES (?, ?) ON CONFLICT (event, person) DO NOTHING;

-- name: SaveImport :exec
INSERT INTO imports (event, at, digest, by, people, added, changed, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: RosterUnits :many
SELECT people.unit, count(*) AS people, CAST(count(codes.person) AS INTEGER) AS coded
FROM invitations JOIN people ON people.id = invitations.person
    LEFT JOIN codes ON codes.event = invitations.event AND codes.person = invitations.person
WHERE invitations.event = ?
GROUP BY people.unit
ORDER BY people.unit COLLATE NOCASE;

-- name: RosterPeople :many
SELECT sqlc.embed(people), CAST(coalesce(nips.nip, '') AS TEXT) AS nip, CAST(codes.person IS NOT NULL AS INTEGER) AS coded
FROM invitations JOIN people ON people.id = invitations.person
    LEFT JOIN nips ON nips.person = people.id AND nips.current = 1
    LEFT JOIN codes ON codes.event = invitations.event AND codes.person = invitations.person
WHERE invitations.event = sqlc.arg(event) AND (people.unit = sqlc.arg(unit) OR sqlc.arg(every) = 1)
ORDER BY people.unit COLLATE NOCASE, people.name COLLATE NOCASE, people.id;
