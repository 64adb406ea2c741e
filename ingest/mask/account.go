package mask

import "strings"

func mailbox(r rune) bool {
	return letter(r) || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' || r == '+'
}

func domain(r rune) bool { return letter(r) || r >= '0' && r <= '9' || r == '.' || r == '-' }

// email finds an address around the sign at i.
func (sc *scanner) email(i int) int {
	start := i
	for mailbox(sc.at(start-1)) && i-start < 64 {
		start--
	}
	end := i + 1
	for domain(sc.at(end)) && end-i < 128 {
		end++
	}
	for end > i+1 && (sc.at(end-1) == '.' || sc.at(end-1) == '-') {
		end--
	}
	host := string(sc.text[i+1 : end])
	dot := strings.LastIndexByte(host, '.')
	if start == i || dot < 1 || len(host)-dot < 3 || !letter(rune(host[dot+1])) {
		return i + 1
	}
	return sc.add(Email, start, end)
}

// accountCues begin an account of QQ or WeChat; explicit ones need no colon.
var accountCues = []string{"微信", "薇信", "威信", "微信号", "weixin", "wechat", "qq", "扣扣", "vx", "wx", "v信", "q", "v"}

// linkWords may stand between the cue and the account.
var linkWords = []string{"号码", "帐号", "账号", "号", "同号", "id", "是", "为", "：", ":", " ", "加我", "（", "("}

// account finds an account after its cue at i.
func (sc *scanner) account(i int) int {
	if letter(sc.at(i - 1)) {
		return i + 1
	}
	cue, qq := sc.cue(i)
	if cue == 0 {
		return i + 1
	}
	j, links := i+cue, 0
	for n := sc.link(j); n > 0; n = sc.link(j) {
		j += n
		links++
	}
	end, digits := j, 0
	for c := sc.at(end); letter(c) || digit(c) >= 0 || c == '_' || c == '-'; c = sc.at(end) {
		if digit(c) >= 0 {
			digits++
		}
		end++
	}
	n := end - j
	if sc.at(end) == '@' || sc.at(end) == '.' && letter(sc.at(end+1)) {
		return i + cue
	}
	short := cue == 1 // a single letter needs a colon
	switch {
	case short && links == 0:
	case digits == n && n >= 5 && n <= 12 && (qq || links > 0) && !(n == 11 && digit(sc.at(j)) == 1):
		return sc.add(Account, j, end)
	case !qq && letter(sc.at(j)) && n >= 6 && n <= 20 && (digits > 0 || links > 0 && !short):
		return sc.add(Account, j, end)
	}
	return i + cue
}

// cue returns the length of the cue at i in runes, and whether it is one of QQ.
func (sc *scanner) cue(i int) (int, bool) {
	best := 0
	for _, w := range accountCues {
		n := len([]rune(w))
		if n > best && i+n <= len(sc.text) && strings.ToLower(string(sc.text[i:i+n])) == w {
			best = n
		}
	}
	first := sc.at(i)
	return best, first == 'q' || first == 'Q' || first == '扣'
}

func (sc *scanner) link(i int) int {
	for _, w := range linkWords {
		if sc.has(i, w) || w == "id" && sc.has(i, "ID") {
			return len([]rune(w))
		}
	}
	return 0
}
