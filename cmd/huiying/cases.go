package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/opinion"
)

func newCases(o *options) *cobra.Command {
	var asJSON bool
	var state string
	q := opinion.CaseQuery{}
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases with their units, deadlines and steps",
		Long: `cases lists cases, newest first. With --json it prints every case, as one object
{"total", "cases"}: number, level, state, units, deadlines with the trace of how each was
counted, steps, reasons.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := o.load()
			if err != nil {
				return err
			}
			if cfg.Postgres.URL == "" {
				if err := existingDir(cfg.Data); err != nil {
					return err
				}
			}
			q.State = opinion.CaseState(state)
			return withStore(cmd.Context(), cfg, func(store opinion.Store) error {
				if asJSON {
					return writeCases(cmd.Context(), store, q, cmd.OutOrStdout())
				}
				return printCases(cmd.Context(), store, q, cmd.OutOrStdout())
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "print one JSON object with all cases")
	f.StringVar(&state, "state", "", "to_sign, handling, review or closed")
	f.StringVar(&q.Unit, "unit", "", "ID of a lead or co-unit")
	f.StringVar(&q.Topic, "topic", "", "ID of a topic")
	return cmd
}

// withStore opens the store, and closes it.
func withStore(ctx context.Context, cfg config, f func(opinion.Store) error) (err error) {
	p, err := sharedParts(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.closers.close(closeTimeout)) }()
	if err := p.openStore(ctx); err != nil {
		return err
	}
	return f(p.store)
}

const casesPage = 500

// eachCase calls f for every case of the question.
func eachCase(ctx context.Context, store opinion.Store, q opinion.CaseQuery, f func(total int, c opinion.Case) error) error {
	q.Limit = casesPage
	for {
		page, err := store.Cases(ctx, opinion.System, q)
		if err != nil {
			return err
		}
		for _, c := range page.Cases {
			if err := f(page.Total, c); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// writeCases streams one JSON object, so that five years of cases need no memory.
func writeCases(ctx context.Context, store opinion.Store, q opinion.CaseQuery, w io.Writer) error {
	n := 0
	if _, err := fmt.Fprint(w, `{"cases":[`); err != nil {
		return err
	}
	err := eachCase(ctx, store, q, func(_ int, c opinion.Case) error {
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if n++; n > 1 {
			b = append([]byte(",\n"), b...)
		}
		_, err = w.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "],\"total\":%d}\n", n)
	return err
}

func printCases(ctx context.Context, store opinion.Store, q opinion.CaseQuery, w io.Writer) error {
	n := 0
	err := eachCase(ctx, store, q, func(_ int, c opinion.Case) error {
		n++
		due := "all met"
		for _, d := range c.Deadlines {
			if d.MetAt == nil {
				due = fmt.Sprintf("%s until %s", d.Kind, d.Due.In(opinion.ChinaTime).Format("2006-01-02 15:04"))
				break
			}
		}
		_, err := fmt.Fprintf(w, "%s  %-3s %-8s %-20s %s  %s\n", c.Number, c.Level, c.State, c.LeadUnit, due, c.Title)
		return err
	})
	if err == nil && n == 0 {
		fmt.Fprintln(w, "no case; `huiying doctor` tells why")
	}
	return err
}
