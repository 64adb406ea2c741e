package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

func newKey(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Push keys of sources: add, list, revoke",
		Long: `A collector pushes posts with a key: Authorization: Bearer KEY. Each key belongs to one
source, whose name its posts then carry. Only a hash of the key is kept. All three work
beside a running serve, at once.`,
	}
	var source string
	add := &cobra.Command{
		Use:   "add --source NAME",
		Short: "Make a key and print it, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !opinion.ValidSource(source) {
				return fmt.Errorf("--source %q: use up to 63 of a-z, 0-9, dot, underscore and hyphen, a letter or digit first", source)
			}
			return o.store(cmd, func(store opinion.Store) error {
				secret, key := console.NewKey(source, time.Now())
				if err := store.AddKey(cmd.Context(), opinion.System, key); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), secret)
				return nil
			})
		},
	}
	add.Flags().StringVar(&source, "source", "", "name of the source")
	_ = add.MarkFlagRequired("source")
	list := &cobra.Command{
		Use: "list", Short: "List keys by their first characters", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.store(cmd, func(store opinion.Store) error {
				keys, err := store.Keys(cmd.Context(), opinion.System)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tSOURCE\tMADE\tREVOKED")
				for _, k := range keys {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.ID, k.Source, at(&k.CreatedAt), at(k.RevokedAt))
				}
				return w.Flush()
			})
		},
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "Make a key useless, for good", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.store(cmd, func(store opinion.Store) error {
				return store.RevokeKey(cmd.Context(), opinion.System, args[0], time.Now())
			})
		},
	}
	cmd.AddCommand(add, list, revoke)
	return cmd
}

func newUser(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "People who can sign in: add, list, disable",
		Long: `Roles: staff (searches, judges, reviews answers), unit (signs and answers the cases of one
unit), leader (sees everything, changes nothing), admin (users and keys; sees no case).`,
	}
	var u opinion.User
	var role, passwordFile string
	add := &cobra.Command{
		Use: "add --name N --role R [--unit U] --password-file F", Short: "Add a user", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			u.Role, u.CreatedAt = opinion.Role(role), time.Now()
			password, err := os.ReadFile(passwordFile)
			if err != nil {
				return fmt.Errorf("--password-file: %w", err)
			}
			if !console.ValidUserName(u.Name) {
				return fmt.Errorf("--name %q: use up to 64 letters, digits and . _ @ -, a letter or digit first", u.Name)
			}
			if err := o.checkUser(u); err != nil {
				return err
			}
			if u.PasswordHash, err = console.HashPassword(u.Name, strings.TrimRight(string(password), "\r\n")); err != nil {
				return fmt.Errorf("--password-file %s: %w", passwordFile, err)
			}
			return o.store(cmd, func(store opinion.Store) error { return store.AddUser(cmd.Context(), opinion.System, u) })
		},
	}
	f := add.Flags()
	f.StringVar(&u.Name, "name", "", "name to sign in with")
	f.StringVar(&role, "role", "", "staff, unit, leader or admin")
	f.StringVar(&u.Unit, "unit", "", "ID of the unit, for the role unit (`huiying user units` lists them)")
	f.StringVar(&passwordFile, "password-file", "", "file that holds the password")
	for _, name := range []string{"name", "role", "password-file"} {
		_ = add.MarkFlagRequired(name)
	}
	list := &cobra.Command{
		Use: "list", Short: "List users", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.store(cmd, func(store opinion.Store) error {
				users, err := store.Users(cmd.Context(), opinion.System)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tROLE\tUNIT\tMADE\tDISABLED")
				for _, u := range users {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\n", u.Name, u.Role, u.Unit, at(&u.CreatedAt), u.Disabled)
				}
				return w.Flush()
			})
		},
	}
	disable := &cobra.Command{
		Use: "disable NAME", Short: "Keep a user from signing in, and end the user's sessions", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.store(cmd, func(store opinion.Store) error {
				return store.DisableUser(cmd.Context(), opinion.System, args[0], time.Now())
			})
		},
	}
	units := &cobra.Command{
		Use: "units", Short: "List the units with their IDs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pol, err := o.policy()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, u := range pol.Units {
				fmt.Fprintf(w, "%s\t%s\t%s\n", u.ID, u.Name, u.FullName)
			}
			return w.Flush()
		},
	}
	cmd.AddCommand(add, list, disable, units)
	return cmd
}

// checkUser refuses a role or unit that does not exist.
func (o *options) checkUser(u opinion.User) error {
	pol, err := o.policy()
	if err != nil {
		return err
	}
	if !u.Role.Valid() {
		return fmt.Errorf("--role %q: use staff, unit, leader or admin", u.Role)
	}
	if u.Role == opinion.RoleUnit && !pol.Answers(u.Unit) {
		return fmt.Errorf("--unit %q: no such unit, or a set of units; `huiying user units` lists them", u.Unit)
	}
	if u.Role != opinion.RoleUnit && u.Unit != "" {
		return fmt.Errorf("--unit is for the role unit only")
	}
	return nil
}

// store runs f on the store of the configuration.
func (o *options) store(cmd *cobra.Command, f func(opinion.Store) error) error {
	cfg, err := o.load()
	if err != nil {
		return err
	}
	return withStore(cmd.Context(), cfg, f)
}

func at(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.In(opinion.ChinaTime).Format("2006-01-02 15:04")
}
