package policy

import (
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// maxProblems bounds how many problems are listed: a file of the wrong kind would give
// thousands.
const maxProblems = 100

// problems collects what is wrong with a policy directory.
type problems struct {
	list []string
	more int
}

// add notes one problem as "file: key what; fix".
func (p *problems) add(file, key, what, fix string) {
	if len(p.list) == maxProblems {
		p.more++
		return
	}
	if key != "" {
		what = key + " " + what
	}
	p.list = append(p.list, fmt.Sprintf("%s: %s; %s", file, what, fix))
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	text := strings.Join(p.list, "\n")
	if p.more > 0 {
		text += fmt.Sprintf("\nand %d more", p.more)
	}
	return &opinion.Error{Code: opinion.CodeInvalid, Field: "policy", Message: text}
}

// quoted shows a value in a message, shortened.
func quoted(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
