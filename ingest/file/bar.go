package file

import (
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar draws how much of the file was read. Without a terminal it draws nothing.
type bar struct{ p *progressbar.ProgressBar }

func newBar(w io.Writer, path string) *bar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{}
	}
	size := int64(-1)
	if info, err := os.Stat(path); err == nil && filepath.Ext(path) != ".xlsx" {
		size = info.Size()
	}
	return &bar{p: progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(f), progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100_000_000),
		progressbar.OptionSetDescription(filepath.Base(path)), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

func (b *bar) read(n int) {
	if b.p != nil {
		b.p.Add(n)
	}
}

func (b *bar) close() {
	if b.p != nil {
		b.p.Finish()
	}
}
