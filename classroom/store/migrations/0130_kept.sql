-- +goose Up
-- Commands that a node of several could not bring to the event's home and that must not be lost: they go out when it can be
-- reached, in order.
CREATE TABLE kept (
    event   TEXT NOT NULL REFERENCES events (id),
    n       INTEGER NOT NULL CHECK (n > 0),
    command TEXT NOT NULL,
    PRIMARY KEY (event, n)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE kept;
