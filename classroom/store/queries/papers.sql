-- name: PaperIDs :many
SELECT id FROM papers WHERE n > coalesce((SELECT p.n FROM papers p WHERE p.id = sqlc.arg(last)), 0) ORDER BY n LIMIT sqlc.arg(most);

-- name: PapersAfter :one
SELECT count(*) FROM papers WHERE n > coalesce((SELECT p.n FROM papers p WHERE p.id = sqlc.arg(last)), 0);

-- name: Copied :many
SELECT peer, last FROM copied;

-- name: PutCopied :exec
INSERT INTO copied (peer, last) VALUES (?, ?) ON CONFLICT (peer) DO UPDATE SET last = excluded.last;

-- name: PutTerm :exec
INSERT INTO terms (event, token, node) VALUES (?, ?, ?) ON CONFLICT (event) DO UPDATE SET token = excluded.token, node = excluded.node;

-- name: Term :one
SELECT token, node FROM terms WHERE event IN (?, '') ORDER BY event DESC LIMIT 1;

-- name: PutVersion :execrows
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, EXISTS (SELECT 1 FROM version_bases b WHERE b.base = sqlc.arg(id)))
ON CONFLICT (id) DO NOTHING;

-- name: PutBase :exec
INSERT INTO version_bases (id, base) VALUES (?, ?) ON CONFLICT (id, base) DO NOTHING;

-- name: Spend :exec
UPDATE versions SET spent = 1 WHERE id = ?;

-- name: Version :one
SELECT * FROM versions WHERE id = ?;

-- name: Bases :many
SELECT base FROM version_bases WHERE id = ? ORDER BY base;

-- name: VersionHeads :many
SELECT * FROM versions WHERE kind = ? AND event = ? AND key = ? AND spent = 0 ORDER BY token DESC, at DESC, id DESC;

-- name: NIPsOf :many
SELECT DISTINCT nip FROM versions WHERE kind = 'person' AND event = '' AND key = ? AND nip <> '';

-- name: OwnerOfNIP :one
SELECT key FROM versions WHERE nip = ? AND nip <> '' ORDER BY token DESC, at DESC, id DESC LIMIT 1;

-- name: RetireNIPs :exec
UPDATE nips SET current = 0 WHERE person = ? AND current = 1;

-- name: PutNIP :exec
INSERT INTO nips (nip, person, current, since) VALUES (?, ?, ?, ?)
ON CONFLICT (nip) DO UPDATE SET person = excluded.person, current = excluded.current;

-- name: ListClashes :many
SELECT v.* FROM versions v WHERE v.spent = 0 AND v.kind = 'person' AND v.event = ''
    AND v.key IN (SELECT i.person FROM invitations i WHERE i.event = ?)
    AND EXISTS (SELECT 1 FROM versions o WHERE o.kind = v.kind AND o.event = v.event AND o.key = v.key AND o.spent = 0 AND o.id <> v.id)
ORDER BY v.key, v.token DESC, v.at DESC, v.id DESC;

-- name: ImportAt :one
SELECT * FROM imports WHERE event = ? AND at = ? AND digest = ? LIMIT 1;

-- name: CopyEvent :exec
INSERT INTO events (id, kind, title, speaker, host, place, starts_at, ends_at, policy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING;

-- name: KeepEvent :exec
INSERT INTO events (id, kind, title, speaker, host, place, starts_at, ends_at, policy) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, speaker = excluded.speaker,
    host = excluded.host, place = excluded.place, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    policy = excluded.policy
WHERE NOT EXISTS (SELECT 1 FROM versions WHERE kind = 'event' AND event = events.id);

-- name: HasVersion :one
SELECT EXISTS (SELECT 1 FROM versions WHERE kind = ? AND event = ? AND key = ?);

-- name: SaveDraft :exec
INSERT INTO drafts (number, event, revision, at, document, settled) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING;

-- name: Draft :one
SELECT * FROM drafts WHERE number = ?;

-- name: DraftsOf :many
SELECT number FROM drafts WHERE event = ? ORDER BY number;

-- name: EventsWithDrafts :many
SELECT DISTINCT event FROM drafts ORDER BY event;

-- name: DropDraft :exec
DELETE FROM drafts WHERE number = ?;
