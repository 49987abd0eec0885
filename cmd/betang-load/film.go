package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
)

// pictures is what a camera's layer sends: the payloads of one frame after the other.
type pictures interface {
	// frame gives the payloads of the next frame, valid until the next call; a keyframe if key.
	frame(key bool) (payloads [][]byte, isKey bool)
}

// film is a real VP8 picture from an IVF file, over and over; its first frame is the only keyframe it needs.
type film struct {
	frames [][]byte
	at     int
	pack   codecs.VP8Payloader
}

// filmMTU is the largest payload of a film's packet.
const filmMTU = 1160

// readFilm reads rid.ivf of a folder.
func readFilm(dir, rid string) (*film, error) {
	data, err := os.ReadFile(filepath.Join(dir, rid+".ivf"))
	if err != nil {
		return nil, err
	}
	f := &film{pack: codecs.VP8Payloader{EnablePictureID: true}}
	r, head, err := ivfreader.NewWith(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s.ivf: %w", rid, err)
	}
	if head.FourCC != "VP80" {
		return nil, fmt.Errorf("%s.ivf: %s, want VP8", rid, head.FourCC)
	}
	for {
		frame, _, err := r.ParseNextFrame()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s.ivf: %w", rid, err)
		}
		f.frames = append(f.frames, frame)
	}
	if len(f.frames) == 0 {
		return nil, fmt.Errorf("%s.ivf: no frame", rid)
	}
	return f, nil
}

func (f *film) frame(key bool) ([][]byte, bool) {
	if key || f.at == len(f.frames) {
		f.at = 0
	}
	// Bytes after a frame's last partition are nobody's: there the stamp has room, whole in the last packet.
	room := make([]byte, len(f.frames[f.at])+2*stampSize)
	n := copy(room, f.frames[f.at]) + stampSize
	if last := n % (filmMTU - descriptorSize); last < stampSize {
		n += stampSize
	}
	f.at++
	return f.pack.Payload(filmMTU-descriptorSize+4, room[:n]), f.at == 1
}
