package turn

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x00\x03\x00\x04\x21\x12\xa4\x42abcdefghijklwxyz\x40\x00\x00\x03abc\x00"))
	f.Add([]byte("\x00\x03\xff\xfc\x21\x12\xa4\x42"))
	f.Add([]byte("\x4f\xff\xff\xff"))
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, buf, read := iotest.OneByteReader(bytes.NewReader(in)), make([]byte, maxFrame+1), 0
		for {
			n, err := readFrame(r, buf)
			if err != nil {
				if errors.Is(err, io.EOF) && read != len(in) {
					t.Fatalf("a clean end after %d of %d bytes", read, len(in))
				}
				return
			}
			if n < 4 || n > maxFrame || n%4 != 0 || !bytes.Equal(buf[:n], in[read:read+n]) {
				t.Fatalf("%d bytes, other than came", n)
			}
			read += n
		}
	})
}

func FuzzHolder(f *testing.F) {
	f.Add("1790301600:demo:abcdefghijklmnop")
	f.Add(":x")
	f.Add("99999999999999999999:x")
	f.Fuzz(func(t *testing.T, user string) {
		id, until, ok := holder(user)
		if ok && (id == "" || until.Unix() < 0) {
			t.Fatalf("%q: %q until %v", user, id, until)
		}
	})
}
