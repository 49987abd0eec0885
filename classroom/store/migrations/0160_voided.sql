-- +goose Up
-- Ratified lists that were taken back. The fact in the event's journal is what says so; this is for whoever looks a number up.
CREATE TABLE ratified_void (
    number TEXT PRIMARY KEY REFERENCES ratified (number),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER ratified_void_keep_update BEFORE UPDATE ON ratified_void
BEGIN
    SELECT RAISE (ABORT, 'what was voided stays void');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ratified_void_keep_delete BEFORE DELETE ON ratified_void
BEGIN
    SELECT RAISE (ABORT, 'what was voided stays void');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE ratified_void;
