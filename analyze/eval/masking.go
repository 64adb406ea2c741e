package eval

import "strings"

// Masked is one text after masking.
type Masked struct {
	Text string
	// Replaced is the number of pieces that were replaced, by kind.
	Replaced map[string]int
}

func (m Masked) count() int {
	n := 0
	for _, k := range m.Replaced {
		n += k
	}
	return n
}

// Masking is how well personal data was found (脱敏).
type Masking struct {
	// Secrets is the number of strings that must not survive, Kept how many did, and Recall
	// the share that is gone.
	Secrets, Kept int
	Recall        float64
	// Clean is the number of rows without secrets, False the number of pieces replaced in
	// them, also by kind, and FalsePer1000 the pieces for 1,000 such rows. It is as good as
	// the list of secrets: where a row holds personal data that nobody listed, masking it
	// counts as false. What is replaced in a row with secrets is not judged.
	Clean, False int
	FalseByKind  map[string]int
	FalsePer1000 float64
}

// Mask measures masked texts beside the secrets of their rows. A secret survives when it
// stands in the masked text, also with white space or hyphens put in or left out.
func Mask(secrets [][]string, masked []Masked) Masking {
	m := Masking{FalseByKind: map[string]int{}}
	for i, list := range secrets {
		if len(list) == 0 {
			m.Clean++
			m.False += masked[i].count()
			for kind, n := range masked[i].Replaced {
				m.FalseByKind[kind] += n
			}
			continue
		}
		text := squeeze(masked[i].Text)
		for _, s := range list {
			m.Secrets++
			squeezed := squeeze(s)
			if strings.Contains(masked[i].Text, s) || squeezed != "" && strings.Contains(text, squeezed) {
				m.Kept++
			}
		}
	}
	m.Recall = ratio(m.Secrets-m.Kept, m.Secrets)
	m.FalsePer1000 = ratio(1000*m.False, m.Clean)
	return m
}

// squeeze drops what people put between the digits of a number.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '\u3000', '\u00a0', '-', '－', '—':
			return -1
		}
		return r
	}, s)
}
