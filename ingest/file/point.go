package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// fingerprintBytes is how much of each end of a file is hashed to know it again.
const fingerprintBytes = 1 << 20

// state is where an import stands, as it is kept in Progress.
type state struct {
	Summary
	RejectedBytes int64 `json:"rejected_bytes"`
	Done          bool  `json:"done"`
}

// point is the resume point of one import.
type point struct {
	progress Progress
	job      string
	state    state
}

// findPoint looks up where an import of the same file, with the same content and the
// same options, was interrupted.
func findPoint(ctx context.Context, progress Progress, path string, o Options) (*point, error) {
	job, err := jobName(path, o)
	if err != nil {
		return nil, err
	}
	p := &point{progress: progress, job: job}
	saved, err := progress.Progress(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("look for an earlier import: %w", err)
	}
	if saved != "" {
		if err := json.Unmarshal([]byte(saved), &p.state); err != nil {
			return nil, fmt.Errorf("read the point of an earlier import: %w", err)
		}
	}
	if p.state.Done {
		p.state = state{}
	}
	return p, nil
}

// jobName names an import by the file's path, size and both ends, and by the options
// that change what its rows become.
func jobName(path string, o Options) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%s\x00%s\x00%t\x00", abs, info.Size(), o.Source, o.Channel, o.OpenCases)
	for _, k := range slices.Sorted(maps.Keys(o.Map)) {
		fmt.Fprintf(h, "%s\x00%s\x00", k, o.Map[k])
	}
	for _, at := range []int64{0, max(0, info.Size()-fingerprintBytes)} {
		if _, err := io.Copy(h, io.NewSectionReader(f, at, fingerprintBytes)); err != nil {
			return "", fmt.Errorf("read the file: %w", err)
		}
	}
	return "import:" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

func (p *point) save(ctx context.Context) error {
	b, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	if err := p.progress.SetProgress(ctx, p.job, string(b)); err != nil {
		return fmt.Errorf("save the point of the import: %w", err)
	}
	return nil
}

func (p *point) finish(ctx context.Context) error {
	p.state.Done = true
	return p.save(ctx)
}
