package clustertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// NewRedisCluster starts a Redis Cluster of three servers, each with a third of the slots, and gives its URL.
func NewRedisCluster(t testing.TB) (url string) {
	t.Helper()
	var all []*Redis
	for range 3 {
		r := &Redis{t: t, folder: t.TempDir(), port: Port(t, "tcp"), more: []string{"--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"}}
		r.Start()
		t.Cleanup(r.Kill)
		all = append(all, r)
	}
	const slots = 16384
	for i, r := range all {
		r.must("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*slots/3), strconv.Itoa((i+1)*slots/3-1))
		r.must("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		if i > 0 {
			r.must("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(all[0].port))
		}
	}
	for _, r := range all {
		r.until("knows all slots", func() bool {
			info, err := r.Do("CLUSTER", "INFO")
			text := fmt.Sprint(info)
			return err == nil && strings.Contains(text, "cluster_state:ok") && strings.Contains(text, "cluster_slots_ok:16384") && strings.Contains(text, "cluster_known_nodes:3")
		})
		// A message to a topic goes over the servers' own links, and is lost where there is none yet.
		r.until("has a link to and from each of the others", func() bool {
			links, err := r.Do("CLUSTER", "LINKS")
			list, _ := links.([]any)
			return err == nil && len(list) == 4
		})
	}
	return "redis://" + all[0].Addr() + "?cluster=true&addr=" + all[1].Addr()
}

// NewSentinel starts a Redis with one replica and a Sentinel that watches them, and gives the URL, and the one that is the
// master at first.
func NewSentinel(t testing.TB) (url string, master *Redis) {
	t.Helper()
	master = NewRedis(t)
	replica := NewRedis(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(master.port))
	replica.until("follows", func() bool {
		info, err := replica.Do("INFO", "replication")
		return err == nil && strings.Contains(fmt.Sprint(info), "master_link_status:up")
	})
	port, dir := Port(t, "tcp"), t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	conf := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor betang 127.0.0.1 %d 1\nsentinel down-after-milliseconds betang 500\nsentinel failover-timeout betang 2000\n",
		port, dir, master.port)
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Redis{t: t, folder: dir, port: port}
	s.run(file, "--sentinel")
	t.Cleanup(s.Kill)
	s.until("knows the replica", func() bool {
		list, err := s.Do("SENTINEL", "MASTER", "betang")
		return err == nil && strings.Contains(fmt.Sprint(list), "num-slaves 1 ")
	})
	return "redis://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/0?master_name=betang", master
}

// Replicated waits until the one replica has all that was written here so far. (WAIT would say so only of what its own connection wrote.)
func (r *Redis) Replicated() {
	r.t.Helper()
	r.until("has replicated all", func() bool {
		info, err := r.Do("INFO", "replication")
		text := fmt.Sprint(info)
		here, there := field(text, "master_repl_offset:"), field(text, ",offset=")
		return err == nil && here != "" && here == there
	})
}

// field is the number that follows a name.
func field(text, name string) string {
	_, rest, _ := strings.Cut(text, name)
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	return rest[:max(end, 0)]
}

func (r *Redis) must(args ...string) {
	r.t.Helper()
	if _, err := r.Do(args...); err != nil {
		r.t.Fatalf("%v: %v", args, err)
	}
}

func (r *Redis) until(what string, is func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	for !is() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("Redis at %s: not within 20 s: %s\n%s", r.Addr(), what, r.out.String())
		}
	}
}
