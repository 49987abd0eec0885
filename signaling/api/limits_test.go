package api

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"betang/classroom"
	"betang/signaling"
)

func nip(n int) string { return fmt.Sprintf("19850517201001%d%03d", 1+n/900%2, 1+n%900) }

// TestOfficeBehindOneAddress: 300 people of one office open the page, enter their NIP, one in ten mistypes it first,
// and join, all within a minute, from one address.
func TestOfficeBehindOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		for i := range 300 {
			id := classroom.PersonID(fmt.Sprint("office-", i))
			b.store.people[id] = classroom.Person{ID: id, NIP: nip(i), Name: "Pegawai Dinas", Verified: true}
		}
		link := b.link(classroom.RoleParticipant)
		for i := range 300 {
			if w := b.do(http.MethodGet, "/api/events/demo", "", ""); w.Code != 200 {
				t.Fatalf("person %d: page %d %s", i, w.Code, w.Body)
			}
			if i%10 == 0 {
				b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+nip(900+i)+`"}`).refused(404, classroom.NotFound, "nip_unknown")
			}
			enter(b, link, `{"nip":"`+nip(i)+`"}`)
			if w := b.do(http.MethodGet, "/ws", "", ""); w.Code != 200 {
				t.Fatalf("person %d: socket %d %s", i, w.Code, w.Body)
			}
			time.Sleep(200 * time.Millisecond)
		}
	})
}

// TestOfficeWithoutRoster: the roster came late, all 300 are unknown; nobody is refused the lecture.
func TestOfficeWithoutRoster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		link := b.link(classroom.RoleParticipant)
		for i := range 300 {
			b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+nip(i)+`"}`).refused(404, classroom.NotFound, "nip_unknown")
			var in joined
			b.do(http.MethodPost, "/api/events/demo/join", link, `{"nip":"`+nip(i)+`","name":"Pegawai Dinas","unit":"Dinas"}`).json(&in)
			time.Sleep(200 * time.Millisecond)
		}
	})
}

// guess tries until told to stop and gives how many tries were answered.
func guess(b *bench, most int, try func(i int) reply) int {
	b.t.Helper()
	for i := range most {
		w := try(i)
		switch w.Code {
		case 404, 200:
		case 429:
			w.refused(429, classroom.TooMany, "too_many_guesses")
			wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
			if err != nil || wait < 1 || wait > 600 {
				b.t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
			}
			return i
		default:
			b.t.Fatalf("try %d: %d %s", i, w.Code, w.Body)
		}
	}
	return most
}

func TestGuessingCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		link := b.link(classroom.RoleParticipant)
		wrong := func(i int) reply {
			return b.do(http.MethodPost, "/api/events/demo/identify", link, fmt.Sprintf(`{"code":"AAAA%04d"}`, i))
		}
		if n := guess(b, 100, wrong); n != wrongCodes {
			t.Errorf("%d codes could be tried from one address, want %d", n, wrongCodes)
		}
		// The right code is refused as well now, or going on would pay; a NIP still works, so nobody is locked out.
		b.do(http.MethodPost, "/api/events/demo/identify", link, `{"code":"`+sriCode+`"}`).refused(429, classroom.TooMany, "too_many_guesses")
		enter(b, link, `{"nip":"`+sriNIP+`"}`)

		time.Sleep(wrongCodeWindow / wrongCodes)
		if n := guess(b, 100, wrong); n != 1 {
			t.Errorf("%d tries after one refill, want 1", n)
		}
		b.from = "203.0.113.8:1" // another address has its own budget, but the link's goes down
		enter(b, link, `{"code":"`+sriCode+`"}`)
		total := 0
		for i := range 50 {
			b.from = fmt.Sprintf("198.51.100.%d:1", i)
			total += guess(b, 100, wrong)
		}
		if total > wrongCodesOfLink || total < wrongCodesOfLink-2*wrongCodes {
			t.Errorf("%d codes could be tried through one link from many addresses, want about %d", total, wrongCodesOfLink)
		}
		other := b.link(classroom.RoleParticipant, func(c *signaling.Claims) { c.ID = "another link" })
		enter(b, other, `{"code":"`+sriCode+`"}`)
	})
}

func TestRightAnswersCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		link := b.link(classroom.RoleParticipant)
		for range 3 * wrongCodes {
			enter(b, link, `{"code":"`+sriCode+`"}`)
			time.Sleep(time.Second)
		}
	})
}

func TestGuessingNIPs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		link := b.link(classroom.RoleParticipant)
		tried := 0
		n := guess(b, 4*wrongNIPs, func(i int) reply {
			time.Sleep(200 * time.Millisecond) // within identifyPerAddress
			tried++
			return b.do(http.MethodPost, "/api/events/demo/identify", link, `{"nip":"`+nip(i)+`"}`)
		})
		took := time.Duration(tried) * 200 * time.Millisecond
		if bound := wrongNIPs + int(wrongNIPs*took/wrongNIPWindow) + 1; n > bound || n < wrongNIPs {
			t.Errorf("%d NIPs could be tried in %v, want %d to %d", n, took, wrongNIPs, bound)
		}
		before := b.store.count()
		b.from = "198.51.100.1:1"
		n = guess(b, 4*newcomers, func(i int) reply {
			return b.do(http.MethodPost, "/api/events/demo/join", link, `{"nip":"`+nip(i)+`","name":"Budi","unit":"Dinas"}`)
		})
		if made := b.store.count() - before; n != newcomers || made != newcomers {
			t.Errorf("%d newcomers could be made at once from one address, %d tries, want %d", made, n, newcomers)
		}
	})
}

