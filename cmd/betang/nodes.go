package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"betang/classroom"
	"betang/classroom/material"
	"betang/classroom/papers"
	"betang/classroom/ratify"
	"betang/classroom/store"
	"betang/sfu"
	"betang/sfu/relay"
	"betang/signaling"
	"betang/signaling/api"
	"betang/signaling/cluster"
	"betang/static"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

// Cluster is how a server finds the others. Without --redis there are none, and nothing below is used.
type Cluster struct {
	Redis  string `env:"BETANG_REDIS" help:"Address of the Redis that several servers share, like redis://:password@10.0.0.5:6379/0; rediss:// for TLS, ?master_name= for Sentinels, ?cluster=true for a Redis Cluster. Without it this server is alone."`
	Node   string `env:"BETANG_NODE" help:"Name of this server among those that share a Redis: a-z, 0-9 and hyphens."`
	Region string `env:"BETANG_REGION" help:"Where this server stands: code of a kabupaten or kota, like 62.02."`
	Edge   bool   `env:"BETANG_EDGE" help:"This server only serves viewers near it: events have their home elsewhere while any other server lives."`

	Network []string `env:"BETANG_NETWORK" placeholder:"CIDR" help:"Networks whose viewers this server is for, like 10.62.2.0/24; others' go to the server of their region, or to the nearest."`

	NodeOrigins []string `env:"BETANG_NODE_ORIGINS" placeholder:"ORIGIN" help:"Where servers may be found that start later, like https://*.kuliah.example: an open page then turns to them without a reload. Servers that are or were there are known by themselves."`

	RelayAt  []string `env:"BETANG_RELAY_AT" placeholder:"HOST:PORT" help:"Where other servers reach this one's port of media (default: its addresses; of an edge: nowhere, it dials out)."`
	RelayVia string   `env:"BETANG_RELAY_VIA" placeholder:"NAME" help:"Take and give all media through this server, as an office does through its regency's edge. That one needs --relay-at."`
}

// sharedSecrets are those that every node must have alike: a link of one opens the others.
var sharedSecrets = []string{"tokens", "checks", "halls"}

// originSecrets are those that every origin must have alike: a personal code, a PIC's and a printed QR made at one open at the others, and
// papers go from one to another. Edges hold none of it.
var originSecrets = []string{"codes", "pics", "verify", "papers"}

// errSecrets ends a server that started without Redis from secrets that are no longer the nodes': it starts anew with theirs.
var errSecrets = errors.New("the servers have other secrets than this one started with, because Redis lost its data or is another one: start it again")

// settle has secrets of this server be those of all nodes. changed is called when it had others.
func settle(st *store.Store, secrets []string, changed func()) func(context.Context, cluster.Board) error {
	return func(ctx context.Context, board cluster.Board) error {
		other := false
		for _, name := range secrets {
			mine, err := st.Secret(ctx, name, 32)
			if err != nil {
				return err
			}
			ours, err := board.Agree(ctx, "secret:"+name, mine)
			if err != nil {
				return err
			}
			if bytes.Equal(mine, ours) {
				continue
			}
			other = true
			if err := st.AdoptSecret(ctx, name, ours); err != nil {
				return err
			}
		}
		if other {
			changed()
		}
		return nil
	}
}

// join enters the cluster. It is nil without --redis. changed is called when the secrets are others than before, which may be later.
func (c *Serve) join(ctx context.Context, st *store.Store, base string, changed func(), log *slog.Logger) (*cluster.Member, func(), error) {
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
		shared := sharedSecrets
		if !c.Edge {
			shared = slices.Concat(shared, originSecrets)
		}
		life, err := st.Secret(ctx, "node", 8)
		if err != nil {
			return nil, err
		}
		for _, origin := range c.NodeOrigins {
			if _, _, ok := static.Source(origin); !ok {
				return nil, fmt.Errorf("--node-origins %q is not like https://kotim.example or https://*.kuliah.example", origin)
			}
		}
		for _, network := range c.Network {
			if _, err := netip.ParsePrefix(network); err != nil {
				return nil, fmt.Errorf("--network %q is not a network like 10.62.2.0/24", network)
			}
		}
		key, err := nodeKey(ctx, st)
		if err != nil {
			return nil, err
		}
		if err := st.SetTerm(ctx, "", 0, c.Node); err != nil {
			return nil, err
		}
		cfg := cluster.Config{
			Bus: bus, Dir: st, Shelf: st, Source: c.Node + "." + hex.EncodeToString(life), Key: key, Log: log.With("part", "cluster"),
			Memory: st, Settle: settle(st, shared, changed),
			Self: cluster.Node{Name: c.Node, Region: c.Region, Edge: c.Edge, URL: base, Networks: c.Network, Version: version},
		}
		if !c.Edge {
			cfg.Papers = st
			cfg.PaperSecret = func(ctx context.Context) ([]byte, error) { return st.Secret(ctx, "papers", 32) }
		}
		return cluster.Join(ctx, cfg)
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
		cfg.OtherPages = m.Pages
		cfg.AddrOf = func(r *http.Request) netip.Addr { return middleware.GetClientIPAddr(r.Context()) }
	}
}

