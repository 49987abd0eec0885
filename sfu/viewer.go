package sfu

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// viewer is a peer that receives: a Down for each m-line it offered, in order.
type viewer struct {
	*peer
	shard *shard
	came  uint32        // its place in the order of joining
	live  atomic.Bool   // connected once; written under Router.mu
	rung  atomic.Uint32 // admit.Rung: what the server lets it have
	small atomic.Bool   // its tiles need their least height only
	own   *Scene        // instead of the router's; guarded by Router.mu
	cast  cast
	proof delivery
	out   outlet // its link
	steering

	downs atomic.Pointer[[]*Down] // replaced whole by bindSlots
	bound atomic.Pointer[[]*Down] // those with an SSRC; replaced whole by known

	pulse // feedback's own

	// Owned by the shard.
	stopped bool
	due     int64 // next sender reports
	nth     int
	budget  budget
}

func newViewer(p *peer) *viewer {
	v := &viewer{peer: p}
	v.came = p.e.next.Add(1)
	v.shard = p.e.shards[v.came%uint32(len(p.e.shards))]
	return v
}

func (v *viewer) all() []*Down {
	if p := v.downs.Load(); p != nil {
		return *p
	}
	return nil
}

// bindSlots makes a Down for each m-line that has none yet, and has the link bind it. pion gives tracks to the m-lines of
// their kind in order, and readOffer has switched off those it must not take.
func (v *viewer) bindSlots(o *offer, bind func(d *Down, s section) error) error {
	list := append([]*Down(nil), v.all()...)
	have := map[string]bool{}
	count := map[string]int{}
	for _, d := range list {
		have[d.mid] = true
	}
	for _, s := range o.sections {
		slot := count[s.media]
		count[s.media]++
		if !s.takes || s.media != "audio" && s.media != "video" || have[s.mid] {
			continue
		}
		// A clone: the m-line's name is part of the whole offer's text.
		d := &Down{v: v, mid: strings.Clone(s.mid), slot: slot, kind: webrtc.RTPCodecTypeAudio}
		// The main picture and the first voice are one stream, so that a player keeps them in step; but see untimed.
		d.id, d.stream = slotNames(s.media, slot)
		if s.media == "video" {
			d.kind = webrtc.RTPCodecTypeVideo
		}
		if err := bind(d, s); err != nil {
			return err
		}
		list = append(list, d)
	}
	v.downs.Store(&list)
	return nil
}

// stageStream is what the main picture and the first voice are together.
const stageStream = "stage"

// slotNames are those of a slot's track and of its stream. Most are in one table for all viewers.
func slotNames(media string, slot int) (id, stream string) {
	if slot >= len(slotTable["audio"]) {
		id = media + strconv.Itoa(slot)
		return id, id
	}
	id = slotTable[media][slot]
	if slot == 0 {
		return id, stageStream
	}
	return id, id
}

var slotTable = map[string][4]string{
	"audio": {"audio0", "audio1", "audio2", "audio3"}, "video": {"video0", "video1", "video2", "video3"},
}

// prepare reads the answer: under which payload types each slot may send.
func (v *viewer) prepare(answer string) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		return // pion wrote it; SetLocalDescription will say so
	}
	formats := map[string][]format{}
	for _, s := range readSections(&d) {
		if s.open {
			formats[s.mid] = s.formats
		}
	}
	for _, d := range v.all() {
		if d.formats == nil {
			d.formats = formats[d.mid]
		}
	}
}

// known is called when a slot has its SSRCs: from now on RTCP finds it.
func (v *viewer) known(d *Down) {
	var list []*Down
	if p := v.bound.Load(); p != nil {
		list = append(list, *p...)
	}
	list = append(list, d)
	v.bound.Store(&list)
}

// assign fills the slots. The router calls it; the shard does it.
func (v *viewer) assign(src sources) {
	v.shard.post(func() {
		if v.stopped {
			return
		}
		v.shard.viewers[v] = struct{}{}
		for _, d := range v.all() {
			var u *Up
			if d.kind == webrtc.RTPCodecTypeVideo && d.slot < videoSlots {
				u = src.video[d.slot]
				was := d.untimed()
				d.screen = d.slot == 0 && src.share.Main || d.slot == 1 && src.share.Second
				if d.untimed() != was {
					v.due = 0
				}
			}
			if d.kind == webrtc.RTPCodecTypeAudio && d.slot < audioSlots {
				u = src.audio[d.slot]
			}
			d.follow(v.shard, u)
		}
		v.steer(v.shard)
	})
}

// stop takes the viewer out of its shard.
func (v *viewer) stop() {
	v.shard.post(func() {
		v.stopped = true
		delete(v.shard.viewers, v)
		for _, d := range v.all() {
			d.up = nil
			d.silence(v.shard)
		}
	})
}

// untimed tells whether nothing shall be kept in step with what the slot shows: a shared screen in the voice's stream, whose page may take
// seconds on a narrow path. Its sender reports then name no wallclock, a time of 0 (RFC 3550 section 6.4.1), and a player leaves the voice
// as it is. (A stream of its own would be named in the answer, before anybody knows what the slot will show.)
func (d *Down) untimed() bool { return d.screen && d.stream == stageStream }

// voiceFree tells whether the voice follows no picture now.
func (v *viewer) voiceFree() bool { return slices.ContainsFunc(v.all(), (*Down).untimed) }

// reports writes the sender reports (RFC 3550 section 6.4.1) of all slots that send, in one packet: two in the first second,
// because a browser needs two to put sound and picture together, then one every two seconds.
func (v *viewer) reports(s *shard) {
	if s.now < v.due {
		return
	}
	var out []rtcp.Packet
	names := &rtcp.SourceDescription{}
	for _, d := range v.all() {
		if d.cur == nil || d.packets == 0 {
			continue
		}
		ntp := toNTP(s.now)
		if d.untimed() {
			ntp = 0
		}
		stamp, ok := d.cur.timestamp(s.now)
		if !ok {
			continue
		}
		if stamp, ok = d.mapper.Timestamp(stamp); !ok {
			continue
		}
		out = append(out, &rtcp.SenderReport{
			SSRC: d.ssrc, NTPTime: ntp, RTPTime: stamp, PacketCount: d.packets, OctetCount: d.octets,
		})
		names.Chunks = append(names.Chunks, rtcp.SourceDescriptionChunk{
			Source: d.ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: d.stream}},
		})
	}
	if len(out) == 0 {
		return
	}
	v.due = s.now + 2e9
	if v.nth++; v.nth < 3 {
		v.due = s.now + 5e8
	}
	s.e.count.reportsOut.Add(uint64(len(out)))
	if v.out.sendRTCP(s, append(out, names)) != nil {
		s.drop(DropWrite, 1)
	}
}
