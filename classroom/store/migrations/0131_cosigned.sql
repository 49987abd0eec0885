-- +goose Up
-- What nodes signed of their evidence: this one's own heads and, at a home, those of others.
CREATE TABLE heads (
    event  TEXT NOT NULL REFERENCES events (id),
    node   TEXT NOT NULL,
    k      INTEGER NOT NULL CHECK (k > 0),
    up_to  INTEGER NOT NULL CHECK (up_to > 0),
    spans  INTEGER NOT NULL,
    digest BLOB NOT NULL,
    prev   BLOB NOT NULL,
    sig    BLOB NOT NULL,
    PRIMARY KEY (event, node, k)
) STRICT, WITHOUT ROWID;

-- The key by which a node signed first. Another one is not taken.
CREATE TABLE node_keys (
    node   TEXT PRIMARY KEY,
    public BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The evidence that came from other nodes, by node, as each said it last.
CREATE TABLE node_spans (
    event   TEXT NOT NULL REFERENCES events (id),
    node    TEXT NOT NULL,
    person  TEXT NOT NULL,
    session TEXT NOT NULL,
    class   INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL,
    PRIMARY KEY (event, node, person, session, class, from_ms)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE node_spans;
DROP TABLE node_keys;
DROP TABLE heads;
