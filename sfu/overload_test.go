package sfu_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// TestFullServerHurtsNobody lets viewers come to a server whose egress is for some five of them: the others get less, who was in
// before loses nothing, and when the first have gone the others have all.
func TestFullServerHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 9_000_000
		l := newLabWith(t, sfu.Config{MaxEgress: limit})
		lecture(t, l)
		time.Sleep(3 * time.Second) // the layers' rates are measured
		var in []*sfutest.Viewer
		for i := range 9 {
			in = append(in, sfutest.Subscribe(t, l.net, l.e, room, sfu.PeerID(fmt.Sprint("v", i)), 1, 1))
			time.Sleep(time.Second)
		}
		s := l.e.Stats()
		t.Logf("%d in: %+v", len(in), s.Overload)
		if o := s.Overload; o.Now["all"] < 3 || o.Now["low"]+o.Now["voice"] < 2 || o.Lowered > 0 {
			t.Errorf("not some with all and some with less: %+v", o)
		}
		before := l.e.Stats().BytesOut
		time.Sleep(8 * time.Second)
		if rate := (l.e.Stats().BytesOut - before) * 8 / 8; rate > limit {
			t.Errorf("%d bit/s of %d", rate, limit)
		}
		stands := standings{}
		stands.look(l)
		least := 0
		for _, v := range in {
			if st := stands[v.ID]; st.Reason == "busy" && st.Rung != "high" {
				least++
			}
			if n := v.Audio[0].Len(); n < 350 {
				t.Errorf("%s: %d packets of voice in 8 s and more", v.ID, n)
			}
		}
		if want := s.Overload.Now["low"] + s.Overload.Now["voice"]; least != want {
			t.Errorf("%d of %d are told why they have less", least, want)
		}

		// Room again: the first leave.
		for _, v := range in[:s.Overload.Now["all"]] {
			if n := whole(t, string(v.ID), v.Video[0]) + whole(t, string(v.ID), v.Audio[0]); n > 0 {
				t.Errorf("%s was in and lost %d packets", v.ID, n)
			}
			v.Close()
		}
		left := in[s.Overload.Now["all"]:]
		most := time.Now().Add(90 * time.Second)
		for l.e.Stats().Overload.Rung != "all" && time.Now().Before(most) {
			time.Sleep(time.Second)
		}
		time.Sleep(20 * time.Second)
		o := l.e.Stats().Overload
		t.Logf("after the first have gone: %+v", o)
		if o.Rung != "all" || o.Now["all"] != len(left) || o.Lifted == 0 {
			t.Errorf("%d left, and they do not get what there is: %+v", len(left), o)
		}
		if v := left[0]; v.Video[0].Len() == 0 || whole(t, string(v.ID), v.Video[0]) > 0 {
			t.Errorf("%s has no whole picture: %d packets", v.ID, v.Video[0].Len())
		}
	})
}

func TestFullServerSendsNewcomersAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLabWith(t, sfu.Config{MaxEgress: 1}) // who is first is in: what a viewer takes is not known before
		sfutest.Subscribe(t, l.net, l.e, room, "first", 1, 1)
		_, err := l.e.Subscribe(t.Context(), room, "second", offers(t)["chromium-watch"])
		if e, ok := errors.AsType[*sfu.Error](err); !ok || e.Code != sfu.Overloaded {
			t.Fatalf("a newcomer to a full server: %v", err)
		}
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{NoVideo: true}) // the stage is never refused
		if o := l.e.Stats().Overload; o.Newcomers["later"] != 1 || o.Newcomers["all"] != 1 {
			t.Errorf("%+v", o)
		}
	})
}
