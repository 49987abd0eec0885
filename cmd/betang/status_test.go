package main

import (
	"testing"
	"time"

	"betang/sfu/relay"
)

func TestStatusMissesServers(t *testing.T) {
	s := newStatus(t.TempDir(), nil, nil, nil)
	now := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	s.missed(now, []string{"sampit", "kapuas"})
	list := s.missed(now.Add(10*time.Second), []string{"kapuas"})
	if len(list) != 2 {
		t.Fatalf("told %+v", list)
	}
	for _, n := range list {
		if want := map[string]time.Duration{"sampit": 10 * time.Second}[n.Name]; n.Away != want {
			t.Errorf("%s is away for %v", n.Name, n.Away)
		}
	}
	list = linked(list, relay.LinkStats{Node: "kapuas", Up: true, RTT: 30 * time.Millisecond})
	list = linked(list, relay.LinkStats{Node: "katingan", Sources: 1})
	if len(list) != 3 || list[2].Up || !list[2].Linked {
		t.Errorf("told %+v", list)
	}
	if list := s.missed(now.Add(time.Hour), nil); len(list) != 0 {
		t.Errorf("an hour later it misses %+v", list)
	}
	if free := diskFree(t.TempDir()); free <= 0 {
		t.Errorf("%d bytes free", free)
	}
	if free := diskFree("/no/such/folder"); free >= 0 {
		t.Errorf("a folder that is not there has %d bytes free", free)
	}
}
