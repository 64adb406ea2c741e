package opinion

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func merge() Edit {
	e := fullEdit()
	e.Op, e.Posts = EditMerge, nil
	return e
}

func TestEditIsChecked(t *testing.T) {
	if err := merge().Check(); err != nil {
		t.Errorf("a good merge: %v", err)
	}
	if err := split().Check(); err != nil {
		t.Errorf("a good split: %v", err)
	}
	if merge().EventID() != "ev-2" || split().EventID() != "ev-e-1" {
		t.Errorf("afterwards the posts are in %q and %q", merge().EventID(), split().EventID())
	}
	many := make([]string, MaxEditPosts+1)
	for i := range many {
		many[i] = fmt.Sprint("p", i)
	}
	for name, c := range map[string]struct {
		edit   Edit
		change func(*Edit)
		says   string
	}{
		"no ID":                 {merge(), func(e *Edit) { e.ID = "" }, "edit ID"},
		"an ID with a slash":    {merge(), func(e *Edit) { e.ID = "../x" }, "edit ID"},
		"a long ID":             {merge(), func(e *Edit) { e.ID = strings.Repeat("a", 65) }, "edit ID"},
		"another operation":     {merge(), func(e *Edit) { e.Op = "delete" }, "op is"},
		"no event":              {split(), func(e *Edit) { e.From = "" }, "from is missing"},
		"no user":               {merge(), func(e *Edit) { e.By = " " }, "by is missing"},
		"no reason":             {merge(), func(e *Edit) { e.Reason = "\n" }, "reason"},
		"a long reason":         {merge(), func(e *Edit) { e.Reason = strings.Repeat("长", MaxEditReason+1) }, "reason"},
		"no time":               {merge(), func(e *Edit) { e.At = time.Time{} }, "at is missing"},
		"no target":             {merge(), func(e *Edit) { e.Into = "" }, "into is missing"},
		"itself":                {merge(), func(e *Edit) { e.Into = e.From }, "into itself"},
		"a merge of some":       {merge(), func(e *Edit) { e.Posts = []string{"p"} }, "leave posts empty"},
		"a split into another":  {split(), func(e *Edit) { e.Into = "ev-9" }, "leave into empty"},
		"a split of nothing":    {split(), func(e *Edit) { e.Posts = nil }, "0 posts"},
		"a split of too many":   {split(), func(e *Edit) { e.Posts = many }, "501 posts"},
		"a post named twice":    {split(), func(e *Edit) { e.Posts = []string{"p", "q", "p"} }, "once"},
		"a post without a name": {split(), func(e *Edit) { e.Posts = []string{"p", ""} }, "once"},
		"a split of its own":    {split(), func(e *Edit) { e.From = e.EventID() }, "into itself"},
	} {
		t.Run(name, func(t *testing.T) {
			c.change(&c.edit)
			err := c.edit.Check()
			if CodeOf(err) != CodeInvalid || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("Check says %v, want %q", err, c.says)
			}
			b, err := Encode(c.edit)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Decode[Edit](b); !errors.Is(err, ErrMessage) {
				t.Errorf("Decode lets it pass: %v", err)
			}
		})
	}
}
