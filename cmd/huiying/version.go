package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build (-ldflags -X main.version=…).
var version = "devel"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of huiying, its Go and its main libraries",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			w := cmd.OutOrStdout()
			fmt.Fprintf(w, "huiying %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return
			}
			for _, m := range info.Deps {
				switch m.Path {
				case "github.com/segmentio/kafka-go", "github.com/elastic/go-elasticsearch/v8", "github.com/yanyiwu/gojieba", "modernc.org/sqlite", "github.com/jackc/pgx/v5":
					fmt.Fprintf(w, "  %s %s\n", m.Path, m.Version)
				}
			}
		},
	}
}
