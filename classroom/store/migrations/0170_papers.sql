-- +goose Up
-- Papers that several origins copy from one another, by the order in which they came to this store: whoever copies asks for those after
-- the last it has. An id names a paper at every origin: kind/event/key.
CREATE TABLE papers (
    n  INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE
) STRICT;

-- What was copied last from each of the other origins.
CREATE TABLE copied (
    peer TEXT PRIMARY KEY,
    last TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What can be changed, in every version it ever had: events, people, personal codes, PICs. The tables of these hold the version that
-- counts: of those that no other takes the place of (spent = 0), the one with the highest token, then the latest, then by id.
CREATE TABLE versions (
    id     TEXT PRIMARY KEY,
    kind   TEXT NOT NULL,
    event  TEXT NOT NULL, -- '' of a person
    key    TEXT NOT NULL,
    token  INTEGER NOT NULL, -- of the home that it was made at; 0: of none
    at     INTEGER NOT NULL,
    source TEXT NOT NULL, -- the node
    nip    TEXT NOT NULL, -- of a person
    body   TEXT NOT NULL CHECK (json_valid(body)),
    spent  INTEGER NOT NULL CHECK (spent IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_of ON versions (kind, event, key);
CREATE INDEX versions_nip ON versions (nip) WHERE nip <> '';

-- Which versions a version took the place of.
CREATE TABLE version_bases (
    id   TEXT NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (id, base)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_bases_base ON version_bases (base);

-- By which token this node was the home of an event last, and the node's name.
CREATE TABLE terms (
    event TEXT PRIMARY KEY,
    token INTEGER NOT NULL,
    node  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed attendance lists of which the event's journal does not say that they are its lists: not yet, or never.
CREATE TABLE drafts (
    number   TEXT PRIMARY KEY,
    event    TEXT NOT NULL REFERENCES events (id),
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    document BLOB NOT NULL,
    settled  INTEGER NOT NULL CHECK (settled IN (0, 1)) -- it is a list at the server that it came from
) STRICT, WITHOUT ROWID;
CREATE INDEX drafts_event ON drafts (event);

-- +goose StatementBegin
CREATE TRIGGER papers_version AFTER INSERT ON versions
BEGIN
    INSERT INTO papers (id) VALUES ('version/' || NEW.event || '/' || NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER papers_invited AFTER INSERT ON invitations
BEGIN
    INSERT INTO papers (id) VALUES ('invited/' || NEW.event || '/' || NEW.person);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER papers_import AFTER INSERT ON imports
BEGIN
    INSERT INTO papers (id) SELECT 'import/' || NEW.event || '/' || NEW.at || '-' || lower(hex(NEW.digest))
    WHERE NOT EXISTS (SELECT 1 FROM papers WHERE id = 'import/' || NEW.event || '/' || NEW.at || '-' || lower(hex(NEW.digest)));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER papers_hall AFTER INSERT ON hall_files
BEGIN
    INSERT INTO papers (id) VALUES ('hall/' || NEW.event || '/' || lower(hex(NEW.digest)));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER papers_draft AFTER INSERT ON drafts
BEGIN
    INSERT INTO papers (id) SELECT 'list/' || NEW.event || '/' || NEW.number
    WHERE NOT EXISTS (SELECT 1 FROM papers WHERE id = 'list/' || NEW.event || '/' || NEW.number);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER papers_list AFTER INSERT ON ratified
BEGIN
    INSERT INTO papers (id) SELECT 'list/' || NEW.event || '/' || NEW.number
    WHERE NOT EXISTS (SELECT 1 FROM papers WHERE id = 'list/' || NEW.event || '/' || NEW.number);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER versions_keep_delete BEFORE DELETE ON versions
BEGIN
    SELECT RAISE (ABORT, 'a version is kept for good');
END;
-- +goose StatementEnd

-- What a store holds from before: numbers that a person had first, then the present versions of everything.
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
SELECT lower(hex(randomblob(16))), 'person', '', p.id, 0, 0, '', n.nip,
    json_object('front', p.front, 'name', p.name, 'back', p.back, 'kind', p.kind, 'grade', p.grade, 'position', p.position, 'unit', p.unit,
        'instansi', p.instansi, 'region', p.region, 'verified', json(CASE WHEN p.verified = 1 THEN 'true' ELSE 'false' END), 'nip', n.nip), 1
FROM nips n JOIN people p ON p.id = n.person WHERE n.current = 0;
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
SELECT lower(hex(randomblob(16))), 'person', '', p.id, 0, 1, '', coalesce(n.nip, ''),
    json_object('front', p.front, 'name', p.name, 'back', p.back, 'kind', p.kind, 'grade', p.grade, 'position', p.position, 'unit', p.unit,
        'instansi', p.instansi, 'region', p.region, 'verified', json(CASE WHEN p.verified = 1 THEN 'true' ELSE 'false' END),
        'nip', coalesce(n.nip, '')), 0
FROM people p LEFT JOIN nips n ON n.person = p.id AND n.current = 1;
INSERT INTO version_bases (id, base)
SELECT now.id, was.id FROM versions now JOIN versions was ON was.kind = now.kind AND was.event = now.event AND was.key = now.key
WHERE now.spent = 0 AND was.spent = 1;
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
SELECT lower(hex(randomblob(16))), 'event', id, id, 0, 1, '', '',
    json_object('kind', kind, 'title', title, 'speaker', speaker, 'host', host, 'place', place, 'starts', starts_at, 'ends', ends_at,
        'policy', json(policy)), 0
FROM events;
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
SELECT lower(hex(randomblob(16))), 'code', event, person, 0, 1, '', '', json_object('hash', lower(hex(hash))), 0 FROM codes;
INSERT INTO versions (id, kind, event, key, token, at, source, nip, body, spent)
SELECT lower(hex(randomblob(16))), 'pic', event, id, 0, 1, '', '',
    json_object('name', name, 'slice', slice, 'hash', lower(hex(hash))), 0
FROM pics;
INSERT INTO papers (id) SELECT 'invited/' || event || '/' || person FROM invitations;
INSERT INTO papers (id) SELECT DISTINCT 'import/' || event || '/' || at || '-' || lower(hex(digest)) FROM imports;
INSERT INTO papers (id) SELECT 'hall/' || event || '/' || lower(hex(digest)) FROM hall_files;
INSERT INTO papers (id) SELECT 'list/' || event || '/' || number FROM ratified ORDER BY revision;

-- +goose Down
DROP TRIGGER papers_list;
DROP TRIGGER papers_draft;
DROP TRIGGER papers_hall;
DROP TRIGGER papers_import;
DROP TRIGGER papers_invited;
DROP TABLE drafts;
DROP TABLE terms;
DROP TABLE version_bases;
DROP TABLE versions;
DROP TABLE copied;
DROP TABLE papers;
