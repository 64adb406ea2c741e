package place

import (
	"strings"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/lexicon"
)

// What stands around a name and tells what it is there for.
var (
	// inNames follow a name that is part of another one: 南京路, 上海银行.
	inNames = []string{
		"路", "街", "大街", "大道", "东路", "西路", "南路", "北路", "中路", "东街", "西街", "南街", "北街", "道", "里", "巷", "弄", "胡同", "桥", "门", "公路", "高速", "站",
		"银行", "证券", "大厦", "宾馆", "饭店", "酒店", "饭馆", "餐厅", "商会", "大学", "理工", "师范", "医科", "工业大学", "财经", "电视台", "卫视", "日报", "晚报", "晨报",
		"现代", "大众", "时间", "时代", "奥运", "世博", "亚运", "会议", "条约", "起义", "战役",
	}
	// inShortNames do so behind a short name: 长春村, 上海城.
	inShortNames = []string{"村", "镇", "乡", "坪", "渡", "塘", "河", "山", "湖", "湾", "城", "岛", "江", "屯", "庄", "寨", "坝", "堡"}
	// subordinate end the name of a unit below a city: what follows it is the next smaller one
	// and no city (镇头镇镇江东村).
	subordinate = []string{"县", "区", "镇", "乡", "村", "街道"}
	// otherUse follow a name that tells of people, goods or an example, or where someone was.
	otherUse = []string{
		"人", "籍", "话", "口音", "方言", "老家", "户口", "户籍", "牌照", "号牌", "车牌", "牌", "身份证", "考生", "老乡", "游客", "同乡",
		"菜", "小吃", "特产", "火锅", "拉面", "大米", "面", "粉", "米", "烧烤", "烤", "鸭", "鸡", "鱼", "虾", "蟹", "酒", "茶", "瓜", "枣", "梨", "苹果", "醋", "啤酒", "板面", "泡馍", "牛肉", "羊肉", "料理", "味",
		"队", "足球", "男篮", "恒大", "申花", "球迷", "模式", "经验", "精神",
		"等", "一样", "那样", "那边", "出差", "旅游", "旅行", "来的", "产", "生产", "产的", "货", "发货", "寄", "发来", "回来", "出发", "返回", "返京", "进京", "来京",
		"都", "已", "也", "早就", "工作", "打工", "务工", "上班", "上学", "读书", "当兵", "经商",
	}
	// origins precede a name that someone comes from, goes to or compares with.
	origins = []string{
		"老家", "老家在", "老家是", "家乡", "来自", "来自于", "从", "由", "去", "到", "往", "赴", "回", "飞", "飞往", "前往", "发往", "开往", "运往", "寄往", "赶往", "到达", "抵达", "途经", "路过", "迁往",
		"原籍", "籍贯", "祖籍", "户籍", "户籍在", "户籍地", "户籍是", "所在地", "户口", "户口在", "户口是", "毕业于", "出生于", "生于", "考上", "考取", "嫁到", "就读于", "住址", "住址:", "住址：", "学成于",
		"至", "往返", "像", "如", "例如", "比如", "譬如", "学习", "借鉴", "参考", "参照", "对比", "相比", "比", "类似", "类似于", "不如", "对标", "效仿", "模仿", "包括", "转入", "转出", "转到", "转至",
		"相邻的", "隔壁", "隔壁的", "邻近的", "距", "距离", "离",
	}
	// stays precede the place where something is.
	stays = []string{"坐标", "位于", "地处", "家住", "家在", "住在", "现住", "居住在", "我在", "我们在", "本人在", "身在", "人在", "我们", "咱", "咱们"}
	// units go on with an address behind a short name.
	units = []string{"街道", "小区", "社区", "家园", "花园", "新城", "广场", "大道", "路", "街", "公园", "景区", "开发区", "高新区"}
	// noUnits begin with the character of a unit and are none.
	noUnits = []string{"区域", "区别", "区分", "区间", "乡亲", "乡下", "镇静"}
	// utilities are firms that serve the place that their name begins with.
	utilities = []string{"燃气", "天然气", "煤气", "中燃", "热力", "供热", "供暖", "暖气", "自来水", "供水", "水务", "供电", "电力", "公交", "地铁", "物业", "环卫"}
	// strangers end a phrase that tells who someone is and not where the matter is.
	strangers = []string{"农民工", "民工", "打工", "务工", "工作", "个体户", "供应商", "投资人", "退休", "企业", "老板", "上大学", "创业"}
	// affairs are a person's own: where they were begun tells little of where they are to be
	// settled.
	affairs = []string{"社保", "医保", "公积金", "户口", "户籍", "养老保险", "养老金", "参保", "保险", "上牌", "准生证", "生育", "登记结婚", "通行证", "居住证", "高铁", "动车", "航班", "机票", "火车票"}
)

