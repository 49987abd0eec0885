package lite

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"strings"

	"github.com/pion/stun/v4"
)

// errNotForUs is for STUN that is no binding request to one of our transports, or not signed with its password.
var errNotForUs = errors.New("not a check of ours")

// credentials are one side's ICE user name and password (RFC 8445 section 5.3): 48 and 144 random bits.
type credentials struct{ ufrag, pwd string }

func newCredentials() credentials {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	text := base64.RawStdEncoding.EncodeToString(b[:])
	return credentials{ufrag: text[:8], pwd: text[8:]}
}

// ufragOf reads whom a STUN binding request is for: the part of USERNAME before the colon (RFC 8445 section 7.2.2).
func ufragOf(m *stun.Message) (string, error) {
	if m.Type != stun.BindingRequest {
		return "", errNotForUs
	}
	var user stun.Username
	if err := user.GetFrom(m); err != nil {
		return "", errNotForUs
	}
	local, _, ok := strings.Cut(string(user), ":")
	if !ok {
		return "", errNotForUs
	}
	return local, nil
}

// answerCheck verifies the request's MESSAGE-INTEGRITY and writes the success response into reply (RFC 8445
// section 7.3). It tells whether the controlling side nominates this pair.
func answerCheck(m, reply *stun.Message, pwd string, from netip.AddrPort) (nominated bool, err error) {
	integrity := stun.NewShortTermIntegrity(pwd)
	if err := integrity.Check(m); err != nil {
		return false, errNotForUs
	}
	addr := from.Addr()
	mapped := stun.XORMappedAddress{IP: net.IP(addr.AsSlice()), Port: int(from.Port())}
	err = reply.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess, &mapped, integrity, stun.Fingerprint)
	if err != nil {
		return false, err
	}
	return m.Contains(stun.AttrUseCandidate), nil
}
