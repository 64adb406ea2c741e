package event

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

var (
	update = flag.Bool("update", false, "learn vocabulary.bin and judge.bin again")
	folds  = flag.Int("folds", 0, "measure the judge by so many folds of the labelled matters")
)

// background are the public collections that the vocabulary is learned from. The one on
// which events are measured is not among them.
var background = []string{"messages_gas_2022", "messages_hangzhou", "replies_2011_2020", "topic7_train"}

// How many posts must hold a word or a pair of characters for it to be kept, and a word for
// it to have a place.
const (
	leastWord  = 5
	leastPair  = 8
	leastPlace = 10
	mostPlace  = 0.2 // of all posts
)

// read is a row of a collection.
type read struct {
	ID    json.RawMessage
	Title string
	Text  string
	At    string `json:"published_at"`
	words []segment.Word
	end   int // of the title
	at    time.Time
}

func collection(t *testing.T, name string) (rows []read) {
	t.Helper()
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the public collections are not at hand")
	}
	seg, err := segment.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines(t, filepath.Join(shared, "data", name+".jsonl"), func(line []byte) error {
		var r read
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		body := r.Text
		if r.Title != "" {
			body = r.Title + "\n" + r.Text
		}
		r.words, r.end = seg.Cut(segment.Clean(body)), len([]rune(r.Title))
		for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
			if at, err := time.Parse(layout, r.At); err == nil {
				r.at = at
			}
		}
		rows = append(rows, r)
		return nil
	})
	return rows
}

func lines(t *testing.T, file string, each func([]byte) error) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for n := 1; sc.Scan(); n++ {
		if err := each(sc.Bytes()); err != nil {
			t.Fatalf("%s, line %d: %v", file, n, err)
		}
	}
}

// TestVocabulary learns the vocabulary and compares it with the file, or with -update writes
// it.
func TestVocabulary(t *testing.T) {
	words, pairs, alone := map[uint32]int{}, map[uint32]int{}, map[uint32]bool{}
	var posts []map[uint32]float64 // how often each post has a word
	for _, name := range background {
		for _, r := range collection(t, name) {
			tf, ps, ws := map[uint32]float64{}, map[uint32]bool{}, map[uint32]bool{}
			d := describer{titleEnd: r.end, all: func(h uint32, pair, word, title bool) {
				switch {
				case pair:
					ps[h] = true
				case word:
					alone[h] = true
					if tf[h]++; title {
						tf[h]++
					}
					fallthrough
				default:
					ws[h] = true
				}
			}}
			for i, w := range r.words[:min(len(r.words), maxRead)] {
				d.word(i, w)
			}
			for w := range ws {
				words[w]++
			}
			for p := range ps {
				pairs[p]++
			}
			posts = append(posts, tf)
		}
	}
	maps.DeleteFunc(words, func(_ uint32, n int) bool { return n < leastWord })
	maps.DeleteFunc(pairs, func(_ uint32, n int) bool { return n < leastPair })
	for _, word := range ordinary(t) {
		r := []rune(word)
		for i := 1; i < len(r); i++ {
			h := hashPair(r[i-1], r[i])
			pairs[h] = max(pairs[h], len(posts)/50)
		}
	}
	idf := func(n int) float64 { return math.Log(float64(len(posts)+1) / float64(n+1)) }
	var b []byte
	for _, list := range []map[uint32]int{words, pairs} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(list)))
		for _, h := range slices.Sorted(maps.Keys(list)) {
			b = binary.LittleEndian.AppendUint32(b, h<<8|uint32(min(max(math.Round(idf(list[h])*idfScale), 1), 255)))
		}
	}
	var placed []uint32
	for _, h := range slices.Sorted(maps.Keys(words)) {
		if n := words[h]; alone[h] && n >= leastPlace && float64(n) <= mostPlace*float64(len(posts)) {
			placed = append(placed, h)
		}
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(placed)))
	for i, row := range themes(posts, placed, func(h uint32) float64 { return idf(words[h]) }) {
		largest := 1e-9
		for _, x := range row {
			largest = max(largest, math.Abs(float64(x)))
		}
		b = binary.LittleEndian.AppendUint32(b, placed[i])
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(largest/127)))
		for _, x := range row {
			b = append(b, byte(int8(math.Round(float64(x)/largest*127))))
		}
	}
	t.Logf("%d posts, %d words, %d pairs, %d places, %d bytes", len(posts), len(words), len(pairs), len(placed), len(b))
	learned(t, "vocabulary.bin", b, vocabularyFile)
}

// ordinary are the words of the shipped policy for dangers, which name no place or body,
// however rare they are: two dangers are only one when they have a name in common.
func ordinary(t *testing.T) (list []string) {
	t.Helper()
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range pol.Risk.Terms {
		list = append(list, term.Term)
	}
	return list
}

// learned compares what was learned with the file, or writes it.
func learned(t *testing.T, name string, b, file []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !slices.Equal(b, file) {
		t.Errorf("%s is not what the collections give; run with -update", name)
	}
}

// themes finds the subspace in which posts lie best, and where words lie in it (latent
// semantic analysis, Deerwester et al. 1990), by subspace iteration.
func themes(posts []map[uint32]float64, words []uint32, idf func(uint32) float64) [][dims]float32 {
	type weight struct {
		word int
		x    float32
	}
	number := map[uint32]int{}
	for i, h := range words {
		number[h] = i
	}
	rows := make([][]weight, 0, len(posts))
	for _, tf := range posts {
		var row []weight
		length := 0.0
		for _, h := range slices.Sorted(maps.Keys(tf)) {
			if i, ok := number[h]; ok {
				x := (1 + math.Log(tf[h])) * idf(h)
				length += float64(x * x)
				row = append(row, weight{i, float32(x)})
			}
		}
		for i := range row {
			row[i].x /= float32(math.Sqrt(length))
		}
		rows = append(rows, row)
	}
	random := rand.New(rand.NewPCG(1, dims))
	basis := make([][dims]float32, len(words))
	for i := range basis {
		for k := range basis[i] {
			basis[i][k] = float32(random.NormFloat64())
		}
	}
	orthonormalise(basis)
	for range 6 {
		next := make([][dims]float32, len(words))
		for _, row := range rows {
			var y [dims]float32
			for _, w := range row {
				for k, x := range basis[w.word] {
					y[k] += float32(w.x * x)
				}
			}
			for _, w := range row {
				for k, x := range y {
					next[w.word][k] += float32(w.x * x)
				}
			}
		}
		basis = next
		orthonormalise(basis)
	}
	return basis
}

// orthonormalise is the modified Gram-Schmidt process on the columns.
func orthonormalise(basis [][dims]float32) {
	for j := range dims {
		for k := range j {
			dot := 0.0
			for i := range basis {
				dot += float64(basis[i][j]) * float64(basis[i][k])
			}
			for i := range basis {
				basis[i][j] -= float32(dot * float64(basis[i][k]))
			}
		}
		norm := 0.0
		for i := range basis {
			norm += float64(basis[i][j]) * float64(basis[i][j])
		}
		for i := range basis {
			basis[i][j] /= float32(math.Sqrt(norm))
		}
	}
}
