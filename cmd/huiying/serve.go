package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

const (
	// closeTimeout bounds each half of a stop: finishing requests and batches, then
	// closing the parts.
	closeTimeout = 15 * time.Second
	readTimeout  = 2 * time.Minute
)

func newServe(o *options) *cobra.Command {
	var demo bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the roles of this instance: all four, unless told",
		Long: `serve runs ingest, analyze, alert and console, or those named with --role, and prints
"ready http://HOST:PORT" on standard output once it accepts posts and answers searches.

Without addresses of servers everything is embedded and kept in --data: a Kafka-protocol
broker, an SQLite index and an SQLite store. HUIYING_KAFKA_BROKERS, HUIYING_ELASTIC_URLS
and HUIYING_POSTGRES_URL turn the embedded parts off one by one. Instances with some of
the roles need all three.`,
		Example: `  huiying serve --data data --demo
  huiying serve --role analyze --role alert --config /etc/huiying.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, demo, func(format string, args ...any) {
				fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
			})
		},
	}
	f := cmd.Flags()
	f.Func("listen", "HOST:PORT of pages, API and push (default 127.0.0.1:8080)", func(s string) error { o.flags["listen"] = s; return nil })
	f.Func("role", "ingest, analyze, alert or console; may be repeated (default all)", func(s string) error {
		o.flags["roles"] = strings.TrimPrefix(o.flags["roles"]+","+s, ",")
		return nil
	})
	f.BoolVar(&demo, "demo", false, "load demonstration posts and make an account for each role")
	return cmd
}

// serve runs the instance until ctx ends. Stopping goes the way of the flow: first no
// more requests, then the stages finish their batches, then the parts are closed.
func serve(ctx context.Context, cfg config, demo bool, say func(format string, args ...any)) (err error) {
	p, err := newParts(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.closers.close(closeTimeout)) }()
	if b := p.dir.beside; b != nil {
		return fmt.Errorf("%s is in use by another serve at %s (process %d); stop it, or name another directory with --data", cfg.Data, b.Address, b.PID)
	}
	if err := openAll(ctx, p); err != nil {
		return err
	}
	r, err := build(ctx, p)
	if err != nil {
		return err
	}
	return r.run(ctx, demo, say)
}

func openAll(ctx context.Context, p *parts) error {
	if err := p.openStore(ctx); err != nil {
		return err
	}
	if err := p.openSegmenter(); err != nil {
		return err
	}
	if err := p.openIndex(ctx); err != nil {
		return err
	}
	return p.openLog(ctx)
}

// stage is a role's work, or a part of it.
type stage struct {
	name string
	run  func(context.Context) error
}

// runner is a built instance.
type runner struct {
	parts  *parts
	stages []stage
	web    http.Handler
	probe  *probe
	intake intake
}

// run starts the stages and the server, says that it is ready, and waits.
func (r *runner) run(ctx context.Context, demo bool, say func(format string, args ...any)) error {
	listener, err := net.Listen("tcp", r.parts.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s (setting listen): %w", r.parts.cfg.Listen, err)
	}
	address := "http://" + listener.Addr().String()
	if err := r.parts.dir.announce(runningNow(address, r.parts.brokers)); err != nil {
		return err
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	g, gctx := errgroup.WithContext(work)
	start(g, gctx, r.stages)
	servers := r.servers()
	g.Go(func() error { return ignoreClosed(servers[0].Serve(listener)) })
	for _, s := range servers[1:] {
		g.Go(func() error { return ignoreClosed(s.ListenAndServe()) })
	}
	g.Go(func() error {
		select {
		case <-ctx.Done():
			r.parts.logger.Info("stopping")
		case <-gctx.Done():
		}
		r.probe.stop()
		shutdown(servers)
		stopWork()
		return nil
	})
	if demo {
		g.Go(func() error { return r.demo(gctx, say) })
	}
	g.Go(func() error {
		if r.probe.await(gctx) {
			say("ready %s", address)
		}
		return nil
	})
	return g.Wait()
}

// start runs each stage; one that fails ends the group.
func start(g *errgroup.Group, ctx context.Context, stages []stage) {
	for _, s := range stages {
		g.Go(func() error {
			if err := s.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			return nil
		})
	}
}

// servers are the main one and, when configured, that of the metrics.
func (r *runner) servers() []*http.Server {
	list := []*http.Server{newServer("", r.web)}
	if a := r.parts.cfg.Metrics.Listen; a != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", r.parts.metrics())
		list = append(list, newServer(a, mux))
	}
	return list
}

func newServer(address string, h http.Handler) *http.Server {
	return &http.Server{
		Addr: address, Handler: h,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: readTimeout, IdleTimeout: readTimeout,
		MaxHeaderBytes: 64 << 10,
	}
}

func shutdown(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			_ = s.Close() // requests that do not end in time are cut
		}
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
