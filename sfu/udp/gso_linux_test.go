package udp

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// refuse makes the batch's system call fail as on a path that cannot segment: a message with a segment size is an EIO. The others
// go out.
func refuse(b *Batch) {
	r, real := &b.raw, b.raw.call
	r.call = func(fd uintptr) bool {
		to := r.to
		for i := r.from; i < r.to; i++ {
			if r.hdrs[i].hdr.Controllen == 0 {
				continue
			}
			if i == r.from {
				r.sent, r.errno = 0, unix.EIO
				return true
			}
			r.to = i // the kernel stops at the first that fails, and says so at the next call
			break
		}
		done := real(fd)
		r.to = to
		return done
	}
}

// TestSegmentationRefused: a path that refuses segmentation (EIO) costs more from then on and loses nothing. It is told once.
func TestSegmentationRefused(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			to, from := listen(t, address), listen(t, address)
			if !from.GSO() {
				t.Skip("this kernel has no UDP segmentation")
			}
			other := listen(t, address)
			b := from.NewBatch()
			refuse(b)
			put := func(c *Conn, size int, mark byte) {
				room, err := b.Room()
				if err != nil {
					t.Fatal(err)
				}
				clear(room[:size])
				room[0] = mark
				b.Commit(c.LocalAddrPort(), size)
			}
			put(other, 200, 1) // before it: goes out by itself
			for i := range byte(5) {
				put(to, 1178, 2+i)
			}
			put(other, 100, 7)
			put(to, 500, 8)
			put(to, 500, 9)
			err := b.Flush()
			off, ok := errors.AsType[ErrGSODisabled](err)
			if !ok || off.Retry != nil || off.Error() == "" {
				t.Fatalf("flush: %v", err)
			}
			if from.GSO() {
				t.Error("segmentation is still on")
			}
			for i, got := range collect(t, to, 7) {
				want := append([]byte{2, 3, 4, 5, 6, 8, 9}[i:i+1:i+1], make([]byte, len(got)-1)...)
				if !bytes.Equal(got, want) {
					t.Errorf("datagram %d: %d bytes, mark %d", i, len(got), got[0])
				}
			}
			if got := collect(t, other, 2); got[0][0] != 1 || got[1][0] != 7 {
				t.Errorf("to the other: %d, %d", got[0][0], got[1][0])
			}
			if d := from.Stats.Datagrams.Load(); d != 9 || from.Stats.Dropped.Load() != 0 || from.Stats.Bytes.Load() != 200+5*1178+100+1000 {
				t.Errorf("%d datagrams, %d bytes, %d dropped", d, from.Stats.Bytes.Load(), from.Stats.Dropped.Load())
			}
			for range 5 {
				put(to, 1178, 9)
			}
			if err := b.Flush(); err != nil {
				t.Errorf("told twice: %v", err)
			}
			collect(t, to, 5)
		})
	}
}
