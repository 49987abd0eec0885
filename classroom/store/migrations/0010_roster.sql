-- +goose Up
-- Who is on an event's list. A person on no list may come all the same.
CREATE TABLE invitations (
    event  TEXT NOT NULL REFERENCES events (id),
    person TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (event, person)
) STRICT, WITHOUT ROWID;

-- Which lists were taken in: the record of processing. digest is the file's SHA-256.
CREATE TABLE imports (
    event   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    digest  BLOB NOT NULL CHECK (length(digest) = 32),
    by      TEXT NOT NULL,
    people  INTEGER NOT NULL,
    added   INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    refused INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE imports;
DROP TABLE invitations;
