// Package store keeps events, people, journals and evidence in one SQLite file, betang.db. It is the only package
// with SQL: queries/*.sql, from which sqlc writes package query, and migrations/*.sql, which goose runs at Open.
//
// # Durability
//
// The file is in WAL mode with synchronous=FULL. One goroutine owns the one writing connection (writer.go). It takes
// what waits in its queues, runs it as one transaction and answers each caller after the commit: what was
// acknowledged is on disk, and the price of the disk's flush is shared by everyone who waited. Appends go before
// evidence, and evidence goes in portions, so that 20,000 spans do not hold up a question. If one writer of a batch
// fails, the batch is rolled back and each is run again on its own, so that nobody fails for another.
//
// Readers have connections of their own and wait for nobody. OpenReadOnly reads beside a running server, and the
// files of one that was killed: SQLite finds the committed transactions in the WAL.
//
// # Errors
//
// They are *classroom.Error: NotFound event_unknown, person_unknown, nip_unknown, code_unknown, store_missing;
// Conflict journal_conflict, nip_taken, code_taken; Invalid event_invalid, person_invalid, code_invalid; Internal
// store_closed, store_full, store_failed, store_read_only, store_version, journal_broken. A context's own error comes
// back as it is and means, also for writes, that nothing was done.
//
// # Personal codes
//
// A code is short, because people type it, so no hash alone protects it. It is kept as HMAC-SHA-256 of event and
// code under a random key of this server: equal codes of two events do not look equal, the code can be looked up
// (a salted, slow hash such as argon2id could not, and 35 logins a second would cost more than a core), and without
// the key a list of hashes says nothing. The key lies in the same file, so who has the whole file can try all codes:
// the file is readable by its owner alone, a code opens one event, and the door limits attempts.
package store

//go:generate go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.30.0 generate
//go:generate sh -c "cat sqlc.yaml migrations/*.sql queries/*.sql | sha256sum | cut -d ' ' -f 1 > query/inputs.sha256"