// others are the addresses that pages may turn to: of the other nodes that are or were there, and where more may come. nil without
// a cluster.
func (c *Cluster) others(m *cluster.Member) func() []string {
	if m == nil {
		return nil
	}
	return func() []string { return append(m.OtherPages(), c.NodeOrigins...) }
}

// amongNodes lets pages that another node gave out use this one's API, and pages of slides.
func amongNodes(m *cluster.Member, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !m.Pages(origin) {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "Content-Disposition, Retry-After")
		if r.Method == http.MethodOptions && strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept-Language")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// paperDesk tells BPSDM's page of papers at other origins.
type paperDesk struct {
	m  *cluster.Member
	st *store.Store
}

// papersOf is nil without other servers, and at an edge, which holds no papers.
func papersOf(m *cluster.Member, st *store.Store) api.PaperDesk {
	if m == nil || m.PapersHandler() == nil {
		return nil
	}
	return paperDesk{m, st}
}

// Copies is api.PaperDesk's.
func (p paperDesk) Copies(ctx context.Context) (out []api.PaperCopy, err error) {
	copies, err := p.m.Copies(ctx)
	for _, c := range copies {
		out = append(out, api.PaperCopy{Node: c.Node, Behind: c.Behind, At: c.At})
	}
	return out, err
}

// Clashes is api.PaperDesk's.
func (p paperDesk) Clashes(ctx context.Context, id classroom.EventID) (out []api.PaperClash, err error) {
	clashes, err := p.st.Clashes(ctx, id)
	version := func(v papers.Version) api.PersonVersion {
		person, bad := store.PersonOf(v)
		err = errors.Join(err, bad)
		return api.PersonVersion{Person: person, Node: v.Source, At: time.UnixMilli(v.At)}
	}
	for _, c := range clashes {
		clash := api.PaperClash{Counts: version(c.Counts)}
		for _, o := range c.Others {
			clash.Others = append(clash.Others, version(o))
		}
		out = append(out, clash)
	}
	return out, err
}

// slidesOf gives decks out, also what was uploaded at another origin and has not been copied yet.
func slidesOf(m *cluster.Member, st *store.Store) api.MaterialStore {
	if m == nil {
		return st
	}
	return copiedSlides{st, m}
}

type copiedSlides struct {
	*store.Store
	m *cluster.Member
}

// Picture is api.MaterialStore's.
func (s copiedSlides) Picture(ctx context.Context, token string, p material.Part) (kind string, body []byte, err error) {
	kind, body, err = s.Store.Picture(ctx, token, p)
	if classroom.KindOf(err) == classroom.NotFound && s.m.CopyPicture(ctx, token, p) == nil {
		return s.Store.Picture(ctx, token, p)
	}
	return kind, body, err
}

// DeckPiece is api.MaterialStore's.
func (s copiedSlides) DeckPiece(ctx context.Context, token string, n int) ([]byte, error) {
	body, err := s.Store.DeckPiece(ctx, token, n)
	if classroom.KindOf(err) == classroom.NotFound && s.m.CopyPiece(ctx, token, n) == nil {
		return s.Store.DeckPiece(ctx, token, n)
	}
	return body, err
}

// givingPapers has other origins' questions for papers answered.
func givingPapers(m *cluster.Member, next http.Handler) http.Handler {
	answers := m.PapersHandler()
	if answers == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == cluster.PapersPath {
			answers.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// opening lets other nodes have events loaded here, and know how busy this one is.
func opening(m *cluster.Member, hubs *signaling.Server, engine *sfu.Engine, desk *ratify.Desk) {
	if m != nil {
		m.SetSettle(desk.Settle)
		m.Heed(drained(m, hubs))
		m.SetLoad(func() cluster.Load {
			s := engine.Stats()
			return cluster.Load{CPU: s.Overload.CPU, Egress: s.Overload.Egress, Less: s.Overload.Rung != "all", Viewers: s.Viewers, Routers: s.Routers, People: hubs.Sockets()}
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

// drained has clients sent on while this node is drained, also those that come by an old registry.
func drained(m *cluster.Member, hubs *signaling.Server) func([]cluster.Node) {
	var at atomic.Bool
	return func([]cluster.Node) {
		if m.Drained() && at.CompareAndSwap(false, true) {
			go func() { // a hub may wait for Redis, and the beats must not
				hubs.Drain()
				at.Store(false)
			}()
		}
	}
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

// inTheClear names the origins to which an edge sends what people type, numbers and codes too, over a line that anybody on the way can read:
// plain HTTP to another machine.
func inTheClear(nodes []cluster.Node) (names []string) {
	for _, n := range nodes {
		u, err := url.Parse(n.URL)
		if n.Edge || err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
			continue
		}
		if at, err := netip.ParseAddr(u.Hostname()); err == nil && at.IsLoopback() {
			continue
		}
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return names
}

// warnInTheClear tells of them, once for each set of origins. It is called from the goroutine of the beats.
func warnInTheClear(log *slog.Logger) func([]cluster.Node) {
	told := ""
	return func(nodes []cluster.Node) {
		if names := strings.Join(inTheClear(nodes), " "); names != told {
			if told = names; names != "" {
				log.Warn("what people type here goes to an origin unencrypted: give it a certificate and an https --url", "origins", names)
			}
		}
	}
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
		gauge: prometheus.NewDesc("betang_nodes_current", "Servers that live, events whose home is here, and open sockets.", []string{"of"}, nil),
		total: prometheus.NewDesc("betang_nodes_total", "What went between this server and the others since its start.", []string{"what"}, nil),
	}
}

// Describe names the families.
func (n *nodeMetrics) Describe(out chan<- *prometheus.Desc) { out <- n.gauge; out <- n.total }

// Collect reads the counters.
func (n *nodeMetrics) Collect(out chan<- prometheus.Metric) {
	s := n.m.Stats()
	for of, v := range map[string]float64{"nodes": float64(s.Nodes), "homes": float64(s.Homes), "people": float64(s.People)} {
		out <- prometheus.MustNewConstMetric(n.gauge, prometheus.GaugeValue, v, of)
	}
	for what, v := range map[string]uint64{
		"facts_followed": s.Facts, "commands_forwarded": s.Asked, "evidence_sent": s.Sent, "evidence_stored": s.Came, "papers_copied": s.Papers, "fenced": s.Refused,
	} {
		out <- prometheus.MustNewConstMetric(n.total, prometheus.CounterValue, float64(v), what)
	}
}

// Nodes groups what concerns the servers that share a Redis.
type Nodes struct {
	List  NodeList  `cmd:"" default:"withargs" help:"List the servers that share a Redis."`
	Drain NodeDrain `cmd:"" help:"Empty a server of people, for maintenance."`
	Serve NodeServe `cmd:"" help:"Have a server that was drained serve again."`
}

// Shared is the Redis of several servers.
type Shared struct {
	Redis string `required:"" env:"BETANG_REDIS" help:"Address of the Redis that they share."`
}

// NodeDrain empties one.
type NodeDrain struct {
	Shared
	Node string        `arg:"" help:"Its name."`
	Wait time.Duration `default:"2m" help:"How long to wait until it is empty; 0 does not wait."`
}

// NodeServe is the opposite.
type NodeServe struct {
	Shared
	Node string `arg:"" help:"Its name."`
}

// Run asks it, and prints how many are left.
func (c *NodeDrain) Run(ctx context.Context, stdout io.Writer) error {
	return shift(ctx, c.Redis, c.Node, true, c.Wait, stdout)
}

// Run asks it.
func (c *NodeServe) Run(ctx context.Context, stdout io.Writer) error {
	return shift(ctx, c.Redis, c.Node, false, 20*time.Second, stdout)
}

// shift drains a node or has it serve again, and waits until the registry says so.
func shift(ctx context.Context, redis, node string, drain bool, patience time.Duration, stdout io.Writer) error {
	bus, err := cluster.OpenRedis(redis)
	if err != nil {
		return err
	}
	defer bus.Close()
	if err := cluster.Drain(ctx, bus, node, drain); err != nil {
		return fmt.Errorf("%s: %w", node, err)
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	last := -1
	for end := time.Now().Add(patience); patience > 0; {
		nodes, err := bus.Nodes(ctx)
		if err != nil {
			return fmt.Errorf("--redis: %w", err)
		}
		i := slices.IndexFunc(nodes, func(n cluster.Node) bool { return n.Name == node })
		switch {
		case i < 0:
			return fmt.Errorf("%s lives no more", node)
		case nodes[i].Drained == drain && (!drain || left(nodes[i].Load) == 0):
			fmt.Fprintln(stdout, map[bool]string{true: node + " is empty", false: node + " serves"}[drain])
			return nil
		case drain && left(nodes[i].Load) != last:
			last = left(nodes[i].Load)
			fmt.Fprintf(stdout, "%s: %d people left\n", node, last)
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: not within %v", node, patience)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// left is how many still are at a node: by their sockets, or as players, who have none.
func left(l cluster.Load) int { return max(l.People, l.Viewers) }

// NodeList lists them.
type NodeList struct{ Shared }

// Run prints a line for each.
func (c *NodeList) Run(ctx context.Context, stdout io.Writer) error {
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
	fmt.Fprintln(w, "NODE\tKIND\tREGION\tURL\tVERSION\tUP\tPEOPLE\tVIEWERS\tEVENTS\tCPU\tEGRESS")
	for _, n := range nodes {
		kind := "origin"
		if n.Edge {
			kind = "edge"
		}
		if n.Drained {
			kind += ", drained"
		}
		up := time.Since(time.UnixMilli(n.Began)).Round(time.Second)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%.0f%%\t%.0f%%\n",
			n.Name, kind, n.Region, n.URL, n.Version, up, n.Load.People, n.Load.Viewers, n.Load.Routers, 100*n.Load.CPU, 100*n.Load.Egress)
	}
	return w.Flush()
}
