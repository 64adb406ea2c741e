package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// The files of a policy directory. All must be there.
const (
	fileAlert     = "alert.json"
	fileCalendar  = "calendar.json"
	fileDeadlines = "deadlines.json"
	fileDistrict  = "district.json"
	filePlaces    = "places.json"
	fileRegions   = "regions.json"
	fileRisk      = "risk.json"
	fileTopics    = "topics.json"
	fileUnits     = "units.json"
	fileWorklist  = "worklist.json"
)

// Files lists the files of a policy directory in the order in which Policy.Version
// hashes them.
var Files = []string{fileAlert, fileCalendar, fileDeadlines, fileDistrict, filePlaces, fileRegions, fileRisk, fileTopics, fileUnits, fileWorklist}

// maxFile bounds one policy file, in bytes.
const maxFile = 8 << 20

// Meta stands at the head of every policy file.
type Meta struct {
	// Version is the file's own, 1 to 32 characters of [0-9A-Za-z.-]; it is raised with
	// every change.
	Version string   `json:"version"`
	Source  string   `json:"source"`
	Notes   []string `json:"notes,omitempty"`
}

var versionForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$`)

// Load reads a policy directory and checks all of it. The error lists every problem
// that was found, not only the first, each with the file, the key and the fix; it is an
// *opinion.Error with CodeInvalid.
func Load(fsys fs.FS) (*Policy, error) {
	l := loader{fsys: fsys, sums: map[string][]byte{}, metas: map[string]Meta{}}
	p := l.read()
	if len(l.problems.list) == 0 {
		check(p, &l.problems)
	}
	if err := l.problems.err(); err != nil {
		return nil, err
	}
	p.Version = l.version()
	p.Calendar.Version = stamp(l.metas[fileCalendar].Version, l.sums[fileCalendar])
	return p, nil
}

// loader reads the files of one directory and remembers their hashes.
type loader struct {
	fsys     fs.FS
	sums     map[string][]byte // SHA-256 by file
	metas    map[string]Meta
	problems problems
}

func (l *loader) read() *Policy {
	p := &Policy{}
	var (
		units    = struct{ Units *[]opinion.Unit }{&p.Units}
		worklist = struct{ Items *[]Item }{&p.Items}
		topics   = struct{ Topics *[]Topic }{&p.Topics}
		places   = struct{ Places *[]Place }{&p.Places}
		regions  = struct{ Regions *[]Region }{&p.Regions}
	)
	l.file(fileUnits, &units)
	l.file(fileWorklist, &worklist)
	l.file(fileTopics, &topics)
	l.file(filePlaces, &places)
	l.file(fileDistrict, &p.District)
	l.file(fileRegions, &regions)
	l.file(fileRisk, &p.Risk)
	l.file(fileDeadlines, &p.Deadlines)
	l.file(fileCalendar, &p.Calendar)
	l.file(fileAlert, &p.Alert)
	return p
}

// file decodes one file into v, which names every key that the file may have but meta.
func (l *loader) file(name string, v any) {
	data, err := readBounded(l.fsys, name)
	if err != nil {
		l.problems.add(name, "", readProblem(err), "a policy directory holds "+strings.Join(Files, ", "))
		return
	}
	sum := sha256.Sum256(data)
	l.sums[name] = sum[:]
	meta, rest, err := splitMeta(data)
	if err == nil {
		err = decodeStrict(rest, v)
	}
	if err != nil {
		l.problems.add(name, "", describeJSON(data, err), "compare with the file of that name in seeds/policy")
		return
	}
	if !versionForm.MatchString(meta.Version) {
		l.problems.add(name, "meta.version", quoted(meta.Version), `give the file a version such as "2026.11.1"`)
	}
	l.metas[name] = meta
}

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	return data, err
}

func readProblem(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "missing"
	}
	return err.Error()
}

// splitMeta takes the key meta out of a file's object, so that the rest can be decoded
// strictly into the types of the domain.
func splitMeta(data []byte) (Meta, []byte, error) {
	var meta Meta
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return meta, nil, err
	}
	if raw, ok := keys["meta"]; ok {
		if err := decodeStrict(raw, &meta); err != nil {
			return meta, nil, fmt.Errorf("meta: %w", err)
		}
	}
	delete(keys, "meta")
	rest, err := json.Marshal(keys)
	return meta, rest, err
}

func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// describeJSON says what is wrong with a file and, for a syntax error, on which line.
func describeJSON(data []byte, err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return fmt.Sprintf("no JSON, line %d: %v", line, syntax)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s is a %s where a %s belongs", wrong.Field, wrong.Value, wrong.Type)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// version is the largest version of the files with a hash over all of them.
func (l *loader) version() string {
	all, newest := sha256.New(), ""
	for _, name := range Files {
		fmt.Fprintf(all, "%s %x\n", name, l.sums[name])
		newest = max(newest, l.metas[name].Version)
	}
	return stamp(newest, all.Sum(nil))
}

func stamp(version string, sum []byte) string {
	return version + "+" + hex.EncodeToString(sum)[:12]
}
