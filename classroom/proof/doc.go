// Package proof makes a ratified attendance list tamper-evident and checks it without a server.
//
// A document is one JSON file with one line per person, so that damage can be named even where the JSON is broken:
//
//	{"manifest":{...},
//	"key":"<Ed25519 public key>","signature":"<of the manifest's bytes>",
//	"rows":[
//	{"row":{...},"path":["<hash>",...]},
//	{"row":{...},"path":["<hash>",...]}
//	]}
//
// The manifest holds the event, the rule, when the event was live, the end of the event's journal and the root of a
// Merkle tree (RFC 9162 section 2.1) whose leaves are the rows. A row holds the person as printed, the evidence and
// what was credited, so the evidence is bound into what is signed, and credit can be worked out again from the file
// alone. A row with its path is proof for one person without the rows of the others.
//
// There is one encoding for one document: a file that does not encode to itself again is refused.
//
// Evidence that came from other servers (edges) is signed by them too: the manifest holds each one's key and the last head
// of its chain, see package cosign, and a whole list is held to their digests.
//
// The limit: a signature shows that nothing changed since the server signed. A server that lies, or whose key was
// stolen, can sign anything; only somebody else who keeps the public key and the hash of the document from that day
// can tell. What an edge signed, the server that keeps the list cannot change unseen, even before it signs: it could only
// leave out all of it, or put a key of its own in the edge's place, which whoever knows the edge's key can tell. The package has no clock, no I/O and no randomness.
package proof
