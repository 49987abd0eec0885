package cluster

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"

	"github.com/redis/go-redis/v9"
)

func TestRedisAddress(t *testing.T) {
	for address, look := range map[string]func(c redis.UniversalClient) bool{
		"redis://10.0.0.5:6379/2": func(c redis.UniversalClient) bool {
			o := c.(*redis.Client).Options()
			return o.Addr == "10.0.0.5:6379" && o.DB == 2 && o.TLSConfig == nil
		},
		"rediss://betang:rahasia@redis.example.go.id:6380": func(c redis.UniversalClient) bool {
			o := c.(*redis.Client).Options()
			return o.Username == "betang" && o.Password == "rahasia" && o.TLSConfig != nil && o.TLSConfig.ServerName == "redis.example.go.id"
		},
		"rediss://:jaga@10.0.0.5:26379/0?master_name=betang&addr=10.0.0.6:26379&password=rahasia": func(c redis.UniversalClient) bool {
			o := c.(*redis.Client).Options() // of the one that Sentinel names
			return o.Addr == "FailoverClient" && o.Password == "rahasia" && o.TLSConfig != nil
		},
		"redis://:rahasia@10.0.0.5:6379?cluster=true": func(c redis.UniversalClient) bool {
			o := c.(*redis.ClusterClient).Options()
			return len(o.Addrs) == 1 && o.Password == "rahasia"
		},
		"rediss://10.0.0.5:6379?addr=10.0.0.6:6379": func(c redis.UniversalClient) bool {
			o := c.(*redis.ClusterClient).Options()
			return len(o.Addrs) == 2 && o.TLSConfig != nil
		},
	} {
		c, err := dial(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if !look(c) {
			t.Errorf("%s was read as something else", address)
		}
		_ = c.Close()
	}
}

func TestRedisAddressThatIsNone(t *testing.T) {
	for _, address := range []string{"", "http://10.0.0.5", "redis://:rahasia@10.0.0.5:port", "redis://x/notanumber", "redis://h?unknown=1", "redis://h?ca=/x", "rediss://h?ca=/no/such/file"} {
		r, err := OpenRedis(address)
		if err == nil {
			_ = r.Close()
			t.Errorf("%q was taken", address)
		} else if strings.Contains(err.Error(), "rahasia") {
			t.Errorf("the password is told: %v", err)
		}
	}
}

func FuzzRedisAddress(f *testing.F) {
	f.Add("redis://:rahasia@10.0.0.5:6379/0?master_name=betang&addr=10.0.0.6:26379")
	f.Add("rediss://[::1]:6379?cluster=true")
	f.Fuzz(func(t *testing.T, address string) {
		if strings.Contains(address, "ca=") {
			t.Skip("would open any file")
		}
		if c, err := dial(address); err == nil {
			_ = c.Close()
		}
	})
}

// TestSecureRedis speaks TLS with a Redis whose certificate is of an authority of its own, and with its password. Without
// either it does not get in.
func TestSecureRedis(t *testing.T) {
	server := clustertest.NewSecureRedis(t)
	ctx, bus := t.Context(), open(t, server.URL())
	g, err := bus.Claim(ctx, "ev", "a", 0, time.Minute)
	ok(t, err)
	_, err = bus.Publish(ctx, "ev", g.Token, 1, bodies(1, 2))
	ok(t, err)
	ear, err := bus.Hear(ctx, "x")
	ok(t, err)
	ok(t, bus.Say(ctx, "x", []byte("halo")))
	if got := string(<-ear); got != "halo" {
		t.Fatal(got)
	}
	u, err := url.Parse(server.URL())
	ok(t, err)
	for name, change := range map[string]func(u *url.URL){
		"no password":    func(u *url.URL) { u.User = nil },
		"wrong password": func(u *url.URL) { u.User = url.UserPassword("", "salah") },
		"no authority":   func(u *url.URL) { u.RawQuery = "" },
		"no TLS":         func(u *url.URL) { u.Scheme, u.RawQuery = "redis", "" },
	} {
		other := *u
		change(&other)
		if _, err := open(t, other.String()).Now(ctx); err == nil {
			t.Errorf("%s: got in", name)
		} else if strings.Contains(err.Error(), clustertest.Password) {
			t.Errorf("%s: the password is told: %v", name, err)
		}
	}
}

// TestRedisRestarts kills Redis and starts it again: with its data nothing is missing, without it the home fills in.
func TestRedisRestarts(t *testing.T) {
	server := clustertest.NewRedis(t, "--appendfsync", "always") // otherwise it may lose the last two seconds
	ctx, bus := t.Context(), open(t, server.URL())
	g, err := bus.Claim(ctx, "ev", "a", 0, time.Minute)
	ok(t, err)
	_, err = bus.Publish(ctx, "ev", g.Token, 1, bodies(1, 2))
	ok(t, err)

	server.Kill()
	server.Start()
	got, err := bus.Follow(ctx, "ev", 0, 10, 0)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if g2, err := bus.Claim(ctx, "ev", "b", 0, time.Minute); err != nil || g2.Holder != "a" {
		t.Fatal(g2, err)
	}

	server.Kill()
	server.Forget()
	server.Start()
	if _, err = bus.Publish(ctx, "ev", g.Token, 3, bodies(3, 1)); err == nil {
		t.Fatal("a hole was left")
	}
	wantErr(t, err, ErrGap)
	_, err = bus.Refill(ctx, "ev", g.Token, 1, bodies(1, 3))
	ok(t, err)
	g3, err := bus.Claim(ctx, "ev", "b", g.Token, time.Minute)
	ok(t, err)
	if g3.Holder != "b" || g3.Token <= g.Token {
		t.Fatalf("token %+v after %d", g3, g.Token)
	}
}
