-- +goose Up
-- What offices reported of their networks before an event: the last report of each unit.
CREATE TABLE readiness (
    event   TEXT NOT NULL REFERENCES events (id),
    region  TEXT NOT NULL,
    unit    TEXT NOT NULL COLLATE NOCASE,
    at      INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    socket  INTEGER NOT NULL,
    udp     INTEGER NOT NULL,
    tcp     INTEGER NOT NULL,
    tls     INTEGER NOT NULL,
    kbps    INTEGER NOT NULL,
    loss    INTEGER NOT NULL,
    rtt     INTEGER NOT NULL,
    sound   INTEGER NOT NULL,
    camera  INTEGER NOT NULL,
    mic     INTEGER NOT NULL,
    times   INTEGER NOT NULL,
    PRIMARY KEY (event, region, unit)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE readiness;
