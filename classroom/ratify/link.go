package ratify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"betang/classroom"
)

// PersonKey opens one person's line of a list on the verification page, and nobody else's. It stands behind the # of the
// page's address, so that it reaches no server log, and tells nothing about the person.
func (d *Desk) PersonKey(number string, no int) string {
	if len(d.pages) > 0 {
		return personKey(d.pages[0], number, no)
	}
	return personKey(d.key.Seed(), number, no)
}

// PersonOf gives the number of the line that a key opens; NotFound number_unknown.
func (d *Desk) PersonOf(number, key string) (int, error) {
	digits, _, _ := strings.Cut(key, ".")
	no, err := strconv.Atoi(digits)
	if err == nil && no >= 1 {
		for _, by := range append(slices.Clone(d.pages), d.key.Seed()) { // by the seed before there were other servers
			if hmac.Equal([]byte(personKey(by, number, no)), []byte(key)) {
				return no, nil
			}
		}
	}
	return 0, classroom.Refuse(classroom.NotFound, "number_unknown")
}

// personKey tells nothing of the secret that it comes from.
func personKey(by []byte, number string, no int) string {
	m := hmac.New(sha256.New, by)
	m.Write([]byte("betang verify 1\x00" + fmt.Sprint(number, " ", no)))
	return fmt.Sprintf("%d.%s", no, base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:12]))
}
