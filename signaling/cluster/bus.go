package cluster

import (
	"context"
	"errors"
	"time"
)

// The refusals of a Bus. Anything else it returns means that nobody knows what became of the call, and that it may be
// made again: every call is idempotent.
var (
	// ErrFenced: somebody has a newer token, so the caller is no longer the event's home.
	ErrFenced = errors.New("cluster: a newer home has this event")
	// ErrGap: what stands between is not here. A publisher fills it from its journal, a follower asks the home.
	ErrGap = errors.New("cluster: facts in between are missing")
	// ErrFork: another fact stands under the same number.
	ErrFork = errors.New("cluster: another fact has this number")
	// ErrFull: the home does not keep up, or is away. The sender's outbox keeps the batch.
	ErrFull = errors.New("cluster: too many batches wait")
	// ErrTaken: another process that lives has this node's name.
	ErrTaken = errors.New("cluster: another node has this name")
	// ErrNever: the caller cannot be reached, and never was among the others.
	ErrNever = errors.New("cluster: Redis cannot be used, and this server has not been among the others yet: its first start needs Redis, for the secrets that all of them share")
)

// Bus is everything that nodes share. It is safe for concurrent use.
type Bus interface {
	Registry
	Leases
	Facts
	Batches
	Talk
	Board
	// Now is the one clock that all nodes share.
	Now(ctx context.Context) (time.Time, error)
	Close() error
}

// Node is one server as the others see it.
type Node struct {
	Name   string `json:"name"`
	Boot   string `json:"boot"`             // names this run of the process
	Region string `json:"region,omitempty"` // where it stands: a code of kabupaten or kota
	Edge   bool   `json:"edge,omitempty"`   // becomes a home only if no other node lives
	URL    string `json:"url"`
	// Networks (CIDR) are those whose clients belong here.
	Networks []string `json:"networks,omitempty"`
	Drained  bool     `json:"drained,omitempty"` // sends its clients elsewhere and becomes no home
	Link     Link     `json:"link"`
	Version  string   `json:"version"`
	Began    int64    `json:"began"` // Unix ms, by its own clock
	Load     Load     `json:"load"`
}

// Link is where and by which key a node's media reach other nodes.
type Link struct {
	Addrs []string `json:"addrs,omitempty"` // host:port; none: it dials out only
	Key   string   `json:"key,omitempty"`
	Via   string   `json:"via,omitempty"` // the node that all its media go through; "": none
}

// Load is how busy a node is.
type Load struct {
	CPU     float64 `json:"cpu"`            // of what the node may use
	Egress  float64 `json:"egress"`         // the same
	Less    bool    `json:"less,omitempty"` // newcomers get less than all there is
	Viewers int     `json:"viewers"`
	Routers int     `json:"routers"` // events with media
	People  int     `json:"people"`  // open sockets: all who are here, with media or without
}

// Registry knows which nodes live.
type Registry interface {
	// Announce makes a node known for ttl. ErrTaken while another run of the same name is.
	Announce(ctx context.Context, n Node, ttl time.Duration) error
	// Withdraw forgets a run of a node at once; another run of the name stays.
	Withdraw(ctx context.Context, name, boot string) error
	// Nodes lists those that live, by name.
	Nodes(ctx context.Context) ([]Node, error)
}

// Grant says who is an event's home.
type Grant struct {
	Holder string
	Token  int64 // rises with every new holder, also over a Redis that lost its data
	Left   time.Duration
}

// Leases gives each event one home.
type Leases interface {
	// Claim makes holder the home for ttl, or keeps it so with the same token, unless another is; the grant names who is.
	// floor is the highest token that the caller has seen in the event's facts: a new one is above it.
	Claim(ctx context.Context, event, holder string, floor int64, ttl time.Duration) (Grant, error)
	// Release ends what Claim gave, at once. Of an older token it does nothing.
	Release(ctx context.Context, event, holder string, token int64) error
}

// Entry is one fact on its way. Seq counts from 1 without holes.
type Entry struct {
	Seq   int64
	Token int64 // of the home that published it
	Body  []byte
}

// Facts carries an event's facts from its home to the other nodes.
type Facts interface {
	// Publish adds bodies as facts number first and up. Facts that are there already are skipped, if they are the same
	// (ErrFork). top is the last fact that is there, 0 for none, also with ErrGap. ErrFenced if a newer token was seen.
	Publish(ctx context.Context, event string, token, first int64, bodies [][]byte) (top int64, err error)
	// Refill is Publish for an event of which nothing is there although it has facts: it may begin at any number.
	Refill(ctx context.Context, event string, token, first int64, bodies [][]byte) (top int64, err error)
	// Follow gives up to most facts after a number, and waits for the first of them for at most wait, bounded by MaxWait.
	// None is no error. ErrGap if those right after are no longer there.
	Follow(ctx context.Context, event string, after int64, most int, wait time.Duration) ([]Entry, error)
}

// Batch is some attendance of one node: number N of those that it made for an event, from 1.
type Batch struct {
	Node string
	N    int64
	Body []byte
	ID   string // set by Take: what Done acknowledges
}

// Batches carries attendance to the home. A batch may arrive twice and out of order; the home's store knows a node's
// numbers. Nothing is dropped that was not acknowledged: Ship refuses first.
type Batches interface {
	// Ship sends a batch. ErrFull when too many wait.
	Ship(ctx context.Context, event string, b Batch) error
	// Take gives up to most batches to a consumer, and waits for the first for at most wait, bounded by MaxWait. What it
	// or another took longer than again ago and nobody acknowledged is given once more.
	Take(ctx context.Context, event, consumer string, again time.Duration, most int, wait time.Duration) ([]Batch, error)
	// Done acknowledges batches, after the home's store has them on disk. marks tells, for some nodes, up to which number
	// the home has all of theirs; it stands as told, also if lower than before: a new home may have less. ErrFenced as Publish.
	Done(ctx context.Context, event string, token int64, ids []string, marks map[string]int64) error
	// Remark says anew for all nodes what Done says for some; those that are not named are at 0. A new home begins with it.
	Remark(ctx context.Context, event string, token int64, marks map[string]int64) error
	// Mark is what Done said last of a node; 0 if nothing.
	Mark(ctx context.Context, event, node string) (int64, error)
}

// Board holds the little that all nodes must have alike.
type Board interface {
	// Agree offers a value under a name and gives the one that all use: the first that was offered.
	Agree(ctx context.Context, name string, mine []byte) ([]byte, error)
	// Share adds to a set under a name, and gives all of it.
	Share(ctx context.Context, name string, mine []string) ([]string, error)
}

// Talk carries what is worth something only now: it is kept nowhere, and who does not listen misses it.
type Talk interface {
	// Say sends to all who hear the topic.
	Say(ctx context.Context, topic string, body []byte) error
	// Hear listens until ctx ends, which closes the channel; on return it listens already. It keeps up to maxTalk
	// messages for a listener that is slow, and drops what comes then. A connection that is lost is made again.
	Hear(ctx context.Context, topic string) (<-chan []byte, error)
}

const (
	// MaxWait bounds how long Follow and Take wait, because a call to Redis that blocks cannot be called off.
	MaxWait = time.Second

	// FactsKept is how many facts of an event are kept for followers: an hour of five votes a second. One that is further
	// behind asks the home.
	FactsKept = 20_000
	// maxBatches is how many batches of an event wait for their home: 14 edges, one every 2 s, for 10 minutes.
	maxBatches = 4_200
	// maxTalk is how many messages wait for one listener.
	maxTalk = 1024
	// keep is how long an event's keys outlive the last write.
	keep = 30 * 24 * time.Hour
)
