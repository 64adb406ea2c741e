package mask

import "slices"

// run is digits that stand together, with the separators that people put in them:
// groups of digits with one separator (or blank, dash, blank) between.
type run struct {
	digits []byte // values
	groups []group
}

// group is one unbroken piece: digits [first, first+n) of the run, runes [start, end).
type group struct {
	first, n   int
	start, end int
}

// maxRunDigits bounds how many digits are looked at as one number.
const maxRunDigits = 40

func isSeparator(r rune) bool {
	switch r {
	case ' ', '-', '－', '—', '–', '_', '.', '·', '•', '．', '\u3000', '‐', '‑', '−':
		return true
	}
	return false
}

// maxGroups bounds the pieces of a run.
const maxGroups = 12

// readRun reads the digits from i on into the scanner's run.
func (sc *scanner) readRun(i int) run {
	r := run{digits: sc.run.digits[:0], groups: sc.run.groups[:0]}
	for len(r.digits) < maxRunDigits && len(r.groups) < maxGroups {
		g := group{first: len(r.digits), start: i}
		for d := digit(sc.at(i)); d >= 0 && len(r.digits) < maxRunDigits; d = digit(sc.at(i)) {
			r.digits = append(r.digits, byte(d))
			i++
		}
		g.n, g.end = len(r.digits)-g.first, i
		if g.n == 0 {
			break
		}
		r.groups = append(r.groups, g)
		i = sc.overSeparator(i, g.start)
		if i == g.end {
			break
		}
	}
	sc.run = r
	return r
}

// overSeparator returns where the digits go on after a separator at i, or i.
func (sc *scanner) overSeparator(i, start int) int {
	j := i
	switch c := sc.at(j); {
	case (c == ')' || c == '）') && (sc.at(start-1) == '(' || sc.at(start-1) == '（'):
		j++
	case c == ' ' && isSeparator(sc.at(j+1)) && sc.at(j+2) == ' ':
		j += 3
	case !isSeparator(c):
		return i
	}
	for n := 0; n < 2 && isSeparator(sc.at(j)); n++ {
		j++
	}
	if digit(sc.at(j)) < 0 {
		return i
	}
	return j
}

// digits looks for numbers that begin at i, and goes on behind the first group when
// there is none.
func (sc *scanner) digits(i int) int {
	r := sc.readRun(i)
	first := r.groups[0]
	if len(r.digits) < 7 {
		return sc.mixed(i, first.end)
	}
	if sc.partOfWord(i) || first.n > 19 {
		return first.end
	}
	if kind, end, ok := sc.recognise(r); ok {
		start := i
		if kind == Phone {
			start = sc.phoneStart(i)
			end = sc.extension(end)
		}
		return sc.add(kind, start, end)
	}
	return sc.mixed(i, first.end)
}

// recognise tries what a run may be, the longest first.
func (sc *scanner) recognise(r run) (Kind, int, bool) {
	if len(r.digits) >= 12 {
		if kind, end, ok := sc.idCard(r); ok {
			return kind, end, ok
		}
		if kind, end, ok := sc.bankCard(r); ok {
			return kind, end, ok
		}
	}
	if kind, end, ok := sc.mobile(r); ok {
		return kind, end, ok
	}
	if kind, end, ok := sc.fixed(r); ok {
		return kind, end, ok
	}
	return sc.local(r)
}

// mixed tries a mobile number that goes on in Chinese digits: 138一二三四五六七八.
func (sc *scanner) mixed(i, next int) int {
	if chineseDigit(sc.at(next)) >= 0 {
		if end, ok := sc.mixedMobile(i); ok {
			return sc.add(Phone, i, end)
		}
	}
	return next
}

// phoneWords are the letters that may touch a phone number.
var phoneWords = []string{"tel", "phone", "mobile", "mob", "t", "m", "vx", "wx", "v", "q", "qq", "wechat", "weixin", "call", "no"}

// partOfWord reports whether the digits at i belong to a longer word: a model, a file
// name, an address on the net, a decimal.
func (sc *scanner) partOfWord(i int) bool {
	switch c := sc.at(i - 1); {
	case letter(c):
		j := i
		for letter(sc.at(j-1)) && i-j < 9 {
			j--
		}
		return !slices.Contains(phoneWords, lower(sc.text[j:i]))
	case c == '_', c == '*', c == '＊', c == '%':
		return true
	case c == '.', c == '/', c == '=', c == '-', c == '&', c == '?':
		p := sc.at(i - 2)
		return digit(p) >= 0 && c == '.' || letter(p) || p == '/'
	}
	return false
}

func lower(rs []rune) string {
	b := make([]byte, 0, len(rs))
	for _, r := range rs {
		b = append(b, byte(r)|0x20)
	}
	return string(b)
}

// starred reports whether a star follows: numbers that were masked by their writer are
// left alone.
func (sc *scanner) starred(i int) bool {
	c := sc.at(i)
	return c == '*' || c == '＊' || c == '×' || (c == '-' || c == ' ') && sc.at(i+1) == '*'
}

