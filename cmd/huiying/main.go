// Command huiying hears what citizens say about public affairs and sees to it that the
// responsible unit answers in time. `huiying help` lists what it does; DESIGN.md says how.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "huiying:", err)
		os.Exit(1)
	}
}
