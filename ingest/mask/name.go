package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameStarts are the first characters of cues: see nameCues and signatures.
const nameStarts = "问上我俺本姓联名署落签此敬谨投举反申求信来留诉业户鄙报发写咨叩拜呈"

// nameCue is a word after which writers give their own name.
type nameCue struct {
	word string
	// label cues stand in forms and signatures (联系人：); the others in sentences.
	label bool
	// sure cues in sentences make a name of nearly everything that can be one; sure
	// labels need their colon.
	sure bool
}

var nameCues = []nameCue{
	{"我的名字叫", false, true}, {"我的名字是", false, true}, {"我名字叫", false, true}, {"我名叫", false, true}, {"我的姓名是", false, true}, {"我的姓名", true, false},
	{"本人姓名", true, false}, {"本人名叫", false, true}, {"本人叫", false, true}, {"本人名字", true, false}, {"鄙人", false, false},
	{"我叫", false, true}, {"俺叫", false, true}, {"我是", false, false}, {"俺是", false, false}, {"本人", false, false},
	{"联系人", true, false}, {"姓名", true, false}, {"署名", true, true}, {"落款", true, true}, {"签名", true, true}, {"签字", true, true},
	{"投诉人", true, false}, {"举报人", true, false}, {"反映人", true, false}, {"反应人", true, false}, {"申请人", true, false}, {"求助人", true, false},
	{"信访人", true, false}, {"来信人", true, false}, {"留言人", true, false}, {"诉求人", true, false}, {"来电人", true, false}, {"写信人", true, false},
	{"报告人", true, false}, {"发信人", true, false}, {"咨询人", true, false}, {"来访人", true, false}, {"申诉人", true, false}, {"上访人", true, false}, {"问政人", true, false},
	{"业主", true, true}, {"我", false, false},
}

// cuesBy lists the cues by their first character, longest first.
var cuesBy = func() map[rune][]nameCue {
	m := map[rune][]nameCue{}
	for _, c := range nameCues {
		first, _ := utf8.DecodeRuneInString(c.word)
		m[first] = append(m[first], c)
	}
	return m
}()

// others stand before a label of which the name is another's.
var others = []string{"被", "对方", "民警", "警员", "医生", "老师", "领导", "干部", "司机", "负责人", "工作人员", "法人", "他", "她"}

// name looks for a name whose cue begins at i.
func (sc *scanner) name(i int) int {
	switch sc.text[i] {
	case '敬', '谨', '呈', '叩', '拜':
		if end := sc.signature(i); end > 0 {
			return end
		}
		return i + 1
	}
	for _, c := range cuesBy[sc.text[i]] {
		if !sc.has(i, c.word) {
			continue
		}
		j := i + utf8.RuneCountInString(c.word)
		if c.label {
			return sc.labelled(i, j, c.sure)
		}
		return sc.spoken(c, j)
	}
	return i + 1
}

// labelled finds the names after a label, at j.
func (sc *scanner) labelled(i, j int, needsColon bool) int {
	if sc.endsWith(i, others) {
		return j
	}
	k, colon := sc.overLabel(j)
	if needsColon && !colon {
		return j
	}
	n := sc.nameAt(k, colon, false)
	if n == 0 {
		return j
	}
	end := sc.add(Name, k, k+n)
	for colon {
		// Those who sign together: 签名：李贵业，刘富大、李敏守.
		if c := sc.at(end); c != '、' && c != '，' && c != ' ' && c != ',' {
			break
		}
		n := sc.nameAt(end+1, false, false)
		if n == 0 {
			break
		}
		end = sc.add(Name, end+1, end+1+n)
	}
	return end
}

// endsWith reports whether one of the words ends right before i.
func (sc *scanner) endsWith(i int, words []string) bool {
	for _, w := range words {
		if n := utf8.RuneCountInString(w); i >= n && sc.has(i-n, w) {
			return true
		}
	}
	return false
}

