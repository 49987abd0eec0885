-- +goose Up
-- A ratified list may be followed by a revision; every one of them is kept whole, and never touched again.
CREATE TABLE ratified_kept (
    number   TEXT PRIMARY KEY,
    event    TEXT NOT NULL REFERENCES events (id),
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (event, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO ratified_kept (number, event, revision, at, document) SELECT number, event, 1, at, document FROM ratified;

-- What each person got by it, to sum a year; the document says the same and is what counts.
CREATE TABLE ratified_jp (
    person   TEXT NOT NULL,
    event    TEXT NOT NULL,
    revision INTEGER NOT NULL,
    year     INTEGER NOT NULL,
    jp       INTEGER NOT NULL,
    PRIMARY KEY (person, event, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO ratified_jp (person, event, revision, year, jp)
SELECT
    row.value ->> '$.row.person',
    r.event,
    1,
    CAST(strftime('%Y', e.starts_at / 1000 + 25200, 'unixepoch') AS INTEGER),
    row.value ->> '$.row.credited.jp'
FROM ratified r JOIN events e ON e.id = r.event, json_each(CAST(r.document AS TEXT), '$.rows') row
WHERE json_valid(CAST(r.document AS TEXT));

DROP TABLE ratified;
ALTER TABLE ratified_kept RENAME TO ratified;

-- +goose StatementBegin
CREATE TRIGGER ratified_keep_update BEFORE UPDATE ON ratified
BEGIN
    SELECT RAISE (ABORT, 'what was ratified is never edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ratified_keep_delete BEFORE DELETE ON ratified
BEGIN
    SELECT RAISE (ABORT, 'what was ratified is never edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE ratified_jp;
DROP TRIGGER ratified_keep_update;
DROP TRIGGER ratified_keep_delete;
ALTER TABLE ratified RENAME TO ratified_kept;
CREATE TABLE ratified (
    event    TEXT PRIMARY KEY REFERENCES events (id),
    number   TEXT NOT NULL UNIQUE,
    at       INTEGER NOT NULL,
    document BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO ratified (event, number, at, document)
SELECT event, number, at, document FROM ratified_kept k
WHERE revision = (SELECT max(x.revision) FROM ratified_kept x WHERE x.event = k.event);
DROP TABLE ratified_kept;
