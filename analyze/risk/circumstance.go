package risk

import "strings"

// suppose are words of a condition: what follows them in the clause did not happen.
var suppose = []string{"可能", "会", "容易", "极易", "易", "以免", "随时", "怕", "担心", "恐怕", "难免", "免得", "差点", "险些", "想以", "准备", "防止", "预防"}

// supposeFar are words of a condition for the rest of their sentence.
var supposeFar = []string{"如果", "万一", "一旦", "假如", "要是", "倘若", "若", "难道", "非要等", "等到", "不要等", "不能等", "别等", "等出", "谁能保证", "是不是要", "是否要", "必须等", "假设", "试想", "将会", "早晚", "迟早", "有朝一日", "到时", "别让", "不要酿成", "不希望", "以防", "是不是非", "是否非", "酿成更大", "倘", "要等", "等到出", "何时才"}

// unsure are words behind a fact that say that it did not happen: 发生火灾，后果不堪设想.
var unsure = []string{"不堪设想", "不可想象", "怎么办", "谁来负责", "谁负责", "谁来承担", "谁承担", "谁来买单", "谁买单", "的可能", "可能性", "的危险", "的风险", "的隐患", "怎么逃", "无处逃生", "如何是好", "之前", "方引起", "才引起", "才能引起",
	"才会引起", "才来管", "才有人管", "再来", "呢", "吗"}

// elsewhere are words of a sentence about another place, or about what is written.
var elsewhere = []string{"国内", "全国各地", "某市", "某地", "新闻", "案例", "外省", "外国", "国外", "美国", "日本", "有期徒刑", "处罚金", "刑法", "消防法", "条例", "规定", "《", "第几条", "保险公司", "例如", "比如", "譬如", "惨案", "网上看到", "近日看到"}

// context is a word that changes what stands near it.
type context struct {
	negates   bool
	supposes  bool // in its clause
	far       bool // supposes to the end of its sentence
	unsure    bool // says of what stands before that it did not happen
	elsewhere bool
	factor    float64 // 1 when it only negates or supposes
}

// near are the windows of the rules, in code points.
const (
	negationWindow = 4  // before a term, inside the clause
	supposeWindow  = 10 // before a term, inside the clause
	contextWindow  = 15 // around a term, inside the sentence
	farWindow      = 40 // before an incident, inside the sentence
	unsureWindow   = 12 // behind an incident, inside the sentence
	elseWindow     = 25 // around an incident, inside the sentence
	lookAround     = 48 // between the starts of two words that can be that near
)

const (
	clauseEnds   = "，,。！!？?；;：:、\n"
	sentenceEnds = "。！!？?\n"
)

// circumstance is what stands around a term.
type circumstance struct {
	negated, supposed, elsewhere bool
	factor                       float64 // product of discounts and amplifiers, 0.1 … 2
}

// around looks at the words of context near matches[i].
func (m *Model) around(in *Input, i int) circumstance {
	c := circumstance{factor: 1}
	for k := i - 1; k >= 0 && in.Matches[i].Start-in.Matches[k].Start <= lookAround; k-- {
		m.weigh(in, &c, i, k)
	}
	for k := i + 1; k < len(in.Matches) && in.Matches[k].Start-in.Matches[i].Start <= lookAround; k++ {
		m.weigh(in, &c, i, k)
	}
	c.factor = min(max(c.factor, 0.1), 2)
	return c
}

// weigh adds what matches[k] says of matches[i].
func (m *Model) weigh(in *Input, c *circumstance, i, k int) {
	t, w := &in.Matches[i], &in.Matches[k]
	if w.List != in.First+listContext {
		return
	}
	gap := int(max(t.Start-w.End, w.Start-t.End))
	if gap < 0 {
		return
	}
	what, before := m.context[w.ID], w.Start < t.Start
	lo, hi := w.ByteEnd, t.ByteStart
	if !before {
		lo, hi = t.ByteEnd, w.ByteStart
	}
	between := in.Body[lo:hi]
	if strings.ContainsAny(between, sentenceEnds) {
		return
	}
	switch {
	case what.factor != 1:
		if gap <= contextWindow {
			c.factor *= what.factor
		}
	case what.elsewhere:
		c.elsewhere = c.elsewhere || gap <= elseWindow
	case what.far:
		c.supposed = c.supposed || before && gap <= farWindow
	case what.unsure:
		c.supposed = c.supposed || !before && gap <= unsureWindow
	case !before || !w.Whole || strings.ContainsAny(between, clauseEnds):
	case what.negates:
		c.negated = c.negated || gap <= negationWindow
	case what.supposes:
		c.supposed = c.supposed || gap <= supposeWindow
	}
}
