package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling/cluster"
)

// Relay joins this server's media to other servers', by configuration alone.
type Relay struct {
	RelayFrom string   `env:"BETANG_RELAY_FROM" placeholder:"NAME=KEY@HOST:PORT" help:"Be an edge: take stage and media of every event from this server (its UDP port of media). Its key: betang node-key there."`
	RelayTo   []string `env:"BETANG_RELAY_TO" placeholder:"NAME=KEY" help:"Edges that may take media from here, by their keys."`
	RelayKey  string   `env:"BETANG_RELAY_KEY" type:"path" help:"File of this server's own node key (default: node.key in the data folder); made when missing."`
}

// NodeKey prints the key that other servers know this one by, or makes another.
type NodeKey struct {
	Data
	RelayKey string `env:"BETANG_RELAY_KEY" type:"path" help:"File of the node key (default: node.key in the data folder)."`
	New      bool   `help:"Make another key in its place. Restart the server; name the new key where --relay-from and --relay-to name the old one (servers that share a Redis learn of it by themselves)."`
}

// Run prints it.
func (c *NodeKey) Run(stdout io.Writer) error {
	if err := os.MkdirAll(c.Data.Data, 0o750); err != nil {
		return err
	}
	load := relay.LoadKey
	if c.New {
		load = relay.NewKey
	}
	key, err := load(keyFile(c.RelayKey, c.Data.Data))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, relay.PublicText(key.Public().(ed25519.PublicKey)))
	return err
}

func keyFile(named, data string) string {
	if named != "" {
		return named
	}
	return filepath.Join(data, "node.key")
}

// on tells whether this server relays at all.
func (c *Relay) on() bool { return c.RelayFrom != "" || len(c.RelayTo) > 0 }

// peers reads the flags: from is the name of the server all comes from, "" if this is an origin.
func (c *Relay) peers() (list []relay.Peer, from string, err error) {
	if c.RelayFrom != "" {
		name, at, err := parsePeer(c.RelayFrom)
		if err != nil {
			return nil, "", fmt.Errorf("--relay-from: %w", err)
		}
		key, address, ok := strings.Cut(at, "@")
		if _, _, err := net.SplitHostPort(address); !ok || err != nil {
			return nil, "", fmt.Errorf("--relay-from %q: no address like host:port after @", c.RelayFrom)
		}
		public, err := relay.ParsePublic(key)
		if err != nil {
			return nil, "", fmt.Errorf("--relay-from: %w", err)
		}
		list, from = append(list, relay.Peer{Name: name, Key: public, Addrs: []string{address}}), name
	}
	for _, text := range c.RelayTo {
		name, key, err := parsePeer(text)
		if err != nil {
			return nil, "", fmt.Errorf("--relay-to: %w", err)
		}
		public, err := relay.ParsePublic(key)
		if err != nil {
			return nil, "", fmt.Errorf("--relay-to: %w", err)
		}
		list = append(list, relay.Peer{Name: name, Key: public})
	}
	names := map[string]bool{}
	for _, p := range list {
		if names[p.Name] {
			return nil, "", fmt.Errorf("two relay neighbours are called %q", p.Name)
		}
		names[p.Name] = true
	}
	return list, from, nil
}

func parsePeer(text string) (name, rest string, err error) {
	name, rest, ok := strings.Cut(text, "=")
	if !ok || name == "" || rest == "" {
		return "", "", fmt.Errorf("%q is not like name=key", text)
	}
	return name, rest, nil
}

// relay makes this server's part in the relay: with the nodes of a cluster, by flags alone, or nil.
func (c *Serve) relay(m *cluster.Member, engine *sfu.Engine, log *slog.Logger) (*relay.Node, error) {
	if m != nil {
		return c.startLinks(m, engine, log)
	}
	return c.start(c.Data.Data, engine, log)
}

// start makes the node; nil without relay flags.
func (c *Relay) start(data string, engine *sfu.Engine, log *slog.Logger) (*relay.Node, error) {
	if !c.on() {
		return nil, nil
	}
	peers, from, err := c.peers()
	if err != nil {
		return nil, err
	}
	key, err := relay.LoadKey(keyFile(c.RelayKey, data))
	if err != nil {
		return nil, errors.Join(errors.New("--relay-key"), err)
	}
	n, err := relay.New(relay.Config{Engine: engine, Key: key, Peers: peers, From: from, Log: log})
	if err != nil {
		return nil, err
	}
	log.Info("relaying", "from", from, "neighbours", len(peers), "key", n.Public())
	return n, nil
}

// media is the engine as the hubs see it. At an edge the stage is the origin's: it comes over the link.
func (c *Relay) media(engine *sfu.Engine) sfu.Media {
	if c.RelayFrom != "" {
		return elsewhere{engine}
	}
	return engine
}

// elsewhere is an engine whose scenes are set by the relay.
type elsewhere struct{ *sfu.Engine }

// SetScene leaves the scene as the origin has it.
func (elsewhere) SetScene(sfu.RouterID, sfu.Scene) {}
