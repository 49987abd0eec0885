-- +goose Up
-- Answers to the evaluation after an event, without writer, time or order: the id is random and the only key.
CREATE TABLE survey_answers (
    event TEXT NOT NULL REFERENCES events (id),
    id    TEXT NOT NULL,
    body  BLOB NOT NULL,
    PRIMARY KEY (event, id)
) STRICT, WITHOUT ROWID;

-- Who has answered, so that nobody does twice; not what.
CREATE TABLE survey_done (
    event TEXT NOT NULL REFERENCES events (id),
    who   TEXT NOT NULL,
    PRIMARY KEY (event, who)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE survey_done;
DROP TABLE survey_answers;
