package reply

import (
	"slices"
	"unicode"
)

// gram is a pair of neighbouring characters. Pairs stand for words: they need no dictionary
// and match names of places and estates that none holds.
type gram [2]rune

// grams are pairs with the byte offset at which each stands first.
type grams map[gram]int

// idle are characters that join words and carry no matter.
var idle = set(`的了是在我您你他她它们和与及或等对有为也就都而把被让给由于之其这那该此并将已请于很又再还不没无啊呢吗吧，。`)

// common are pairs that every letter to an office holds.
var common = pairs(`问题 反映 部门 有关 相关 情况 留言 回复 领导 政府 工作 处理 解决 希望 感谢 支持 网友 网民 尊敬 谢谢 关注 重视 落实 进行 调查 核实 关系 ` +
	`要求 建议 投诉 咨询 举报 请求 恳请 百忙 之中 市民 群众 百姓 老百 人民 书记 市长 县长 县委 市委 区委 答复 现在 目前 一直 多次 可以 能够 需要 如果 因为 所以 但是 而且 ` +
	`什么 怎么 为何 为什 如何 是否 能否 多少 时候 时间 知道 进一 一步 时代 我们 你们 他们 大家 自己 没有 不是 不能 这个 那个 一个 一些 这样 如此 已经 关于 根据 按照 ` +
	`单位 人员 方面 以及 同时 通过 必须 应该 非常 特别 严重 影响 造成 导致 办理 提供 联系 电话 本人 由于 存在 今年 去年 年月 月日 上级 信访 平台 来信 收悉 市政 县政 区政 希望 尽快 早日 给予`)

func set(s string) map[rune]bool {
	m := map[rune]bool{}
	for _, r := range s {
		m[r] = true
	}
	return m
}

func pairs(s string) map[gram]bool {
	m, last := map[gram]bool{}, ' '
	for _, r := range s {
		if last != ' ' && r != ' ' {
			m[gram{last, r}] = true
		}
		last = r
	}
	return m
}

// eachGram calls do for every pair that carries matter in text, with its byte offset. Pairs
// that reach into a common word carry none.
func eachGram(text string, do func(g gram, at int)) {
	var a, b rune // the two characters before, 0 where a word cannot go on
	aAt, bAt := 0, 0
	flush := func(next rune) {
		if g := (gram{a, b}); a != 0 && b != 0 && !common[gram{b, next}] && !(unicode.IsDigit(a) && unicode.IsDigit(b)) {
			do(g, aAt)
		}
	}
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || idle[r] {
			flush(0)
			a, b = 0, 0
			continue
		}
		flush(r)
		a, aAt, b, bAt = b, bAt, r, i
		if common[gram{a, b}] {
			a, b = 0, 0
		}
	}
	flush(0)
}

// gather adds the pairs of a piece.
func (m grams) gather(text string, p piece) {
	eachGram(text[p.from:p.to], func(g gram, at int) {
		if _, ok := m[g]; !ok {
			m[g] = p.from + at
		}
	})
}

// share is where words of the post stand in the substance: overlapping pairs are joined to
// longer words.
func (r *reading) share(post *script) []span {
	var at []int
	seen := map[gram]bool{}
	eachGram(post.text, func(g gram, _ int) {
		if where, ok := r.substance[g]; ok && !seen[g] {
			seen[g] = true
			at = append(at, where)
		}
	})
	return r.join(at)
}

// join makes words of the pairs at the given byte offsets.
func (r *reading) join(at []int) []span {
	slices.Sort(at)
	var words []span
	for _, from := range at {
		i := r.at[from]
		to := from + len(string(r.runes[i])) + len(string(r.runes[i+1]))
		if n := len(words); n > 0 && from < words[n-1].to {
			words[n-1].to = max(words[n-1].to, to)
			continue
		}
		words = append(words, span{from, to})
	}
	return words
}
