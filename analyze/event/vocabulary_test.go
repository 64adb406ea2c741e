package event

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/huiying/huiying/analyze/segment"
)

var update = flag.Bool("update", false, "learn the vocabulary again")

// collections are the public collections that the vocabulary is learned from. Those of one
// city are one group: a word must be used in two groups to be common, so that the names of a
// city are not. The posts on which events are measured are of the last group, which has no
// part in what pairs of characters are common.
var collections = [][]string{{"messages_gas_2022"}, {"messages_hangzhou"}, {"replies_2011_2020"}, {"topic7_train", "messages_2019"}}

// How many posts must hold a word or a pair of characters for it to be common.
const (
	commonWord = 10
	commonPair = 12
)

// TestVocabulary learns the vocabulary and compares it with the file, or with -update
// writes it.
func TestVocabulary(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the public collections are not at hand")
	}
	seg, err := segment.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	words, pairs := map[uint32]int{}, map[uint32]int{}
	groups := map[uint32]int{}
	posts := 0
	for g, files := range collections {
		for _, name := range files {
			for _, body := range bodies(t, filepath.Join(shared, "data", name+".jsonl")) {
				posts++
				ws, ps := everything(seg.Cut(body))
				for w := range ws {
					words[w]++
					groups[w] |= 1 << g
				}
				if g < len(collections)-1 {
					for p := range ps {
						pairs[p]++
					}
				}
			}
		}
	}
	maps.DeleteFunc(words, func(w uint32, n int) bool { return n < commonWord || groups[w]&(groups[w]-1) == 0 })
	maps.DeleteFunc(pairs, func(_ uint32, n int) bool { return n < commonPair })
	if len(words) > 40_000 {
		t.Fatalf("%d words are too many for the table", len(words))
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(words)))
	for _, w := range slices.Sorted(maps.Keys(words)) {
		idf := math.Round(math.Log(float64(posts)/float64(1+words[w])) * idfScale)
		b = binary.LittleEndian.AppendUint32(b, w<<8|uint32(min(max(idf, 1), 255)))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(pairs)))
	for _, p := range slices.Sorted(maps.Keys(pairs)) {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	t.Logf("%d posts, %d words, %d pairs, %d bytes", posts, len(words), len(pairs), len(b))
	if *update {
		if err := os.WriteFile("vocabulary.bin", b, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !slices.Equal(b, vocabularyFile) {
		t.Error("vocabulary.bin is not what the collections give; run with -update")
	}
}

// everything lists the hashes of all words and pairs of a text, common or not.
func everything(list []segment.Word) (words, pairs map[uint32]bool) {
	words, pairs = map[uint32]bool{}, map[uint32]bool{}
	d := describer{titleEnd: math.MaxInt, all: func(h uint32, pair bool) {
		if pair {
			pairs[h] = true
		} else {
			words[h] = true
		}
	}}
	for i, w := range list {
		d.word(i, w)
	}
	return words, pairs
}

func bodies(t *testing.T, file string) (list []string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var r struct{ Title, Text string }
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		list = append(list, segment.Clean(r.Title+"\n"+r.Text))
	}
	return list
}
