package mask

import (
	"strings"
	"unicode/utf8"
)

// signature finds the name at the end of a letter: 此致敬礼 王小明, 王小明敬上.
func (sc *scanner) signature(i int) int {
	if sc.has(i, "敬礼") {
		j := i + 2
		for c := sc.at(j); c == '！' || c == '!' || c == '。' || c == ' ' || c == '\n' || c == '，' || c == ',' || c == '.' || c == '…'; c = sc.at(j) {
			j++
		}
		for _, w := range signers {
			if sc.has(j, w) {
				j, _ = sc.overLabel(j + utf8.RuneCountInString(w))
				break
			}
		}
		if n := sc.nameAt(j, true, false); n > 0 && sc.signs(j+n) {
			return sc.add(Name, j, j+n)
		}
		return 0
	}
	for _, w := range closings {
		if sc.has(i, w) {
			if start := sc.nameBefore(i); start >= 0 {
				end := i
				for sc.at(end-1) == ' ' {
					end--
				}
				return sc.add(Name, start, end)
			}
		}
	}
	return 0
}

var (
	signers  = []string{"业主", "村民", "市民", "居民", "学生", "家长", "群众", "投诉人", "举报人", "反映人", "申请人", "信访人", "来信人", "留言人", "求助人", "公民", "职工", "退休职工", "网友"}
	closings = []string{"敬上", "敬启", "敬呈", "谨上", "谨呈", "呈上", "叩首", "拜上", "叩拜", "敬书", "谨启"}
)

// signs reports whether a signature may end at i: with the text, or before a date, a
// number or a break.
func (sc *scanner) signs(i int) bool {
	c := sc.at(i)
	return c == 0 || c == '\n' || c == ' ' || c == '。' || c == '，' || c == '〔' || c == '（' || c == '(' || digit(c) >= 0 || strings.ContainsRune("：:!！二电联手", c)
}

// nameBefore returns the start of a name that ends before i, or -1.
func (sc *scanner) nameBefore(i int) int {
	end := i
	for sc.at(end-1) == ' ' {
		end--
	}
	for _, n := range [...]int{3, 2, 4} {
		start := end - n
		if start < 0 || !sc.canBe(start, n, isNever) {
			continue
		}
		if sc.opens(start) {
			return start
		}
	}
	return -1
}

// opens reports whether a name may begin at i: after a break or the word for a signer.
func (sc *scanner) opens(i int) bool {
	c := sc.at(i - 1)
	if c == 0 || !han(c) && digit(c) < 0 && !letter(c) {
		return true
	}
	return sc.endsWith(i, signers)
}
