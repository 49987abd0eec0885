package main

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"betang/classroom"
	"betang/sfu/turn"
	"betang/signaling/wire"
)

// iceServers says where a browser finds our TURN, which is where it found the page.
type iceServers struct {
	secret turn.Secret
	fixed  string // --url; "": the host that the client used
	tls    bool   // we end TLS ourselves
	tcp    int    // ports we listen on
	udp    int
}

var turnHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$`)

// list is signaling.ICEServers: TLS first, because it passes where nothing else does.
func (s iceServers) list(event classroom.EventID, who, host string, life time.Duration) []wire.ICEServer {
	name, port := s.place(host)
	if name == "" {
		return nil
	}
	c := s.secret.Make(string(event), who, time.Now(), life)
	var urls []string
	if s.tls {
		urls = append(urls, "turns:"+net.JoinHostPort(name, strconv.Itoa(port))+"?transport=tcp")
	}
	urls = append(urls, "turn:"+net.JoinHostPort(name, strconv.Itoa(port))+"?transport=tcp",
		"turn:"+net.JoinHostPort(name, strconv.Itoa(s.udp))+"?transport=udp")
	return []wire.ICEServer{{URLs: urls, Username: c.Username, Credential: c.Password}}
}

// place is the name and the TCP port clients reach us at: the port of --url where it leads to ourselves, which it does
// when we speak its scheme; else a proxy stands there that knows nothing of TURN. The name is "" if it is none.
func (s iceServers) place(host string) (name string, port int) {
	port = s.tcp
	u := &url.URL{Host: host}
	if s.fixed != "" {
		given, err := url.Parse(s.fixed)
		if err != nil {
			return "", 0
		}
		u = given
		if (u.Scheme == "https") == s.tls {
			port = 80
			if s.tls {
				port = 443
			}
			if n, err := strconv.Atoi(u.Port()); err == nil {
				port = n
			}
		}
	}
	name = u.Hostname()
	if _, err := netip.ParseAddr(name); err != nil && !turnHost.MatchString(name) {
		return "", 0
	}
	return name, port
}
