package audit

import (
	"encoding/binary"
	"fmt"
)

// The layout of a write-ahead log: https://www.sqlite.org/fileformat2.html#walformat
const (
	walHead   = 32
	frameHead = 24
	walMagic  = 0x377f0682 // the lowest bit tells the order of bytes of the sums
)

// WAL checks the sums of a write-ahead log (the file betang.db-wal). SQLite, finding one wrong, takes the frame for the end of the
// log without a word, and what was committed behind it is gone. Frames of an earlier round, by their salt, mean nothing. A last
// frame that is not whole may also have been cut off in the writing, when the machine stopped.
func WAL(log []byte) []Finding {
	if len(log) == 0 {
		return nil
	}
	bad := func(id, en string) []Finding { return []Finding{{"WAL: " + id, "WAL: " + en}} }
	if len(log) < walHead {
		return bad("kepala berkas tidak utuh", "the head of the file is not whole")
	}
	magic := binary.BigEndian.Uint32(log)
	size := int(binary.BigEndian.Uint32(log[8:]))
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 == 1 {
		order = binary.BigEndian
	}
	if magic&^1 != walMagic || size < 512 || size > 65536 || size&(size-1) != 0 {
		return bad("kepala berkas rusak; SQLite tidak membaca isinya sama sekali", "the head of the file is damaged; SQLite reads nothing of it")
	}
	var sum [2]uint32
	add := func(b []byte) {
		for ; len(b) >= 8; b = b[8:] {
			sum[0] += order.Uint32(b) + sum[1]
			sum[1] += order.Uint32(b[4:]) + sum[0]
		}
	}
	fits := func(b []byte) bool {
		return binary.BigEndian.Uint32(b) == sum[0] && binary.BigEndian.Uint32(b[4:]) == sum[1]
	}
	add(log[:24])
	if !fits(log[24:]) {
		return bad("kepala berkas rusak; SQLite tidak membaca isinya sama sekali", "the head of the file is damaged; SQLite reads nothing of it")
	}
	salt := string(log[16:24])
	broken, page, lost := 0, uint32(0), 0
	for n, at := 1, walHead; at+frameHead+size <= len(log); n, at = n+1, at+frameHead+size {
		f := log[at : at+frameHead+size]
		own := string(f[8:16]) == salt
		if broken > 0 {
			if own {
				lost++
			}
			continue
		}
		add(f[:8])
		add(f[frameHead:])
		if !own || !fits(f[16:]) {
			broken, page = n, binary.BigEndian.Uint32(f)
			if own {
				lost++
			}
		}
	}
	if lost == 0 {
		return nil // behind the end are only frames of an earlier round
	}
	return bad(
		fmt.Sprintf("bingkai %d (halaman %d) rusak, sehingga SQLite tidak membaca bingkai itu dan sesudahnya (%d bingkai)", broken, page, lost),
		fmt.Sprintf("frame %d (page %d) is damaged, so SQLite reads neither it nor what follows (%d frames)", broken, page, lost))
}
