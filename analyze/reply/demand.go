package reply

import (
	"regexp"
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// Demand is one thing that the post asks for (诉求点).
type Demand struct {
	// Point is where the post says it: code points of the post's body (see
	// opinion.Post.Body).
	Point opinion.Evidence `json:"point"`
	Kind  DemandKind       `json:"kind"`
	// Met tells whether the reply speaks to it. Answer shows where, in code points of the
	// reply.
	Met    bool               `json:"met"`
	Answer []opinion.Evidence `json:"answer,omitempty"`
}

// DemandKind is how a demand is put.
type DemandKind string

// The kinds. The title stands for the whole matter, and is a demand of every post that has
// one.
const (
	Matter   DemandKind = "matter"   // the title
	Question DemandKind = "question" // 吗？ 多少 何时
	Request  DemandKind = "request"  // 请 希望 要求 建议
	Numbered DemandKind = "numbered" // 1、 2、
)

var (
	question = regexp.MustCompile(`吗|是否|能否|可否|如何|怎么|怎样|为什么|为何|多少|几时|何时|什么|哪里|哪个|哪些|哪家|有没有|能不能|可不可以|是不是|多久|呢$`)
	request  = regexp.MustCompile(`(?:^|[^申邀的按照合聘渴声])(?:恳请|恳求|请求|请|希望|要求|建议|呼吁|盼望|强烈要求|望|能否)[^，。]{3,}`)
	numbered = regexp.MustCompile(`^(?:[（(]?(?:[一二三四五六七八九十]|\d{1,2})[)）、.．]|第[一二三四五六七八九十]|[一二三四五六]是|问题\d|其[一二三四])`)
	// pleasantry asks for an answer or for attention, not for a thing.
	pleasantry = regexp.MustCompile(`(?:请|望|盼|希望|恳请)[^，。]{0,16}(?:回复|答复|重视|关注|百忙|谅解|批评|理解|帮助|帮忙|解答|为盼|放心|领导|部门|体谅)[^，。]{0,6}$|请问(?:一下)?$|谢谢|感谢|敬请`)
	// What a question asks for.
	asksWhen    = regexp.MustCompile(`何时|什么时候|几时|多久|哪年|哪一年|哪天|时间`)
	asksNumber  = regexp.MustCompile(`多少|几个|几元|收费标准|价格`)
	asksContact = regexp.MustCompile(`电话|联系方式|哪里办|在哪|哪个部门|什么部门|找谁`)
	asksWhy     = regexp.MustCompile(`为什么|为何|原因|依据|凭什么|怎么回事`)
)

// demands finds the demand points of a post, in their order.
func demands(post *script, titleEnd int) []Demand {
	var all []Demand
	lists := 0
	pieces := post.pieces()
	for _, p := range pieces {
		if numbered.MatchString(post.text[p.from:p.to]) {
			lists++
		}
	}
	for _, p := range pieces {
		if len(all) == maxDemands {
			break
		}
		if kind, ok := demandKind(post.text[p.from:p.to], p, post.at[p.from] < titleEnd, lists); ok {
			all = append(all, Demand{Point: post.evidence(p.from, p.to), Kind: kind})
		}
	}
	return all
}

func demandKind(text string, p piece, inTitle bool, lists int) (DemandKind, bool) {
	switch {
	case inTitle:
		return Matter, true
	case pleasantry.MatchString(text) || han(text) < 4:
		return "", false
	case lists > 1 && numbered.MatchString(text):
		return Numbered, true
	case p.end == '？' || p.end == '?' || question.MatchString(text):
		return Question, true
	case request.MatchString(text):
		return Request, true
	}
	return "", false
}

// answer looks for the answer to each demand. A demand is met when the substance of the
// reply speaks of what it names, or a heading does and substance follows; one that asks for
// a date or a number also needs one of these. A demand that names nothing (请尽快解决) is met
// by what was or will be done.
func (m *Model) answer(q *Quality, r *reading) {
	headed := r.solid >= m.rules.FactsPart
	for i := range q.Demands {
		d := &q.Demands[i]
		if q.Empty || r.misses(d) {
			continue
		}
		at, total := r.touch(d.Point.Word, headed)
		words := r.join(at)
		switch {
		case total == 0:
			words = slices.Concat(r.hits[Done], r.hits[Plan], r.hits[Settled])
		case len(at) >= 2, len(at) == 1 && (total <= 5 || d.Kind == Matter || r.typed(d.Point.Word)):
		default:
			continue
		}
		for _, w := range words[:min(3, len(words))] {
			d.Answer = append(d.Answer, r.evidence(w.from, w.to))
		}
		d.Met = len(words) > 0
	}
}

// touch is where the reply speaks of the words of a demand, and how many pairs of
// characters these have.
func (r *reading) touch(words string, headed bool) (at []int, total int) {
	seen := map[gram]bool{}
	eachGram(words, func(g gram, _ int) {
		if seen[g] {
			return
		}
		seen[g] = true
		total++
		if where, ok := r.substance[g]; ok {
			at = append(at, where)
		} else if where, ok := r.headings[g]; ok && headed {
			at = append(at, where)
		}
	})
	return at, total
}

// typed tells that the reply holds the kind of thing that a question asks for.
func (r *reading) typed(q string) bool {
	switch {
	case asksWhen.MatchString(q):
		return dated.in(r.text)
	case asksNumber.MatchString(q):
		return r.has(Figure)
	case asksContact.MatchString(q):
		return r.has(Contact) || r.has(Advice)
	case asksWhy.MatchString(q):
		return r.has(Cause) || r.has(Law) || r.has(Finding)
	}
	return false
}

// misses tells that a question asks for a kind of thing that the reply does not hold.
func (r *reading) misses(d *Demand) bool {
	if d.Kind != Question || !strings.ContainsAny(d.Point.Word, "何么多几哪谁") {
		return false
	}
	asks := asksWhen.MatchString(d.Point.Word) || asksNumber.MatchString(d.Point.Word)
	return asks && !r.typed(d.Point.Word)
}
