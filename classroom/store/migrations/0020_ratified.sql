-- +goose Up
-- Attendance lists as they were ratified and signed. They are kept whole, and never touched again.
CREATE TABLE ratified (
    event    TEXT PRIMARY KEY REFERENCES events (id),
    number   TEXT NOT NULL UNIQUE,
    at       INTEGER NOT NULL,
    document BLOB NOT NULL
) STRICT, WITHOUT ROWID;

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
DROP TABLE ratified;
