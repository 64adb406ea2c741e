package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/seeds"
)

// demoPost is a line of seeds/demo/posts.jsonl: a post as push takes it, with an age in
// place of a time, so that the demonstration is always of today.
type demoPost struct {
	Source     string          `json:"source"`
	ID         string          `json:"id"`
	Channel    opinion.Channel `json:"channel"`
	URL        string          `json:"url"`
	Author     string          `json:"author"`
	Title      string          `json:"title"`
	Text       string          `json:"text"`
	Place      string          `json:"place"`
	Likes      int             `json:"likes"`
	Dislikes   int             `json:"dislikes"`
	Comments   int             `json:"comments"`
	Reposts    int             `json:"reposts"`
	AgeMinutes int             `json:"age_minutes"`
}

func (d demoPost) raw(now time.Time) opinion.Raw {
	return opinion.Raw{
		Source: d.Source, SourceID: d.ID, Channel: d.Channel, URL: d.URL, Author: d.Author, Title: d.Title, Text: d.Text,
		Place: d.Place, Likes: d.Likes, Dislikes: d.Dislikes, Comments: d.Comments, Reposts: d.Reposts,
		PublishedAt: now.Add(-time.Duration(d.AgeMinutes) * time.Minute),
	}
}

// demo makes the demonstration accounts and takes the demonstration posts in, through the
// same intake as any other post. Both are made once for a data directory.
func (r *runner) demo(ctx context.Context, say func(format string, args ...any)) error {
	if !r.probe.await(ctx) {
		return nil
	}
	if err := r.demoTakeIn(ctx); err != nil {
		return err
	}
	accounts, err := r.demoAccounts(ctx)
	if err != nil {
		return fmt.Errorf("make demonstration accounts: %w", err)
	}
	r.sayAccounts(accounts, say)
	return nil
}

// demoTakeIn takes the demonstration posts in, unless it has done so before.
func (r *runner) demoTakeIn(ctx context.Context) error {
	const job = "demo"
	if done, err := r.parts.store.Progress(ctx, job); err != nil || done != "" {
		return err
	}
	posts, err := demoPosts(time.Now())
	if err != nil {
		return fmt.Errorf("read demonstration posts: %w", err)
	}
	if _, err := r.intake.Accept(ctx, posts, opinion.IntakeOptions{}); err != nil {
		return fmt.Errorf("take in demonstration posts: %w", err)
	}
	return r.parts.store.SetProgress(ctx, job, "done")
}

func demoPosts(now time.Time) ([]opinion.Raw, error) {
	f, err := seeds.Demo.Open("posts.jsonl")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var posts []opinion.Raw
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var d demoPost
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(posts)+1, err)
		}
		posts = append(posts, d.raw(now))
	}
	return posts, nil
}

// account is a demonstration account. Its password is made up for each data directory.
type account struct {
	Name     string       `json:"name"`
	Role     opinion.Role `json:"role"`
	Unit     string       `json:"unit,omitempty"`
	Password string       `json:"password"`
}

// demoUnits are the units that get an account: those with most demonstration cases.
var demoUnits = []string{"u-chengguanwei", "u-jiaowei", "u-zhujian"}

// demoAccounts reads the accounts of the data directory, or makes them.
func (r *runner) demoAccounts(ctx context.Context) ([]account, error) {
	file := r.parts.dir.file("demo-accounts.json")
	var accounts []account
	if b, err := os.ReadFile(file); err == nil {
		return accounts, json.Unmarshal(b, &accounts)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	accounts = []account{{Name: "staff", Role: opinion.RoleStaff}, {Name: "leader", Role: opinion.RoleLeader}, {Name: "admin", Role: opinion.RoleAdmin}}
	for _, unit := range demoUnits {
		accounts = append(accounts, account{Name: unit[len("u-"):], Role: opinion.RoleUnit, Unit: unit})
	}
	for i := range accounts {
		accounts[i].Password = rand.Text()[:16]
		if err := r.addAccount(ctx, accounts[i]); err != nil {
			return nil, err
		}
	}
	b, err := json.MarshalIndent(accounts, "", "  ")
	if err != nil {
		return nil, err
	}
	return accounts, os.WriteFile(file, b, 0o600)
}

func (r *runner) addAccount(ctx context.Context, a account) error {
	hash, err := console.HashPassword(a.Name, a.Password)
	if err != nil {
		return err
	}
	u := opinion.User{Name: a.Name, Role: a.Role, Unit: a.Unit, PasswordHash: hash, CreatedAt: time.Now()}
	err = r.parts.store.AddUser(ctx, opinion.System, u)
	if opinion.CodeOf(err) == opinion.CodeConflict {
		return fmt.Errorf("user %s exists and is not of the demonstration: use a new --data directory for --demo", a.Name)
	}
	return err
}

func (r *runner) sayAccounts(accounts []account, say func(format string, args ...any)) {
	say("demonstration accounts:")
	for _, a := range accounts {
		unit, _ := r.parts.policy.Unit(a.Unit)
		say("  %-14s %-18s %-7s %s", a.Name, a.Password, a.Role, unit.Name)
	}
}
