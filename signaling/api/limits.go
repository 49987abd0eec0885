package api

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"betang/classroom"
)

// The limits. An office of 300 sits behind one address (CGNAT, a village's satellite terminal) and comes within a
// minute of the start, each with an event page, an identify, a join, a socket and a reload or two. So whatever an
// honest crowd does is bounded widely per address, and tightly only what somebody guesses.
const (
	perAddress         = 60_000 // requests a minute to everything but the web client's files: a mobile operator's NAT hides thousands
	identifyPerAddress = 6_000  // a minute: wrong guesses cost more, see below
	joinPerAddress     = 6_000
	mediaPerAddress    = 12_000 // WHIP and WHEP posts a minute; one answer costs a few milliseconds
	publishPerToken    = 30     // WHIP posts a minute: an encoder that tries again every 2 s
	bpsdmPerToken      = 240    // table requests a minute: three tabs, each typing a search
	exportPerToken     = 12     // downloads a minute

	// A well-formed NIP that is in no roster is a try at somebody's. There is no check digit and what a hit shows is
	// masked, so all that can be won is "this number exists" and a unit. The budget must carry an office of 300 whose
	// roster came late, none of them known; it keeps listing a roster of 10,000 among some 10^8 plausible numbers from
	// one address to a few hits a day.
	wrongNIPs      = 600
	wrongNIPWindow = 10 * time.Minute
	// Each newcomer becomes a row that BPSDM must verify: the same office, once, and some more.
	newcomers      = 400
	newcomerWindow = 10 * time.Minute
	// A personal code admits whoever types it. From one address 30 mistakes in ten minutes; through one link, from
	// however many addresses, 300: with 8 characters of 32 and 10,000 codes a link withstands that for decades.
	wrongCodes       = 30
	wrongCodesOfLink = 300
	wrongCodeWindow  = 10 * time.Minute
)

type limits struct {
	all, identify, join, media, publish, bpsdm, export, uji, reports, uploads *httprate.RateLimiter

	nips, newcomers, codes, linkCodes *guesses
}

func newLimits() *limits {
	perMinute := func(n int) *httprate.RateLimiter {
		return httprate.NewRateLimiter(n, time.Minute, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
	}
	return &limits{
		all: perMinute(perAddress), identify: perMinute(identifyPerAddress), join: perMinute(joinPerAddress),
		media: perMinute(mediaPerAddress), publish: perMinute(publishPerToken),
		bpsdm: perMinute(bpsdmPerToken), export: perMinute(exportPerToken),
		uji: perMinute(ujiPerAddress), reports: perMinute(reportsPerMinute),
		uploads: perMinute(maxUploads),
		nips:    newGuesses(wrongNIPs, wrongNIPWindow), newcomers: newGuesses(newcomers, newcomerWindow),
		codes:     newGuesses(wrongCodes, wrongCodeWindow),
		linkCodes: newGuesses(wrongCodesOfLink, wrongCodeWindow),
	}
}

var errTooMany = classroom.Refuse(classroom.TooMany, "too_many")

// byAddress limits a route per client address; an IPv6 client counts as its /64.
func (s *server) byAddress(l *httprate.RateLimiter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if l.OnLimit(w, r, address(r)) {
				s.refuse(w, r, errTooMany)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// byToken limits per token, after authorize.
func (s *server) byToken(l *httprate.RateLimiter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if l.OnLimit(w, r, claimsOf(r).ID) {
				s.refuse(w, r, errTooMany)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// address is the key of a client's limits.
func address(r *http.Request) string {
	return httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

// budget is one account that a guess is charged to.
type budget struct {
	of  *guesses
	key string
}

// charge takes one from the budget, or refuses and tells when to come back.
func (b budget) charge(w http.ResponseWriter) error {
	wait, ok := b.of.take(time.Now(), b.key)
	if ok {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return classroom.Refuse(classroom.TooMany, "too_many_guesses")
}

// try runs look as a guess that costs every budget one when it finds nothing.
func try[T any](w http.ResponseWriter, look func() (T, error), budgets ...budget) (T, error) {
	giveBack := func(taken []budget) {
		for _, b := range taken {
			b.of.giveBack(time.Now(), b.key)
		}
	}
	for i, b := range budgets {
		if err := b.charge(w); err != nil {
			giveBack(budgets[:i])
			var none T
			return none, err
		}
	}
	found, err := look()
	if err == nil || classroom.KindOf(err) != classroom.NotFound {
		giveBack(budgets)
	}
	return found, err
}
