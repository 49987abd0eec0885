package turn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	// Life is how long after their making credentials open an allocation, unless less is said: a day of training.
	Life = 10 * time.Hour
	// keep is how much longer they keep one that is open.
	keep = 6 * time.Hour
	// maxUsername bounds what is looked at at all.
	maxUsername = 160
)

// Secret makes credentials and knows its own: nothing is stored (the way of TURN REST: the user name says until when it
// is good, the password is its MAC).
type Secret []byte

// Credentials are what a browser gets for one session of one event.
type Credentials struct{ Username, Password string }

// Make gives credentials for somebody at an event. TURN's user names travel in the clear, so who becomes a hash that only
// the server's own quota can tell. life 0 is Life.
func (s Secret) Make(event, who string, now time.Time, life time.Duration) Credentials {
	if life == 0 {
		life = Life
	}
	user := strconv.FormatInt(now.Add(life).Unix(), 10) + ":" + event + ":" +
		strings.ToLower(base32.StdEncoding.EncodeToString(s.mac("who", event+":"+who)[:10]))
	return Credentials{Username: user, Password: s.password(user)}
}

func (s Secret) password(user string) string {
	return base64.RawURLEncoding.EncodeToString(s.mac("password", user))
}

func (s Secret) mac(use, text string) []byte {
	h := hmac.New(sha256.New, s)
	h.Write([]byte(use + "\x00" + text))
	return h.Sum(nil)
}

// holder is whom a user name stands for, and until when it opens an allocation. Whether it is one of ours only the
// password tells.
func holder(user string) (id string, until time.Time, ok bool) {
	if len(user) > maxUsername {
		return "", time.Time{}, false
	}
	number, id, found := strings.Cut(user, ":")
	if !found || id == "" || number == "" || number[0] < '0' || number[0] > '9' {
		return "", time.Time{}, false
	}
	seconds, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", time.Time{}, false
	}
	return id, time.Unix(seconds, 0), true
}
