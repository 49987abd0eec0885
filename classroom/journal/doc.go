// Package journal chains an event's encoded facts by hash (SHA-256, FIPS 180-4), so that a journal in which any
// entry was changed, removed, added or moved afterwards no longer verifies.
//
//	genesis = SHA-256("betang journal 1 genesis" 00 event)
//	hash(n) = SHA-256("betang journal 1 entry" 00 prev seq body)    prev = hash(n-1), seq as 8 bytes, big endian
//
// A chain proves nothing about its end: who can write the whole file can cut it off, or compute it anew. Against
// that a hash of the end must be kept elsewhere, and compared with the last entry's.
package journal
