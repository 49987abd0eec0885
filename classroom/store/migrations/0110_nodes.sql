-- +goose Up
-- What a node of several has to tell of the evidence that it gathered itself: each span once, by the number of its last change.
CREATE TABLE outbox (
    event   TEXT NOT NULL REFERENCES events (id),
    person  TEXT NOT NULL,
    session TEXT NOT NULL,
    class   INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    n       INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (event, person, session, class, from_ms),
    UNIQUE (event, n)
) STRICT, WITHOUT ROWID;

-- Up to which of its numbers the evidence of another node is here, without holes.
CREATE TABLE marks (
    event TEXT NOT NULL REFERENCES events (id),
    node  TEXT NOT NULL,
    n     INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (event, node)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE marks;
DROP TABLE outbox;
