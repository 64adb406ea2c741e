package mask

import "strings"

// mobile finds a mobile number: 1, 3 to 9, nine more digits, with or without a prefix
// of China's code or a 0, in one piece or in pieces.
func (sc *scanner) mobile(r run) (Kind, int, bool) {
	prefix := countryPrefix(r)
	k := 0
	if prefix == r.groups[0].n {
		k = 1
	}
	if k >= len(r.groups) || prefix+11 > len(r.digits) {
		return 0, 0, false
	}
	d := r.digits[prefix:]
	if d[0] != 1 || d[1] < 3 {
		return 0, 0, false
	}
	want := prefix + 11
	if k == 1 {
		want = 11
	}
	last, ok := r.upTo(k, want)
	if !ok || !phoneShape(r.groups[k:last+1]) {
		return 0, 0, false
	}
	end := r.groups[last].end
	if sc.starred(end) || amount(sc.at(end)) || sc.inClause(r.groups[0].start, 5, numberWords) {
		return 0, 0, false
	}
	return Phone, end, true
}

// countryPrefix returns how many digits before the number proper there are: of 86,
// 0086, or a single 0.
func countryPrefix(r run) int {
	d := r.digits
	switch {
	case len(d) >= 13 && d[0] == 8 && d[1] == 6 && d[2] == 1:
		return 2
	case len(d) >= 15 && d[0] == 0 && d[1] == 0 && d[2] == 8 && d[3] == 6 && d[4] == 1:
		return 4
	case len(d) >= 12 && d[0] == 0 && d[1] == 1 && d[2] >= 3:
		return 1
	}
	return 0
}

// phoneShape refuses pieces that are more likely a list of numbers or a date: the
// first piece has three digits or more, unless all pieces are of one or two digits.
func phoneShape(groups []group) bool {
	if len(groups) == 1 {
		return true
	}
	small := true
	for _, g := range groups {
		small = small && g.n <= 2
	}
	return small && len(groups) >= 5 || groups[0].n >= 3 && len(groups) <= 5
}

// amount reports whether r makes an amount of the number before it.
func amount(r rune) bool { return strings.ContainsRune("元万亿平㎡吨度%", r) && r != 0 }

// phoneStart takes a plus sign, brackets and 86 before a number into it.
func (sc *scanner) phoneStart(i int) int {
	for {
		switch sc.at(i - 1) {
		case '+', '＋':
			return i - 1
		case '(', '（':
			// The bracket of an area code or of (+86) goes when it closes inside.
			for j := i; j < len(sc.text) && j < i+6; j++ {
				if c := sc.at(j); c == ')' || c == '）' {
					return i - 1
				}
			}
		}
		return i
	}
}

// fixed finds a fixed line with its area code: 010 or 02x and 8 digits, 03xx to 09xx and
// 7 or 8 digits.
func (sc *scanner) fixed(r run) (Kind, int, bool) {
	d := r.digits
	if len(d) >= 12 && d[0] == 8 && d[1] == 6 && sc.at(r.groups[0].start-1) == '+' && r.groups[0].n == 2 {
		return sc.foreignFixed(r)
	}
	if len(d) < 10 || d[0] != 0 || d[1] == 0 {
		return 0, 0, false
	}
	area := 4
	if d[1] == 1 && d[2] == 0 || d[1] == 2 {
		area = 3
	}
	if d[1] == 1 && area == 4 || d[area] < 2 {
		return 0, 0, false
	}
	first := r.groups[0].n
	if first != area && first != area+7 && first != area+8 && first != area+4 && first != area+3 {
		return 0, 0, false
	}
	for _, n := range [...]int{8, 7} {
		if n == 7 && area == 3 {
			continue
		}
		if last, ok := r.upTo(0, area+n); ok && last <= 3 && !sc.starred(r.groups[last].end) {
			return Phone, r.groups[last].end, !amount(sc.at(r.groups[last].end))
		}
	}
	return 0, 0, false
}

