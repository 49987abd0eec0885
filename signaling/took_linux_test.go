package signaling

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// took is the CPU time of f on its own thread.
func took(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	spent := func() time.Duration {
		var at unix.Timespec // rusage would go by the scheduler's ticks of 4 ms
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at); err != nil {
			panic(err)
		}
		return time.Duration(at.Nano())
	}
	began := spent()
	f()
	return spent() - began
}
