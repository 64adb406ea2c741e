// Package web holds the built browser application. The build (npm run build) writes it
// to dist, which is not kept in the repository; see FS.
package web

import (
	"embed"
	"io/fs"
)

// dist is the built application, or only .gitkeep.
//
//go:embed all:dist
var dist embed.FS

// unbuilt is the page that stands in when the binary was compiled before the browser
// application was built.
//
//go:embed unbuilt
var unbuilt embed.FS

// FS returns the files of the built browser application, index.html at the root. A
// binary that was compiled without them gets one page that says so and how to mend it;
// Built tells the two apart. It is safe for concurrent use.
func FS() fs.FS {
	if Built() {
		return sub(dist, "dist")
	}
	return sub(unbuilt, "unbuilt")
}

// Built reports whether the binary holds the built application.
func Built() bool { return built(dist) }

func built(files fs.FS) bool {
	_, err := fs.Stat(files, "dist/index.html")
	return err == nil
}

// sub cannot fail: the directives above name the directories.
func sub(files fs.FS, dir string) fs.FS {
	root, err := fs.Sub(files, dir)
	if err != nil {
		panic("web: " + err.Error())
	}
	return root
}
