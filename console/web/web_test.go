package web

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestFSAlwaysHasAPage(t *testing.T) {
	b, err := fs.ReadFile(FS(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "<html") {
		t.Errorf("index.html is no page: %.80q", b)
	}
}

func TestUnbuiltPageTellsTheRemedy(t *testing.T) {
	b, err := fs.ReadFile(sub(unbuilt, "unbuilt"), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "make build") {
		t.Error("the placeholder does not say how to build the pages")
	}
}

func TestBuiltNeedsIndex(t *testing.T) {
	if built(fstest.MapFS{"dist/.gitkeep": {}}) {
		t.Error("only .gitkeep counts as built")
	}
	if !built(fstest.MapFS{"dist/index.html": {}}) {
		t.Error("a built application is not recognised")
	}
}
