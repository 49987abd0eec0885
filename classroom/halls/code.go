package halls

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
)

// The code on a hall's screen changes every Turn. One that is older than Life was not read from the screen just now;
// Travel is for the way from the phone's camera to the server. Turn < Life, so that who raises the phone at the last
// moment of a code still gets in.
const (
	Turn   = 30_000 // ms
	Life   = 60_000
	Travel = 10_000
)

// Refusals of codes.
const (
	ErrCode  Refusal = "hall_code"       // nobody gave it out
	ErrStale Refusal = "hall_code_stale" // given out, but too long ago
)

var codeText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Slot is the number of the turn that a moment lies in.
func Slot(now int64) int64 { return now / Turn }

// Code is what the QR on a hall's screen says during a turn: event, hall, turn, and a seal that only the holder of key
// can make. key is a secret of at least 32 bytes.
func Code(key []byte, event, hall string, slot int64) string {
	head := event + "." + hall + "." + strconv.FormatInt(slot, 36)
	return head + "." + codeText.EncodeToString(seal(key, "code", head)[:10])
}

// Typed is the number beside the QR, for who cannot scan: eight digits. Two halls may have the same one at the same
// time, once in some millions; whoever gives them out must look.
func Typed(key []byte, event, hall string, slot int64) string {
	n := binary.BigEndian.Uint64(seal(key, "typed", event+"."+hall+"."+strconv.FormatInt(slot, 36))) % 100_000_000
	text := strconv.FormatUint(n, 10)
	return strings.Repeat("0", 8-len(text)) + text
}

func seal(key []byte, use, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("betang hall " + use + " 1\x00" + text))
	return mac.Sum(nil)
}

// ReadCode tells which hall a code is of, if it was given out and is fresh at now. Each code has one spelling.
func ReadCode(key []byte, code string, now int64) (event, hall string, err error) {
	if len(code) > 256 {
		return "", "", ErrCode
	}
	parts := strings.Split(code, ".")
	if len(parts) != 4 {
		return "", "", ErrCode
	}
	slot, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || slot < 0 || slot > 1<<40 {
		return "", "", ErrCode
	}
	if !hmac.Equal([]byte(Code(key, parts[0], parts[1], slot)), []byte(code)) {
		return "", "", ErrCode
	}
	return parts[0], parts[1], Fresh(slot, now)
}

// Fresh tells whether the code of a turn is still good. One that is ahead of its time was fetched for a screen that
// might lose its network, and photographed from there; the server's clock is the same that gave it out.
func Fresh(slot, now int64) error {
	if age := now - slot*Turn; age < -Travel || age > Life+Travel {
		return ErrStale
	}
	return nil
}

// screenTurn is how long a code for opening a screen lives: its successor is good besides.
const screenTurn = 10 * 60_000

// screenAlphabet is Crockford's base 32, as personal codes have it.
const screenAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ScreenCode is what somebody types into the computer of a hall to make it the hall's screen: eight characters, shown
// to the PIC alone. Whoever has it could show the hall's code elsewhere, so it changes too.
func ScreenCode(key []byte, event, hall string, now int64) string {
	return screenCode(key, event, hall, now/screenTurn)
}

// IsScreenCode tells whether code, as people type it, is the present or the last code of a hall.
func IsScreenCode(key []byte, event, hall, code string, now int64) bool {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	n := now / screenTurn
	ok := false
	for _, turn := range []int64{n, n - 1} {
		want := strings.ReplaceAll(screenCode(key, event, hall, turn), "-", "")
		ok = hmac.Equal([]byte(want), []byte(code)) || ok
	}
	return ok
}

func screenCode(key []byte, event, hall string, turn int64) string {
	sum := seal(key, "screen", event+"."+hall+"."+strconv.FormatInt(turn, 36))
	out := make([]byte, 0, 9)
	for i, c := range sum[:8] {
		if i == 4 {
			out = append(out, '-')
		}
		out = append(out, screenAlphabet[c&31])
	}
	return string(out)
}
