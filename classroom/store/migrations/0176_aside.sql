-- +goose Up
-- Journals that turned out not to be the one that the other nodes have. A fact leaves the journal only when it stands here, and
-- stays here for good; pile counts the times that an event's journal was set aside.
CREATE TABLE aside (
    event TEXT NOT NULL REFERENCES events (id),
    pile  INTEGER NOT NULL CHECK (pile > 0),
    seq   INTEGER NOT NULL CHECK (seq > 0),
    prev  BLOB NOT NULL CHECK (length(prev) = 32),
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    body  BLOB NOT NULL,
    PRIMARY KEY (event, pile, seq)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER aside_keep_update BEFORE UPDATE ON aside
BEGIN
    SELECT RAISE (ABORT, 'what was set aside is never edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aside_keep_delete BEFORE DELETE ON aside
BEGIN
    SELECT RAISE (ABORT, 'what was set aside is never edited');
END;
-- +goose StatementEnd
DROP TRIGGER journal_keep_delete;
-- +goose StatementBegin
CREATE TRIGGER journal_keep_delete BEFORE DELETE ON journal
WHEN NOT EXISTS (SELECT 1 FROM aside WHERE event = OLD.event AND seq = OLD.seq AND hash = OLD.hash AND body = OLD.body)
BEGIN
    SELECT RAISE (ABORT, 'the journal is never edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER journal_keep_delete;
-- +goose StatementBegin
CREATE TRIGGER journal_keep_delete BEFORE DELETE ON journal
BEGIN
    SELECT RAISE (ABORT, 'the journal is never edited');
END;
-- +goose StatementEnd
DROP TABLE aside;
