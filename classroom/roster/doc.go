// Package roster knows the numbers, places and ranks of ASN: what a NIP may look like, how it and a name are masked,
// and the regencies and grades of kalteng.json. It is pure.
//
// A NIP has no check digit: the rules here catch about half of all single wrong digits. The list of people is the
// only real check, so a number that passes is still to be confirmed by its owner (masked name, "Benar, ini saya").
package roster
