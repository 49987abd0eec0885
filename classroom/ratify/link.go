package ratify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"betang/classroom"
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
