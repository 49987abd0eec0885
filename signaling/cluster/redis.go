package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a Bus over Redis 7 or later. All keys of an event have its name as their hash tag, so that one script may
// use them also in a Redis Cluster. Times are Redis's own: nodes may disagree about the hour.
type Redis struct{ c redis.UniversalClient }

var _ Bus = (*Redis)(nil)

// OpenRedis connects when it is first used. The URL's scheme is redis or rediss (TLS), its user part carries the
// password; ca is a file with the certificates of the authority that TLS trusts instead of the system's. With master_name it names Sentinels (the user part is theirs then, and password the server's), with
// cluster=true or more addresses a Redis Cluster:
//
//	redis://:secret@10.0.0.5:6379/0
//	rediss://:secret@10.0.0.5:26379/0?master_name=betang&addr=10.0.0.6:26379&password=secret
//	rediss://:secret@10.0.0.5:6379?cluster=true&addr=10.0.0.6:6379
func OpenRedis(address string) (*Redis, error) {
	c, err := dial(address)
	if err != nil {
		return nil, fmt.Errorf("the address of Redis: %w", unspoken(err))
	}
	return &Redis{c}, nil
}

func dial(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "redis" && u.Scheme != "rediss" {
		return nil, fmt.Errorf("scheme %q is neither redis nor rediss", u.Scheme)
	}
	q := u.Query()
	roots, err := authority(u.Scheme, q.Get("ca"))
	if err != nil {
		return nil, err
	}
	trust := func(c *tls.Config) {
		if c != nil && roots != nil {
			c.RootCAs = roots
		}
	}
	cluster := q.Get("cluster") == "true" || q.Has("addr")
	q.Del("ca")
	if q.Has("master_name") {
		u.RawQuery = q.Encode()
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, err
		}
		trust(o.TLSConfig)
		o.ContextTimeoutEnabled = true
		return redis.NewFailoverClient(o), nil
	}
	q.Del("cluster")
	u.RawQuery = q.Encode()
	if cluster {
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, err
		}
		trust(o.TLSConfig)
		o.ContextTimeoutEnabled = true
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, err
	}
	trust(o.TLSConfig)
	o.ContextTimeoutEnabled = true
	return redis.NewClient(o), nil
}

// authority reads the certificates of a file; nil without one: the system's are trusted.
func authority(scheme, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	if scheme != "rediss" {
		return nil, errors.New("ca is for rediss, which is TLS")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca: no certificate in %s", file)
	}
	return pool, nil
}

// unspoken takes the address, which holds a password, out of an error of net/url.
func unspoken(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// Close ends the connections.
func (r *Redis) Close() error { return r.c.Close() }

const (
	nodesKey = "betang:{nodes}:info"
	livesKey = "betang:{nodes}:until"
)

func leaseKey(event string) string   { return "betang:{" + event + "}:lease" }
func factsKey(event string) string   { return "betang:{" + event + "}:facts" }
func batchesKey(event string) string { return "betang:{" + event + "}:batches" }
func marksKey(event string) string   { return "betang:{" + event + "}:marks" }

// Announce is Registry's.
func (r *Redis) Announce(ctx context.Context, n Node, ttl time.Duration) error {
	info, err := json.Marshal(n)
	if err != nil {
		return err
	}
	ok, err := announce.Run(ctx, r.c, []string{nodesKey, livesKey}, n.Name, n.Boot, info, ttl.Milliseconds()).Bool()
	if err == nil && !ok {
		return ErrTaken
	}
	return err
}

// Withdraw is Registry's.
func (r *Redis) Withdraw(ctx context.Context, name, boot string) error {
	return withdraw.Run(ctx, r.c, []string{nodesKey, livesKey}, name, boot).Err()
}

// Nodes is Registry's.
func (r *Redis) Nodes(ctx context.Context) ([]Node, error) {
	infos, err := living.Run(ctx, r.c, []string{nodesKey, livesKey}).StringSlice()
	if err != nil {
		return nil, err
	}
	nodes := make([]Node, len(infos))
	for i, info := range infos {
		if nodes[i], err = readNode(info); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return nodes, nil
}

func readNode(info string) (n Node, err error) {
	if err := json.Unmarshal([]byte(info), &n); err != nil {
		return n, fmt.Errorf("a node in the registry: %w", err)
	}
	return n, nil
}

// Agree is Board's.
func (r *Redis) Agree(ctx context.Context, name string, mine []byte) ([]byte, error) {
	key := "betang:{board}:agreed:" + name
	if err := r.c.SetNX(ctx, key, mine, 0).Err(); err != nil {
		return nil, err
	}
	return r.c.Get(ctx, key).Bytes()
}

// Share is Board's.
func (r *Redis) Share(ctx context.Context, name string, mine []string) ([]string, error) {
	key := "betang:{board}:shared:" + name
	if len(mine) > 0 {
		if err := r.c.SAdd(ctx, key, mine).Err(); err != nil {
			return nil, err
		}
	}
	return r.c.SMembers(ctx, key).Result()
}

// Now is Bus's.
func (r *Redis) Now(ctx context.Context) (time.Time, error) { return r.c.Time(ctx).Result() }

// Claim is Leases'.
func (r *Redis) Claim(ctx context.Context, event, holder string, floor int64, ttl time.Duration) (Grant, error) {
	got, err := claim.Run(ctx, r.c, []string{leaseKey(event)}, holder, floor, ttl.Milliseconds(), keep.Milliseconds()).Slice()
	if err != nil {
		return Grant{}, err
	}
	if len(got) == 3 {
		who, ok := got[0].(string)
		token, ok2 := got[1].(int64)
		left, ok3 := got[2].(int64)
		if ok && ok2 && ok3 {
			return Grant{who, token, time.Duration(left) * time.Millisecond}, nil
		}
	}
	return Grant{}, fmt.Errorf("a lease reads %v", got)
}

// Release is Leases'.
func (r *Redis) Release(ctx context.Context, event, holder string, token int64) error {
	return release.Run(ctx, r.c, []string{leaseKey(event)}, holder, token).Err()
}
