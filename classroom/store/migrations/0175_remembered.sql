-- +goose Up
-- What this server keeps over its own restart that is no part of any event, by name: what it knew of the other nodes.
CREATE TABLE remembered (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE remembered;
