package relational

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/huiying/huiying/opinion"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaTable is where the applied versions stand.
const schemaTable = "schema_version"

// migrate brings the schema to the newest version that this release knows. Instances
// that start together take turns; a schema from a newer release is an error.
func migrate(ctx context.Context, db Database) (err error) {
	unlock, err := db.Lock(ctx)
	if err != nil {
		return fmt.Errorf("wait for other instances that migrate: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()

	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(db.Dialect.goose, db.Write, files,
		goose.WithTableName(schemaTable),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(appendOnlyMigration(db.Dialect)))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if current > target {
		return opinion.Errorf(opinion.CodeInvalid,
			"the %s database has schema version %d and this release knows up to %d: start the newer release, or restore the backup taken before it was installed",
			db.Dialect.Name, current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema from version %d to %d: %w", current, target, err)
	}
	return nil
}

// appendOnlyMigration is version 2: ledger and steps can only grow. It is in Go because
// triggers are the one thing that the two databases spell differently.
func appendOnlyMigration(d Dialect) *goose.Migration {
	up := func(ctx context.Context, tx *sql.Tx) error {
		statements := append(d.appendOnly("ledger", "seq"), d.appendOnly("steps", "case_id", "seq")...)
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
	return goose.NewGoMigration(2, &goose.GoFunc{RunTx: up}, nil)
}
