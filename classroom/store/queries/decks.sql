-- name: AddDeck :exec
INSERT INTO decks (token, event, by, title, pages, bytes, file, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: DeckLike :one
SELECT token FROM decks WHERE event = ? AND by = ? AND file = ? AND pages = ? AND bytes = ? AND state = 0;

-- name: Deck :one
SELECT * FROM decks WHERE token = ?;

-- name: DecksOf :one
SELECT count(*) AS n, CAST(coalesce(sum(max(used, bytes)), 0) AS INTEGER) AS used FROM decks WHERE event = ? AND state < 2;

-- name: DecksGone :many
-- On their way out, or never finished.
SELECT token FROM decks WHERE state = 2 OR state = 0 AND at < ?;

-- name: TurnDeck :execrows
UPDATE decks SET state = sqlc.arg('to') WHERE token = sqlc.arg('token') AND state < sqlc.arg('to');

-- name: AddDeckPage :execrows
INSERT INTO deck_pages (token, page, large, type, digest, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- name: AddDeckPiece :execrows
INSERT INTO deck_pieces (token, piece, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: GrowDeck :exec
UPDATE decks SET used = used + sqlc.arg('more') WHERE token = sqlc.arg('token');

-- name: DeckDigests :many
SELECT page, large, digest FROM deck_pages WHERE token = ? ORDER BY page, large;

-- name: DeckPieceNumbers :many
SELECT piece FROM deck_pieces WHERE token = ? ORDER BY piece;

-- name: DeckPage :one
-- Of a deck that is whole, or on its way from another origin.
SELECT p.type, p.body FROM deck_pages p JOIN decks d ON d.token = p.token
WHERE p.token = ? AND p.page = ? AND p.large = ?
AND (d.state = 1 OR d.state = 0 AND EXISTS (SELECT 1 FROM named_decks n WHERE n.token = d.token AND n.dropped = 0));

-- name: DeckPiece :one
SELECT body FROM deck_pieces WHERE token = ? AND piece = ?;

-- name: CutDeckPages :execrows
DELETE FROM deck_pages WHERE rowid IN (SELECT p.rowid FROM deck_pages p WHERE p.token = ? LIMIT 16);

-- name: CutDeckPieces :execrows
DELETE FROM deck_pieces WHERE rowid IN (SELECT p.rowid FROM deck_pieces p WHERE p.token = ? LIMIT 8);

-- name: CutDeck :exec
DELETE FROM decks WHERE token = ? AND state = 2;

-- name: NamedDeck :one
SELECT * FROM named_decks WHERE token = ? AND dropped = 0;

-- name: DecksDue :many
-- Named by a journal, and not whole here.
SELECT n.token FROM named_decks n JOIN events e ON e.id = n.event LEFT JOIN decks d ON d.token = n.token
WHERE n.dropped = 0 AND e.ends_at > ? AND coalesce(d.state, 0) = 0 ORDER BY n.event, n.id;

-- name: DecksDropped :many
SELECT d.token FROM decks d JOIN named_decks n ON n.token = d.token WHERE n.dropped = 1;
