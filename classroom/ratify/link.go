package ratify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"betang/classroom"
	"betang/classroom/export"
)

// PersonKey opens one person's line of a list on the verification page, and nobody else's. It stands behind the # of the
// page's address, so that it reaches no server log, and tells nothing about the person.
func (d *Desk) PersonKey(number string, no int) string {
	return fmt.Sprintf("%d.%s", no, base64.RawURLEncoding.EncodeToString(d.mac("verify", fmt.Sprint(number, " ", no))[:12]))
}

// PersonOf gives the number of the line that a key opens; NotFound number_unknown.
func (d *Desk) PersonOf(number, key string) (int, error) {
	digits, _, _ := strings.Cut(key, ".")
	no, err := strconv.Atoi(digits)
	if err != nil || no < 1 || !hmac.Equal([]byte(d.PersonKey(number, no)), []byte(key)) {
		return 0, classroom.Refuse(classroom.NotFound, "number_unknown")
	}
	return no, nil
}

// mac makes what only this server can make. It comes from the signing key, of which it tells nothing.
func (d *Desk) mac(use, what string) []byte {
	m := hmac.New(sha256.New, d.key.Seed())
	m.Write([]byte("betang " + use + " 1\x00" + what))
	return m.Sum(nil)
}

// Seal is what papers say of a list. base is the server's address; "" leaves out the verification page.
func (l List) Seal(base string) export.Seal {
	m := l.Doc.Manifest
	s := export.Seal{
		Number: l.Number, Revision: l.Revision, Hash: l.Hash, Key: hex.EncodeToString(l.Doc.Key),
		Status: "Ditetapkan " + export.Moment(l.RatifiedAt()) + " oleh " + m.By + ". Dasar: " + m.Reason,
	}
	if base != "" {
		s.Link = base + "/v/" + l.Number
	}
	return s
}
