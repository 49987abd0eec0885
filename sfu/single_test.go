package sfu_test

import (
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"
)

// TestSingleLayerStarts: an encoder with one layer of 1.5 Mbit/s (OBS, say) is more than a viewer is believed to take at first.
// Probes alone say that the path carries it, so they must be sent before there ever was a picture.
func TestSingleLayerStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := newNarrowLab(t)
		sfutest.Publish(t, l.net, l.e, room, "obs", sfutest.Options{Rates: []int{1_500_000}, Voice: 60})
		l.e.SetScene(room, sfu.Scene{Main: "obs", Audio: []sfu.PeerID{"obs"}})
		time.Sleep(3 * time.Second)
		began := time.Now()
		v := sfutest.SubscribeTelling(t, l.net, l.e, room, "tells", 1, 1, func(string) {})
		time.Sleep(5 * time.Second)
		packets := v.Video[0].Packets()
		if len(packets) == 0 {
			t.Fatal("no picture")
		}
		if after := packets[0].At.Sub(began); after > 2500*time.Millisecond {
			t.Errorf("the first packet of the picture came after %v", after)
		} else {
			t.Logf("the first packet of the picture came after %v", after)
		}
	})
}