// foreignFixed finds +86 731 8586 1234, without the 0 of the area code.
func (sc *scanner) foreignFixed(r run) (Kind, int, bool) {
	for _, n := range [...]int{11, 10} {
		if last, ok := r.upTo(1, n); ok && r.digits[2] != 0 {
			return Phone, r.groups[last].end, true
		}
	}
	return 0, 0, false
}

// phoneCues stand directly before a number without its area code.
var phoneCues = []string{"电话", "座机", "固话", "致电", "拨打", "来电", "tel", "联系方式", "手机", "号码", "传真"}

// local finds a fixed line of 7 or 8 digits after a word for it.
func (sc *scanner) local(r run) (Kind, int, bool) {
	first := r.groups[0]
	if r.digits[0] < 2 || first.n != 7 && first.n != 8 && first.n != 4 && first.n != 3 {
		return 0, 0, false
	}
	if first.n == 8 && (r.digits[0] == 2 && r.digits[1] == 0) && monthDay(r.digits[4:]) {
		return 0, 0, false
	}
	for _, n := range [...]int{8, 7} {
		last, ok := r.upTo(0, n)
		if !ok || last > 1 || sc.starred(r.groups[last].end) || amount(sc.at(r.groups[last].end)) {
			continue
		}
		if isSeparator(sc.at(r.groups[last].end)) && digit(sc.at(r.groups[last].end+1)) >= 0 && r.groups[last].n < 4 {
			continue
		}
		if sc.before(first.start, 6, phoneCues) && !sc.inClause(first.start, 6, numberWords) || sc.afterPhone(first.start) {
			return Phone, r.groups[last].end, true
		}
	}
	return 0, 0, false
}

// afterPhone reports whether another phone number ends just before i:
// 0731-85861234/85861235.
func (sc *scanner) afterPhone(i int) bool {
	if len(sc.found) == 0 {
		return false
	}
	f := sc.found[len(sc.found)-1]
	c := sc.at(i - 1)
	return f.kind == Phone && f.end == i-1 && (c == '/' || c == '、' || c == '，' || c == ',' || c == ' ' || c == '或')
}

// extension takes an extension (-8001, 转8001) into a number.
func (sc *scanner) extension(end int) int {
	j := end
	if c := sc.at(j); c == '-' || c == '转' || c == '－' {
		j++
	} else {
		return end
	}
	n := j
	for digit(sc.at(n)) >= 0 {
		n++
	}
	if n-j >= 1 && n-j <= 5 && !isSeparator(sc.at(n)) {
		return n
	}
	return end
}

// chineseDigit returns the value of a digit in any writing, or -1.
func chineseDigit(r rune) int {
	switch r {
	case '〇', '零', '○':
		return 0
	case '一', '壹', '幺':
		return 1
	case '二', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return digit(r)
}

// chineseMobile finds a mobile number in Chinese digits, also mixed with others: 一三八….
func (sc *scanner) chineseMobile(i int) int {
	if chineseDigit(sc.at(i-1)) >= 0 {
		return i + 1
	}
	end, ok := sc.mixedMobile(i)
	if !ok {
		return i + 1
	}
	return sc.add(Phone, i, end)
}

// mixedMobile reads eleven digits of any writing from i on, with separators; more or
// fewer are no number.
func (sc *scanner) mixedMobile(i int) (int, bool) {
	n, end := 0, i
	for j := i; ; {
		d := chineseDigit(sc.at(j))
		if d < 0 {
			if n > 0 && n < 11 && isSeparator(sc.at(j)) && chineseDigit(sc.at(j+1)) >= 0 {
				j++
				continue
			}
			break
		}
		if n == 0 && d != 1 || n == 1 && d < 3 {
			return 0, false
		}
		n++
		j++
		end = j
		if n > 11 {
			return 0, false
		}
	}
	return end, n == 11
}