// TestWidths counts how many requests of each kind pass in one moment.
func TestWidths(t *testing.T) {
	for name, c := range map[string]struct {
		role         classroom.Role
		method, path string
		want         int
		perAddress   bool
	}{
		"event":    {"", http.MethodGet, "/api/events/demo", perAddress, true},
		"sockets":  {"", http.MethodGet, "/ws", perAddress, true},
		"identify": {classroom.RoleParticipant, http.MethodPost, "/api/events/demo/identify", identifyPerAddress, true},
		"join":     {classroom.RoleParticipant, http.MethodPost, "/api/events/demo/join", joinPerAddress, true},
		"WHEP":     {classroom.RolePlayer, http.MethodPost, "/whep/demo", mediaPerAddress, true},
		"WHIP":     {classroom.RoleSpeaker, http.MethodPost, "/whip/demo", publishPerToken, false},
		"table":    {classroom.RoleBPSDM, http.MethodGet, "/api/bpsdm/events/demo/attendance", bpsdmPerToken, false},
		"download": {classroom.RoleBPSDM, http.MethodGet, "/api/bpsdm/events/demo/attendance.csv", exportPerToken, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				token := ""
				if c.role != "" {
					token = b.link(c.role)
				}
				count := func() (n int, last reply) {
					for {
						if last = b.do(c.method, c.path, token, ""); last.Code == 429 {
							return n, last
						}
						if n++; n > 2*perAddress {
							t.Fatal("no limit")
						}
					}
				}
				n, last := count()
				last.refused(429, classroom.TooMany, "too_many")
				if n != c.want || last.Header().Get("Retry-After") == "" {
					t.Errorf("%d passed, want %d; Retry-After %q", n, c.want, last.Header().Get("Retry-After"))
				}
				b.from = "198.51.100.200:1"
				passes := b.do(c.method, c.path, token, "").Code != 429
				if passes != c.perAddress {
					t.Errorf("from another address passes: %v, want %v", passes, c.perAddress)
				}
				time.Sleep(2 * time.Minute)
				b.from = officeIP
				if w := b.do(c.method, c.path, token, ""); w.Code == 429 {
					t.Error("still refused two minutes later")
				}
			})
		})
	}
}

func TestAddresses(t *testing.T) {
	blocked := func(b *bench, header string) bool {
		return b.do(http.MethodGet, "/api/events/demo", "", "", header).Code == 429
	}
	exhaust := func(b *bench, header string) {
		for range perAddress {
			blocked(b, header)
		}
		if !blocked(b, header) {
			b.t.Fatal("no limit")
		}
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		exhaust(b, "X-Forwarded-For: 192.0.2.1")
		if !blocked(b, "X-Forwarded-For: 192.0.2.2") {
			t.Error("a client chose its own address")
		}
		b.from = "[2001:db8:1:2::1]:1"
		exhaust(b, "X-A: b")
		b.from = "[2001:db8:1:2:ffff::1]:1"
		if !blocked(b, "X-A: b") {
			t.Error("another address of the same /64 is another client")
		}
		if b.from = "[2001:db8:1:3::1]:1"; blocked(b, "X-A: b") {
			t.Error("another /64 is the same client")
		}

		b = newBench(t, func(c *Config) { c.Proxies = []string{"203.0.113.0/24"} })
		exhaust(b, "X-Forwarded-For: 192.0.2.1")
		if blocked(b, "X-Forwarded-For: 192.0.2.2") {
			t.Error("two clients of a trusted proxy share a limit")
		}
		if !blocked(b, "X-Forwarded-For: 192.0.2.9, 192.0.2.1") {
			t.Error("a client behind a trusted proxy chose its own address")
		}
	})
}

// TestGuessesProperty: in any stretch of one window no key gets more than twice its budget of wrong tries (what was
// left and what was refilled), right ones are free, and forgotten keys are whole ones.
func TestGuessesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 20).Draw(t, "limit")
		const window = time.Minute
		g := newGuesses(limit, window)
		now := epoch
		wrong := map[string][]time.Time{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond)
			key := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")
			wait, ok := g.take(now, key)
			recent := 0
			for _, at := range wrong[key] {
				if now.Sub(at) < window {
					recent++
				}
			}
			switch {
			case !ok:
				if recent == 0 || wait <= 0 || wait > window {
					t.Fatalf("refused after %d wrong ones, wait %v", recent, wait)
				}
				if _, later := g.take(now.Add(wait), key); !later {
					t.Fatalf("still refused after the wait of %v", wait)
				}
				g.giveBack(now.Add(wait), key)
				now = now.Add(wait)
			case rapid.Bool().Draw(t, "right"):
				g.giveBack(now, key)
			default:
				if wrong[key] = append(wrong[key], now); recent+1 > 2*limit {
					t.Fatalf("%d wrong ones in a window, limit %d", recent+1, limit)
				}
			}
		}
		g.take(now.Add(3*window), "new")
		if len(g.whole) != 1 {
			t.Fatalf("%d keys remembered after everything was refilled", len(g.whole))
		}
	})
}
