// Package api is the HTTP side of the server: joining, WHIP and WHEP, BPSDM's table and downloads, health. Its
// handlers are thin: check the token, parse, call the hub or the store, encode.
//
// # One request
//
//  1. the client's address (RemoteAddr, or X-Forwarded-For of a trusted proxy), a request id
//  2. access log and metrics: route pattern, never the path, the query, a header or a body
//  3. recover: a panic is an Internal error for one reader, not the end of the process
//  4. security headers; CORS for /whip and /whep alone
//  5. rate limits: wide per address, because a whole office sits behind one; tight per token and per guess
//  6. the bearer token: signature, time, revocation, event; then classroom.May(role, endpoint)
//  7. the body: content type, size, strict decode
//  8. the hub or the store, and the answer
//
// # Who holds what
//
// Tokens keeps the set of revoked token ids, replaced whole on change. mediaSessions keeps the open WHIP and WHEP
// sessions with their entity tags under its mutex. guesses keeps the counters of wrong NIPs and codes under its own.
// sheets keeps the last attendance sheet of each event for sheetAge. No lock is held over a call out of the package.
//
// # Tokens
//
// A token is an HS256 JWT and comes in the Authorization header, nowhere else: a query string ends in logs and
// histories. There are two audiences. "betang" is for links and sessions, which signaling.Claims describes; Door
// tells a link that leads to the identify and join steps from a session that opens a websocket. "betang-ticket" is
// the confirmation between identify and join ("Benar, ini saya"), good for two minutes and for nothing else.
// A session token names the personal or guest link it came from and dies with it.
package api
