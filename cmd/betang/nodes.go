package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"text/tabwriter"
	"time"

	"betang/classroom"
	"betang/classroom/store"
	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling"
	"betang/signaling/api"
	"betang/signaling/cluster"

	"github.com/prometheus/client_golang/prometheus"
)

// Cluster is how a server finds the others. Without --redis there are none, and nothing below is used.
type Cluster struct {
	Redis  string `env:"BETANG_REDIS" help:"Address of the Redis that several servers share, like redis://:password@10.0.0.5:6379/0; rediss:// for TLS, ?master_name= for Sentinels, ?cluster=true for a Redis Cluster. Without it this server is alone."`
	Node   string `env:"BETANG_NODE" help:"Name of this server among those that share a Redis: a-z, 0-9 and hyphens."`
	Region string `env:"BETANG_REGION" help:"Where this server stands: code of a kabupaten or kota, like 62.02."`
	Edge   bool   `env:"BETANG_EDGE" help:"This server only serves viewers near it: events have their home elsewhere while any other server lives."`

	RelayAt  []string `env:"BETANG_RELAY_AT" placeholder:"HOST:PORT" help:"Where other servers reach this one's port of media (default: its addresses; of an edge: nowhere, it dials out)."`
	RelayVia string   `env:"BETANG_RELAY_VIA" placeholder:"NAME" help:"Take and give all media through this server, as an office does through its regency's edge. That one needs --relay-at."`
}

// sharedSecrets are those that every node must have alike: a link of one opens the others.
var sharedSecrets = []string{"tokens", "checks", "halls"}

// join enters the cluster. It is nil without --redis.
func (c *Serve) join(ctx context.Context, st *store.Store, base string, log *slog.Logger) (*cluster.Member, func(), error) {
	if c.Redis == "" {
		if c.Node != "" || c.Edge {
			return nil, nil, errors.New("--node and --edge need --redis")
		}
		return nil, func() {}, nil
	}
	if c.Node == "" {
		return nil, nil, errors.New("--redis needs --node, this server's name")
	}
	bus, err := cluster.OpenRedis(c.Redis)
	if err != nil {
		return nil, nil, err
	}
	m, err := func() (*cluster.Member, error) {
		for _, name := range sharedSecrets {
			mine, err := st.Secret(ctx, name, 32)
			if err != nil {
				return nil, err
			}
			ours, err := bus.Agree(ctx, "secret:"+name, mine)
			if err != nil {
				return nil, err
			}
			if err := st.AdoptSecret(ctx, name, ours); err != nil {
				return nil, err
			}
		}
		life, err := st.Secret(ctx, "node", 8)
		if err != nil {
			return nil, err
		}
		key, err := nodeKey(ctx, st)
		if err != nil {
			return nil, err
		}
		return cluster.Join(ctx, cluster.Config{
			Bus: bus, Dir: st, Shelf: st, Source: c.Node + "." + hex.EncodeToString(life), Key: key, Log: log.With("part", "cluster"),
			Self: cluster.Node{Name: c.Node, Region: c.Region, Edge: c.Edge, URL: base, Version: version},
		})
	}()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--redis: %w", err), bus.Close())
	}
	return m, func() { m.Close(); _ = bus.Close() }, nil
}

// nodeKey is the key by which this server signs the evidence that it gathers. It is made at the first call and kept.
func nodeKey(ctx context.Context, st *store.Store) (ed25519.PrivateKey, error) {
	seed, err := st.Secret(ctx, "node-signing", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// joined gives the hubs their place among the nodes, and what they need to know of them.
func joined(cfg *signaling.Config, m *cluster.Member, st *store.Store, node *relay.Node) {
	if m != nil {
		cfg.Nodes, cfg.Store, cfg.Relay = m, m.Store(st), stageRelay{node}
	}
}

// opening lets other nodes have events loaded here, and know how busy this one is.
func opening(m *cluster.Member, hubs *signaling.Server, engine *sfu.Engine) {
	if m != nil {
		m.SetLoad(func() cluster.Load {
			s := engine.Stats()
			return cluster.Load{CPU: s.Overload.CPU, Egress: s.Overload.Egress, Viewers: s.Viewers, Routers: s.Routers}
		})
		m.SetOpen(func(ctx context.Context, id classroom.EventID) error {
			_, err := hubs.Hub(ctx, id)
			return err
		})
	}
}

// peopleOf is where people are looked up: at the other nodes too.
func peopleOf(m *cluster.Member, st *store.Store) api.Store {
	if m == nil {
		return st
	}
	return m.Store(st)
}

// origins are the addresses of those that live and are no edges.
func origins(m *cluster.Member) (list []*url.URL) {
	for _, n := range m.Nodes() {
		if u, err := url.Parse(n.URL); err == nil && !n.Edge {
			list = append(list, u)
		}
	}
	return list
}

// nodeMetrics shows this node among the others to Prometheus.
type nodeMetrics struct {
	m     *cluster.Member
	gauge *prometheus.Desc
	total *prometheus.Desc
}

func newNodeMetrics(m *cluster.Member) *nodeMetrics {
	return &nodeMetrics{
		m:     m,
		gauge: prometheus.NewDesc("betang_nodes_current", "Servers that live, and events whose home is here.", []string{"of"}, nil),
		total: prometheus.NewDesc("betang_nodes_total", "What went between this server and the others since its start.", []string{"what"}, nil),
	}
}

// Describe names the families.
func (n *nodeMetrics) Describe(out chan<- *prometheus.Desc) { out <- n.gauge; out <- n.total }

// Collect reads the counters.
func (n *nodeMetrics) Collect(out chan<- prometheus.Metric) {
	s := n.m.Stats()
	for of, v := range map[string]float64{"nodes": float64(s.Nodes), "homes": float64(s.Homes)} {
		out <- prometheus.MustNewConstMetric(n.gauge, prometheus.GaugeValue, v, of)
	}
	for what, v := range map[string]uint64{
		"facts_followed": s.Facts, "commands_forwarded": s.Asked, "evidence_sent": s.Sent, "evidence_stored": s.Came, "fenced": s.Refused,
	} {
		out <- prometheus.MustNewConstMetric(n.total, prometheus.CounterValue, float64(v), what)
	}
}

// Nodes lists the servers that share a Redis.
type Nodes struct {
	Redis string `required:"" env:"BETANG_REDIS" help:"Address of the Redis that they share."`
}

// Run prints a line for each.
func (c *Nodes) Run(ctx context.Context, stdout io.Writer) error {
	bus, err := cluster.OpenRedis(c.Redis)
	if err != nil {
		return err
	}
	defer bus.Close()
	nodes, err := bus.Nodes(ctx)
	if err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	w := tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NODE\tKIND\tREGION\tURL\tVERSION\tUP\tVIEWERS\tEVENTS\tCPU\tEGRESS")
	for _, n := range nodes {
		kind := "origin"
		if n.Edge {
			kind = "edge"
		}
		up := time.Since(time.UnixMilli(n.Began)).Round(time.Second)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%.0f%%\t%.0f%%\n",
			n.Name, kind, n.Region, n.URL, n.Version, up, n.Load.Viewers, n.Load.Routers, 100*n.Load.CPU, 100*n.Load.Egress)
	}
	return w.Flush()
}
