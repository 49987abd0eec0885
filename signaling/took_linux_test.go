package signaling

import (
	"runtime"
	"syscall"
	"time"
)

// took is the CPU time of f on its own thread.
func took(f func()) time.Duration {
	const thread = 1 // RUSAGE_THREAD
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	spent := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(thread, &r); err != nil {
			panic(err)
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	began := spent()
	f()
	return spent() - began
}
