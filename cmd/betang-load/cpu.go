package main

import (
	"bytes"
	"errors"
	"os"
	"strconv"
)

// cpuTimes is user and system time in seconds since a process began; negative: unknown.
type cpuTimes struct{ self, server float64 }

func readCPU(serverPID int) cpuTimes {
	t := cpuTimes{self: -1, server: -1}
	if s, err := procCPU(os.Getpid()); err == nil {
		t.self = s
	}
	if serverPID > 0 {
		if s, err := procCPU(serverPID); err == nil {
			t.server = s
		}
	}
	return t
}

// procCPU reads /proc/PID/stat (Linux only; an error elsewhere).
func procCPU(pid int) (float64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	return parseStat(b)
}

// parseStat takes fields 14 and 15, utime and stime in ticks of 1/100 s (proc(5)). Field 2, the program's name in
// parentheses, may hold anything, spaces and parentheses too.
func parseStat(b []byte) (float64, error) {
	i := bytes.LastIndexByte(b, ')')
	if i < 0 {
		return 0, errors.New("stat: no program name")
	}
	f := bytes.Fields(b[i+1:]) // from field 3 on
	if len(f) < 13 {
		return 0, errors.New("stat: too few fields")
	}
	user, err := strconv.ParseUint(string(f[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseUint(string(f[12]), 10, 64)
	if err != nil {
		return 0, err
	}
	return float64(user+system) / 100, nil
}

// readRSS is a process's resident memory in bytes; 0: unknown.
func readRSS(pid int) uint64 {
	if pid <= 0 {
		return 0
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(string(f[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
