package signaling

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"betang/signaling/wire"
)

// Two trainers press everything in the same moment: each press is done, already done, or refused in words; both pages then say the
// same, and so does a new server over the same journal.
func TestTwoTrainersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newLesson(t)
		spk, mod, sri := h.join("spk"), h.join("mod"), h.join("sri")
		h.camera(spk, "1")
		cam := h.camera(sri, "2")
		after(lookEvery)
		seat := spk.get().class.People[0].Seat
		both := []struct {
			t      string
			a, b   any
			may    []string // refused with
			within time.Duration
		}{
			{"class.quiet", wire.Quiet{}, wire.Quiet{Source: string(cam)}, nil, 0},
			{"class.call", wire.CallOn{Source: string(cam)}, wire.CallOn{Source: string(cam)}, nil, 0},
			{"class.rules", wire.SetClass{Lock: true}, wire.SetClass{Share: true}, nil, 0},
			{"class.grant", wire.GrantShare{Seat: seat, On: true}, wire.GrantShare{Seat: seat, On: false}, nil, 0},
			{"rooms.make", wire.MakeRooms{Count: 2, Way: "even"}, wire.MakeRooms{Count: 3, Way: "hand"}, nil, 0},
			{"rooms.put", wire.PutInRoom{Seat: seat, Room: "r2"}, wire.PutInRoom{Seat: seat, Room: "r1"}, nil, 0}, // there is a third only if the other came last
			{"rooms.open", wire.OpenRooms{Minutes: 1}, wire.OpenRooms{Minutes: 5}, nil, 0},
			{"rooms.make", wire.MakeRooms{Count: 2, Way: "even"}, wire.MakeRooms{}, []string{"rooms_open"}, 0},
			{"rooms.close", wire.CloseRooms{Seconds: 30}, wire.CloseRooms{}, nil, 31 * time.Second},
			{"ban", wire.Ban{Target: seat, Reason: "Mengganggu"}, wire.Ban{Target: seat, Reason: "Kasar"}, nil, 0},
		}
		for _, x := range both {
			ids := []uint32{spk.send(x.t, x.a), mod.send(x.t, x.b)}
			synctest.Wait()
			for i, c := range []*client{spk, mod} {
				env := c.get().answers[ids[i]]
				var e wire.Error
				if env.T == "error" {
					if err := json.Unmarshal(env.D, &e); err != nil {
						t.Fatal(err)
					}
				}
				if env.T != "ack" && !slices.Contains(x.may, e.Code) {
					t.Errorf("%s by %d: %s %s", x.t, i, env.T, e.Code)
				}
			}
			after(lookEvery + x.within)
			if a, b := shared(spk), shared(mod); !reflect.DeepEqual(a, b) {
				t.Errorf("after %s one reads %+v, the other %+v", x.t, a, b)
			}
		}
		if st := spk.get().class; st.Open || len(st.People) != 0 {
			t.Errorf("at the end %+v", st)
		}
		if bye := sri.get().bye; bye == nil || bye.Reason != "banned" {
			t.Errorf("who was removed is told %+v", bye)
		}
		was := shared(spk)
		h.restart()
		again := h.join("spk")
		after(lookEvery)
		if now := shared(again); now.Share != was.Share || now.Lock != was.Lock || !reflect.DeepEqual(now.Rooms, was.Rooms) || now.Way != was.Way {
			t.Errorf("after a restart %+v, before %+v", now, was)
		}
	})
}

// shared is what all trainers of a class read alike.
func shared(c *client) wire.ClassState {
	st := c.get().class
	st.Tiles, st.Called, st.Helping = nil, false, false
	return st
}
