package seeds_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/huiying/huiying/seeds"
)

// post is a line of posts.jsonl: the fields of the push API and the age.
type post struct {
	Source     string `json:"source"`
	ID         string `json:"id"`
	Channel    string `json:"channel"`
	Author     string `json:"author"`
	Title      string `json:"title"`
	Text       string `json:"text"`
	Place      string `json:"place"`
	Likes      int    `json:"likes"`
	Comments   int    `json:"comments"`
	Reposts    int    `json:"reposts"`
	AgeMinutes int    `json:"age_minutes"`
}

func posts(t *testing.T) []post {
	t.Helper()
	data, err := fs.ReadFile(seeds.Demo, "posts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var list []post
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		var p post
		if err := d.Decode(&p); err != nil {
			t.Fatalf("line %d: %v", len(list)+1, err)
		}
		list = append(list, p)
	}
	return list
}

func TestDemoPostsCanBePushed(t *testing.T) {
	source := regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	ids, channels := map[string]bool{}, map[string]int{}
	list := posts(t)
	for i, p := range list {
		if !source.MatchString(p.Source) || p.ID == "" || ids[p.ID] || strings.TrimSpace(p.Text) == "" || p.Likes < 0 || p.Comments < 0 || p.Reposts < 0 {
			t.Errorf("line %d: %+v", i+1, p)
		}
		if p.AgeMinutes < 0 || p.AgeMinutes >= 30*24*60 {
			t.Errorf("line %d is %d minutes old, and so history", i+1, p.AgeMinutes)
		}
		ids[p.ID] = true
		channels[p.Channel]++
	}
	if len(list) < 200 || len(channels) != 3 || channels["public"] == 0 || channels["web_message"] == 0 || channels["hotline_12345"] == 0 {
		t.Errorf("%d posts by channel: %v", len(list), channels)
	}
}

// TestDemoPostsNameNobody allows only numbers that are visibly made up.
func TestDemoPostsNameNobody(t *testing.T) {
	number := regexp.MustCompile(`1[3-9]\d-?\d{4}-?\d{4}`)
	invented := regexp.MustCompile(`^138-?0000-?`)
	found := 0
	for i, p := range posts(t) {
		for _, n := range number.FindAllString(p.Title+p.Text, -1) {
			if found++; !invented.MatchString(n) {
				t.Errorf("line %d holds the number %s", i+1, n)
			}
		}
	}
	if found == 0 {
		t.Error("no number to be masked: the demonstration does not show masking")
	}
}

func TestDemoPostsCoverTheDistrict(t *testing.T) {
	places := map[string]bool{}
	texts := map[string]int{}
	for _, p := range posts(t) {
		if strings.HasSuffix(p.Place, "街道") {
			places[p.Place] = true
		}
		texts[p.Text]++
	}
	if len(places) != 17 {
		t.Errorf("%d streets of 17: %v", len(places), places)
	}
	repeated := 0
	for _, n := range texts {
		if n > 1 {
			repeated++
		}
	}
	if repeated < 5 {
		t.Errorf("%d texts repeated: the demonstration does not show grouping", repeated)
	}
}
