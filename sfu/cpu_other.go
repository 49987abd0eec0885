//go:build !unix

package sfu

// processTime is not known here: only Config.MaxEgress bounds the load.
func processTime() int64 { return 0 }