// overLabel skips what may stand between a label and the name.
func (sc *scanner) overLabel(j int) (int, bool) {
	colon, bracket := false, false
	for {
		switch c := sc.at(j); {
		case c == '：' || c == ':':
			colon = true
		case (c == '（' || c == '(') && !bracket:
			// 联系人（业主）：
			end := j
			for end < len(sc.text) && end-j < 8 && sc.at(end) != '）' && sc.at(end) != ')' {
				end++
			}
			if after := sc.at(end + 1); after != '：' && after != ':' {
				return j, colon
			}
			bracket = true
			j = end
		case c == ' ' || c == '　' || c == '\n' && colon:
		case (c == '是' || c == '为' || c == '叫') && !colon:
			colon = true
		default:
			return j, colon
		}
		j++
	}
}

// spoken finds the name after a cue within a sentence, at j.
func (sc *scanner) spoken(c nameCue, j int) int {
	sure := c.sure
	start := j
	for _, w := range [...]string{"名叫", "姓名", "叫做", "是", "系", "叫", "：", ":"} {
		if c.word != "我" && sc.has(j, w) {
			j += utf8.RuneCountInString(w)
			sure = sure || w == "名叫" || w == "叫" && c.word == "本人" || w == "：" || w == ":" || w == "姓名"
			break
		}
	}
	switch b := sc.at(j); {
	case b == '（' || b == '(':
		n := sc.nameAt(j+1, true, false)
		if close := sc.at(j + 1 + n); n > 0 && (close == '）' || close == ')') && !sc.notName(j+1, min(n, 3)) {
			return sc.add(Name, j+1, j+1+n)
		}
		return start
	case b == '“' || b == '"' || b == ' ' || b == '，' && c.word != "我" && !c.sure:
		j++
	}
	if c.word == "我" {
		// 我，王小明，… is one who gives the name; 我 alone is everybody.
		if sc.at(j) != '，' && sc.at(j) != ',' {
			return start
		}
		n := sc.nameAt(j+1, false, false)
		if after := sc.at(j + 1 + n); n > 0 && (after == '，' || after == ',') && is(sc.at(j+1), isPlain) {
			return sc.add(Name, j+1, j+1+n)
		}
		return start
	}
	if n := sc.nameAt(j, sure, sure); n > 0 {
		return sc.add(Name, j, j+n)
	}
	if k, n := sc.afterSigner(j); n > 0 && !c.sure {
		return sc.add(Name, k, k+n)
	}
	return start
}

// maxStation is how far after 我是 the word for a signer is looked for, in characters.
const maxStation = 16

// afterSigner finds the name in 我是新府小区业主王小明， whose clause begins at j.
func (sc *scanner) afterSigner(j int) (int, int) {
	for k := j; k < j+maxStation && (han(sc.at(k)) || letter(sc.at(k)) || digit(sc.at(k)) >= 0); k++ {
		for _, w := range signers {
			if sc.has(k, w) {
				at := k + utf8.RuneCountInString(w)
				if n := sc.nameAt(at, false, false); n > 0 {
					return at, n
				}
			}
		}
	}
	return 0, 0
}

// follow are words that may directly follow a self-stated name.
var follow = []string{"今年", "现年", "家住", "现住", "住在", "住址", "来自", "身份证", "电话", "手机", "联系", "微信", "男", "女", "业主", "村民", "户籍", "籍贯", "出生", "先生", "女士", "小姐", "同志", "地址",
	"是", "系", "在", "于", "因", "和", "向", "我", "本人", "反映", "举报", "投诉", "申请", "请求", "要求", "想", "要", "有", "的", "为", "也", "已", "从", "对", "就", "曾", "一名", "一家", "与", "以", "由", "被", "敬上", "您", "你", "希望", "特", "恳请", "现", "原", "自", "这", "实名", "及", "不", "到", "给", "，"}

// strong are those of follow that settle where the name ends.
const strong = 20

// nameAt returns the length of a name at i, or 0. sure tells that the cue leaves
// little doubt; open that a name may be followed by anything at all.
func (sc *scanner) nameAt(i int, sure, open bool) int {
	bad := isNever
	if !sure {
		bad = isNever | isSeldom
	}
	if n := sc.dotted(i); n > 0 && sure {
		return n
	}
	if n := sc.titled(i); n > 0 && sure {
		return n
	}
	if sc.canBe(i, 2, bad) && sc.follows(i+2, follow[:strong]) && (sure || sc.likely(i, 2)) {
		return 2
	}
	for _, n := range [...]int{3, 2, 4} {
		if sc.canBe(i, n, bad) && sc.ends(i+n, sure) && (sure || sc.likely(i, n)) {
			return n
		}
	}
	if open && is(sc.at(i), isPlain) {
		for _, n := range [...]int{3, 2} {
			if sc.canBe(i, n, isNever|isSeldom) {
				return n
			}
		}
	}
	return 0
}

