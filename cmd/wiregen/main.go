// Wiregen writes the TypeScript face of package wire: an interface per message with its comments, the limits, and
// the two unions of envelopes. Run it by go generate in signaling/wire.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	src := flag.String("in", "messages*.go", "Go files that declare the messages")
	out := flag.String("out", "", "TypeScript file to write")
	flag.Parse()
	if err := run(*src, *out); err != nil {
		fmt.Fprintln(os.Stderr, "wiregen:", err)
		os.Exit(1)
	}
}

func run(src, out string) error {
	ts, err := generate(src)
	if err != nil {
		return err
	}
	return os.WriteFile(out, ts, 0o644)
}
