// Package seeds holds the files that the product ships with, embedded in the binary:
// the policy, the dictionaries, the demonstration posts and the text model. The files are
// the source; nothing generates them but the model, which `huiying train` makes. An operator
// replaces the policy by a directory of the same shape (see policy.Load).
package seeds

import (
	"embed"
	"io/fs"
)

//go:embed policy/*.json demo/* dict/* models/text.model models/risk.json
var files embed.FS

// The embedded trees, each rooted at its own folder and read-only.
var (
	// Policy holds the rules: units.json, topics.json, deadlines.json, …
	Policy fs.FS = sub("policy")
	// Demo holds posts.jsonl: invented posts for a first look.
	Demo fs.FS = sub("demo")
	// Dict holds the segmenter's dictionaries.
	Dict fs.FS = sub("dict")
	// Models holds text.model and risk.json.
	Models fs.FS = sub("models")
)

func sub(name string) fs.FS {
	tree, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // only an invalid name fails, and the names are above
	}
	return tree
}