// dotted finds names like 买买提·吐尔逊.
func (sc *scanner) dotted(i int) int {
	n, dots := 0, 0
	for c := sc.at(i + n); n < 20 && (han(c) || c == '·' || c == '•'); c = sc.at(i + n) {
		if !han(c) {
			dots++
		}
		n++
	}
	if dots == 0 || !han(sc.at(i)) || !han(sc.at(i+n-1)) {
		return 0
	}
	return n
}

// titled finds 张先生 and the like, which a contact is often called.
func (sc *scanner) titled(i int) int {
	if !is(sc.at(i), isSurname) {
		return 0
	}
	for _, w := range [...]string{"先生", "女士", "小姐"} {
		if sc.has(i+1, w) {
			return 3
		}
	}
	return 0
}

// canBe reports whether the n characters at i have the form of a name.
func (sc *scanner) canBe(i, n int, bad traits) bool {
	if i < 0 || i+n > len(sc.text) || !is(sc.text[i], isSurname|isPairHead) {
		return false
	}
	given := 1
	if sc.pairAt(i) && n >= 3 {
		given = 2
	} else if n == 4 || !is(sc.text[i], isSurname) {
		return false
	}
	for _, r := range sc.text[i+given : i+n] {
		if !han(r) || is(r, bad) {
			return false
		}
	}
	return !sc.notName(i, 2) && !(n > 2 && (sc.notName(i+1, 2) || sc.notName(i, 3)))
}

func (sc *scanner) pairAt(i int) bool {
	if !is(sc.text[i], isPairHead) {
		return false
	}
	for _, p := range pairs {
		if sc.has(i, p) {
			return true
		}
	}
	return false
}

// notName reports whether the n characters at i are a word of notNames.
func (sc *scanner) notName(i, n int) bool {
	var key [3]rune
	copy(key[:], sc.text[i:i+n])
	return notNames[key]
}

// likely reports whether the characters at i are rather a name than a word, such as one
// for what somebody is.
func (sc *scanner) likely(i, n int) bool {
	surname, before, last := sc.text[i], sc.text[i+n-2], sc.text[i+n-1]
	plain := is(surname, isPlain)
	frequent := plain || is(surname, isFrequent)
	tail := is(last, isTail)
	if tail && frequent && is(last, isPersonTail) && !(n > 2 && is(before, isCrowdHead)) {
		tail = false
	}
	switch {
	case plain && n > 2:
		return !strings.ContainsRune("人员者", last)
	case plain:
		return !tail
	default:
		return !tail && !is(last, isPlaceTail) && (n > 2 || frequent)
	}
}

// ends reports whether a name may end at i.
func (sc *scanner) ends(i int, sure bool) bool {
	c := sc.at(i)
	if !han(c) {
		return !letter(c) || sure
	}
	return sure && sc.follows(i, follow)
}

func (sc *scanner) follows(i int, words []string) bool {
	if c := sc.at(i); !is(c, isFollowHead) {
		return false
	}
	for _, w := range words {
		if sc.has(i, w) {
			return true
		}
	}
	return false
}

// repeatNames masks what was found as a name wherever else it stands, when it is long
// enough to be nothing else.
func (sc *scanner) repeatNames() {
	found := len(sc.found)
	for k := 0; k < found; k++ {
		f := sc.found[k]
		if f.kind != Name || f.end-f.start < 3 {
			continue
		}
		name := string(sc.text[f.start:f.end])
		for i := 0; i+3 <= len(sc.text); i++ {
			if sc.text[i] == sc.text[f.start] && sc.has(i, name) && !sc.covered(i, i+f.end-f.start) {
				sc.found = append(sc.found, span{Name, i, i + f.end - f.start})
			}
		}
	}
	if len(sc.found) > found {
		slices.SortFunc(sc.found, func(a, b span) int { return a.start - b.start })
	}
}

func (sc *scanner) covered(start, end int) bool {
	for _, f := range sc.found {
		if f.start < end && start < f.end {
			return true
		}
	}
	return false
}
