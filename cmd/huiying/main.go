// Command huiying hears what citizens say about public affairs and sees to it that the
// responsible unit answers in time. `huiying help` lists what it does; DESIGN.md says how.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Most memory of the process is the segmenter's, outside the collector's heap, which is
// small and would be collected all the time: an import is a sixth faster with rarer
// collections, up to a bound. GOGC and GOMEMLIMIT win.
const (
	collectAt = 400       // per cent of the live heap
	heapBound = 128 << 20 // bytes; near it collections come as often as needed
)

func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapBound)
	}
}

func main() {
	tuneCollector()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "huiying:", err)
		os.Exit(1)
	}
}
