-- +goose Up
-- Pictures of signed attendance sheets, as they came. They are evidence: kept whole, and never touched again.
CREATE TABLE hall_files (
    event  TEXT NOT NULL REFERENCES events (id),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    hall   TEXT NOT NULL,
    type   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,
    body   BLOB NOT NULL,
    PRIMARY KEY (event, digest)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER hall_files_keep BEFORE UPDATE ON hall_files
BEGIN
    SELECT RAISE (ABORT, 'a picture of a sheet is never edited');
END;
-- +goose StatementEnd

-- Who looks after halls: the code is kept by keyed hash, like personal codes.
CREATE TABLE pics (
    event TEXT NOT NULL REFERENCES events (id),
    id    TEXT NOT NULL,
    name  TEXT NOT NULL,
    slice TEXT NOT NULL,
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (event, id),
    UNIQUE (event, hash)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE pics;
DROP TABLE hall_files;
