// Package static embeds the built web client and serves it.
package static

import "embed"

//go:embed all:dist
var dist embed.FS

var _ = dist
