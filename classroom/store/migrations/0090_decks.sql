-- +goose Up
-- Material that is shown page by page. A deck is uploaded in parts, in any order and again after a cut; it is whole when
-- state is 1, and on its way out when state is 2. What the journal says of it stays.
CREATE TABLE decks (
    token TEXT PRIMARY KEY,
    event TEXT NOT NULL REFERENCES events (id),
    by    TEXT NOT NULL,
    title TEXT NOT NULL,
    pages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    file  BLOB NOT NULL CHECK (length(file) = 32),
    at    INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    used  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX decks_event ON decks (event);

-- Pictures of pages, large and small, and the file itself in pieces. With rowids: a blob this big is no key's neighbour.
CREATE TABLE deck_pages (
    token  TEXT NOT NULL REFERENCES decks (token),
    page   INTEGER NOT NULL,
    large  INTEGER NOT NULL,
    type   TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    body   BLOB NOT NULL,
    UNIQUE (token, page, large)
) STRICT;
CREATE TABLE deck_pieces (
    token TEXT NOT NULL REFERENCES decks (token),
    piece INTEGER NOT NULL,
    body  BLOB NOT NULL,
    UNIQUE (token, piece)
) STRICT;

-- +goose Down
DROP TABLE deck_pieces;
DROP TABLE deck_pages;
DROP TABLE decks;
