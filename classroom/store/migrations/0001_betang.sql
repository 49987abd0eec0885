-- Times are Unix milliseconds, UTC. NIP is text: it exceeds 2^53.

-- +goose Up
CREATE TABLE events (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    title     TEXT NOT NULL,
    speaker   TEXT NOT NULL,
    host      TEXT NOT NULL,
    place     TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    policy    TEXT NOT NULL CHECK (json_valid(policy))
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id       TEXT PRIMARY KEY,
    front    TEXT NOT NULL,
    name     TEXT NOT NULL,
    back     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    grade    TEXT NOT NULL,
    position TEXT NOT NULL,
    unit     TEXT NOT NULL,
    instansi TEXT NOT NULL,
    region   TEXT NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Every number a person ever had: a PPPK gets another one with another agency, and an old one still finds them.
CREATE TABLE nips (
    nip     TEXT PRIMARY KEY CHECK (length(nip) > 0),
    person  TEXT NOT NULL REFERENCES people (id),
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    since   INTEGER NOT NULL -- when this server first saw it
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX nips_current ON nips (person) WHERE current = 1;
CREATE INDEX nips_person ON nips (person);

-- Personal codes for the door, by keyed hash.
CREATE TABLE codes (
    event  TEXT NOT NULL REFERENCES events (id),
    person TEXT NOT NULL REFERENCES people (id),
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (event, person),
    UNIQUE (event, hash)
) STRICT, WITHOUT ROWID;

-- The facts of each event, chained by hash. They are appended and never touched again.
CREATE TABLE journal (
    event TEXT NOT NULL REFERENCES events (id),
    seq   INTEGER NOT NULL CHECK (seq > 0),
    prev  BLOB NOT NULL CHECK (length(prev) = 32),
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    body  BLOB NOT NULL,
    PRIMARY KEY (event, seq)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER journal_keep_update BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE (ABORT, 'the journal is never edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_keep_delete BEFORE DELETE ON journal
BEGIN
    SELECT RAISE (ABORT, 'the journal is never edited');
END;
-- +goose StatementEnd

-- Evidence of attendance: one class, one person, one device a row. person is '' for guests, so it refers to nobody.
CREATE TABLE spans (
    event   TEXT NOT NULL REFERENCES events (id),
    person  TEXT NOT NULL,
    session TEXT NOT NULL,
    class   INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL CHECK (to_ms >= from_ms),
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (event, person, session, class, from_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE revocations (
    jti TEXT PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys this server made for itself: whoever has the file has them.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE secrets;
DROP TABLE revocations;
DROP TABLE spans;
DROP TABLE journal;
DROP TABLE codes;
DROP TABLE nips;
DROP TABLE people;
DROP TABLE events;