const breaks = "，。！？；：、,.!?;:\n\t“”《》"

// reach is how far behind a name is looked, in code points.
const reach = 14

// weigh gives the weight of a name where it stands, 0 when it tells nothing of where the
// matter is.
func weigh(body string, run []lexicon.Match, r *region, titleEnd int) float64 {
	last := run[len(run)-1]
	before, after := body[:run[0].ByteStart], body[last.ByteEnd:]
	if !r.full && !last.Whole || partOfName(after, r.full) || hasAnyPrefix(after, otherUse) || hasAnySuffix(before, origins) || quoted(before) {
		return 0
	}
	if !r.full && hasAnySuffix(before, subordinate) {
		return 0
	}
	near := ahead(after)
	if outsider(near) || !r.full && strings.HasPrefix(after, "的") && strings.HasSuffix(before, "是") {
		return 0
	}
	w := weightShort
	switch {
	case r.district && !located(near):
		w = weightDistrict
	case r.full:
		w = weightFull
	case hasAnySuffix(before, stays) || located(near):
		w = weightLocated
	case r.province:
		w = weightProvince
	case before == "" || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, "#") || strings.HasSuffix(before, "【"):
		w += weightStart
	}
	if int(last.Start) < titleEnd {
		w += weightTitle
	}
	return w
}

// partOfName tells whether what follows makes a name part of another: 南京路, 长春村.
func partOfName(after string, full bool) bool {
	return !full && (hasAnyPrefix(after, inNames) || hasAnyPrefix(after, inShortNames))
}

// ahead is the text from here to the next break, at most reach code points.
func ahead(after string) string {
	n := 0
	for i, r := range after {
		if n == reach || strings.ContainsRune(breaks, r) {
			return after[:i]
		}
		n++
	}
	return after
}

// located tells whether an address goes on behind a short name: 大连甘井子区, 沧州献县.
func located(near string) bool {
	for i, r := range near {
		if i == 0 {
			continue
		}
		if strings.ContainsRune("的了是我你他在有到和与 ", r) {
			return false
		}
		if strings.ContainsRune("区县镇乡村", r) && !hasAnyPrefix(near[i:], noUnits) || hasAnyPrefix(near[i:], units) {
			return true
		}
	}
	return false
}

// outsider tells of a firm that is named after a place, or of a person from there.
func outsider(near string) bool {
	for _, list := range [][]string{strangers, affairs} {
		for _, w := range list {
			if strings.Contains(near, w) {
				return true
			}
		}
	}
	end := strings.Index(near, "公司")
	if i := strings.Index(near, "集团"); i >= 0 && (end < 0 || i < end) {
		end = i
	}
	if end < 0 {
		return false
	}
	for _, w := range utilities {
		if strings.Contains(near[:end], w) {
			return false
		}
	}
	return true
}

// quoted tells whether a name stands within the marks of a document's title.
func quoted(before string) bool {
	open := strings.LastIndex(before, "《")
	return open >= 0 && len(before)-open < 90 && !strings.Contains(before[open:], "》")
}

// masked tells whether a text names a place by a letter in its stead: A市, B3县, C2区. The
// B区 of an estate is none.
func masked(body string) bool {
	for at, r := range body {
		if r != '市' && r != '区' && r != '县' {
			continue
		}
		name := strings.TrimRight(body[max(at-3, 0):at], "0123456789")
		if name == "" || name[len(name)-1] < 'A' || name[len(name)-1] > 'Z' {
			continue
		}
		numbered := body[at-1] >= '0' && body[at-1] <= '9'
		if numbered || r != '区' {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// hasAnySuffix allows white space between the word and what follows.
func hasAnySuffix(s string, words []string) bool {
	for {
		r, n := utf8.DecodeLastRuneInString(s)
		if r != ' ' && r != '\u3000' {
			break
		}
		s = s[:len(s)-n]
	}
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}
