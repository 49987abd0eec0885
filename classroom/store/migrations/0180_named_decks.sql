-- +goose Up
-- The decks that journals name: by these an origin finds what it has not, and takes out what was dropped. A row is what the last fact of
-- the deck says; one whose journal was set aside is replaced by the journal that came instead, or stays and is found nowhere.
CREATE TABLE named_decks (
    event    TEXT NOT NULL,
    id       TEXT NOT NULL,
    token    TEXT NOT NULL,
    by       TEXT NOT NULL, -- the link that uploaded it
    title    TEXT NOT NULL,
    pages    INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    file     TEXT NOT NULL, -- digests, hexadecimal, as in classroom.Deck
    pictures TEXT NOT NULL,
    dropped  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (event, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX named_decks_token ON named_decks (token);

-- A fact begins with its kind, so other facts are told apart without being parsed.
-- +goose StatementBegin
CREATE TRIGGER journal_deck_added AFTER INSERT ON journal WHEN substr(NEW.body, 1, 20) = CAST('{"kind":"deck.added"' AS BLOB)
BEGIN
    INSERT OR REPLACE INTO named_decks (event, id, token, by, title, pages, bytes, file, pictures)
    SELECT NEW.event, d ->> 'id', d ->> 'token', coalesce(f ->> '$.by.link', ''), d ->> 'title', d ->> 'pages', coalesce(d ->> 'bytes', 0),
        coalesce(d ->> 'file', ''), d ->> 'pictures'
    FROM (SELECT CAST(NEW.body AS TEXT) AS f, CAST(NEW.body AS TEXT) -> '$.body.deck' AS d);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_deck_dropped AFTER INSERT ON journal WHEN substr(NEW.body, 1, 22) = CAST('{"kind":"deck.dropped"' AS BLOB)
BEGIN
    UPDATE named_decks SET dropped = 1 WHERE event = NEW.event AND id = CAST(NEW.body AS TEXT) ->> '$.body.deck';
END;
-- +goose StatementEnd

INSERT OR REPLACE INTO named_decks (event, id, token, by, title, pages, bytes, file, pictures)
SELECT event, d ->> 'id', d ->> 'token', coalesce(f ->> '$.by.link', ''), d ->> 'title', d ->> 'pages', coalesce(d ->> 'bytes', 0),
    coalesce(d ->> 'file', ''), d ->> 'pictures'
FROM (
    SELECT event, CAST(body AS TEXT) AS f, CAST(body AS TEXT) -> '$.body.deck' AS d FROM journal
    WHERE substr(body, 1, 20) = CAST('{"kind":"deck.added"' AS BLOB)
);
UPDATE named_decks SET dropped = 1 WHERE EXISTS (
    SELECT 1 FROM journal j WHERE j.event = named_decks.event AND substr(j.body, 1, 22) = CAST('{"kind":"deck.dropped"' AS BLOB)
    AND CAST(j.body AS TEXT) ->> '$.body.deck' = named_decks.id
);

-- +goose Down
DROP TRIGGER journal_deck_dropped;
DROP TRIGGER journal_deck_added;
DROP TABLE named_decks;