// numberWords stand before numbers that belong to things and papers.
var numberWords = []string{"编号", "单号", "订单", "工单", "案号", "文号", "流水", "税号", "信用代码", "户号", "受理号", "回执", "合同号", "运单", "快递", "批号", "学号", "工号", "序列号", "imei", "条码", "票号", "仲裁", "证书", "许可证", "备案", "文书", "代码"}

// cardWords stand before identity cards, accountWords before bank cards.
var (
	cardWords    = []string{"身份证", "证件", "身份号", "公民身份", "身证", "sfz", "id"}
	accountWords = []string{"银行", "卡号", "账号", "帐号", "账户", "帐户", "储蓄", "信用卡", "工行", "建行", "农行", "中行", "交行", "招行", "邮储", "农商", "信用社", "尾号", "打款", "收款", "户名", "存折", "借记卡", "社保卡"}
)

// reach is how far before a number its word is looked for, in characters.
const reach = 12

// upTo returns the end of the groups that hold exactly n digits from the group k on.
func (r run) upTo(k, n int) (last int, ok bool) {
	sum := 0
	for last = k; last < len(r.groups); last++ {
		if sum += r.groups[last].n; sum >= n {
			return last, sum == n
		}
	}
	return 0, false
}

// idCard finds an identity card: 17 digits and a check digit or X, or 15 digits.
func (sc *scanner) idCard(r run) (Kind, int, bool) {
	word := sc.before(r.groups[0].start, reach, cardWords)
	if last, ok := r.upTo(0, 17); ok {
		x := r.groups[last].end
		if isSeparator(sc.at(x)) {
			x++
		}
		if c := sc.at(x); (c == 'x' || c == 'X' || c == 'Ｘ' || c == 'ｘ') && !letter(sc.at(x+1)) {
			return IDCard, x + 1, plausibleCard(r.digits[:17]) || word
		}
	}
	if last, ok := r.upTo(0, 18); ok && evenGroups(r.groups[:last+1]) {
		good := plausibleCard(r.digits[:18])
		sum := checkDigit(r.digits[:18])
		switch other := sc.inClause(r.groups[0].start, reach, numberWords); {
		case word:
			return IDCard, r.groups[last].end, good || sum || last == 0
		case other:
			return 0, 0, false
		case good && (sum || birthYear(r.digits) < 2012 && last == 0):
			return IDCard, r.groups[last].end, true
		}
	}
	if first := r.groups[0]; first.n == 15 && plausibleOldCard(r.digits[:15]) {
		return IDCard, first.end, word || !sc.inClause(first.start, reach, numberWords)
	}
	return 0, 0, false
}

// evenGroups reports whether a number is written in one piece or in pieces of 3 and
// more digits, as numbers are and lists of small numbers are not.
func evenGroups(groups []group) bool {
	for _, g := range groups[:len(groups)-1] {
		if g.n < 3 {
			return false
		}
	}
	return true
}

// divisions are the first two digits of the provinces' codes (GB/T 2260).
var divisions = [...]byte{11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83}

func inDivision(d []byte) bool { return slices.Contains(divisions[:], d[0]*10+d[1]) }

func birthYear(d []byte) int {
	return int(d[6])*1000 + int(d[7])*100 + int(d[8])*10 + int(d[9])
}

func plausibleCard(d []byte) bool {
	year := birthYear(d)
	return inDivision(d) && year >= 1900 && year < 2100 && monthDay(d[10:])
}

func plausibleOldCard(d []byte) bool { return inDivision(d) && monthDay(d[8:]) }

func monthDay(d []byte) bool {
	month, day := d[0]*10+d[1], d[2]*10+d[3]
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// checkDigit verifies the last digit of a card (GB 11643, ISO 7064 MOD 11-2).
func checkDigit(d []byte) bool {
	sum, weight := 0, 1
	for i := 16; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += int(d[i]) * weight
	}
	return (12-sum%11)%11 == int(d[17])
}

// bankCard finds a bank card: 16 to 19 digits in one piece or in fours, with Luhn's
// check digit and a bank's first digits, or after a word for it.
func (sc *scanner) bankCard(r run) (Kind, int, bool) {
	last := 0
	n := r.groups[0].n
	if n == 4 || n == 6 {
		for last+1 < len(r.groups) && n < 19 && (r.groups[last+1].n <= 4 || last == 0) && n+r.groups[last+1].n <= 19 {
			last++
			n += r.groups[last].n
			if r.groups[last].n < 4 {
				break
			}
		}
	}
	if n < 12 || n > 19 || sc.starred(r.groups[last].end) {
		return 0, 0, false
	}
	d := r.digits[:n]
	start, end := r.groups[0].start, r.groups[last].end
	if sc.before(start, reach, accountWords) {
		return BankCard, end, n >= 15 || last == 0 && sc.before(start, 6, accountWords[:3])
	}
	issuer := d[0] == 4 || d[0] == 5 && d[1] >= 1 && d[1] <= 5 || d[0] == 6 && (d[1] == 2 || d[1] == 0 || d[1] == 5) || d[0] == 3 && d[1] == 5 || d[0] == 9
	return BankCard, end, n >= 16 && issuer && luhn(d) && !sc.inClause(start, reach, numberWords)
}

func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i])
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
