package risk

import (
	"strings"
	"unicode/utf8"
)

// incident is a sort of fact that the rules list for 紧急 (risk 3): what happened, in words
// that state it.
type incident struct {
	sign
	// not are longer words that hold one of the words and do not mean it (熏死人, 聚众赌博).
	not []string
	// grave is what one word of it counts for level 3, see graveness.
	grave float64
	// passing tells that it is a danger or a crowd, graver while it lasts.
	passing bool
}

// incidents are those facts. They count where they are stated: a word behind a negation
// does not, one that is supposed (一旦发生火灾), quoted from a law or told of another place
// is shown as a hazard that may come.
var incidents = []incident{
	{grave: 1, sign: sign{name: "death", kind: "K6", words: []string{
		"死亡", "身亡", "丧命", "丧生", "遇难", "死于", "死伤", "致死", "人命", "死人", "毒死", "惨死", "猝死", "淹死", "撞死", "摔死", "打死", "死了", "死者", "命案", "尸体",
		"砸死", "烧死", "电死", "触电死", "压死", "害死", "逼死", "断送性命", "失去生命", "失去了生命", "身故", "两死", "一死", "死一伤", "中毒身亡", "触电身亡", "多人死亡", "伤亡", "家破人亡", "出了人命",
		"溺亡", "坠亡", "抢救无效", "夺走"}},
		not: []string{"熏死人", "呛死人", "吓死人", "晕死人", "烦死人", "吵死人", "气死人", "热死人", "冻死人", "累死人", "急死人", "笑死人", "臭死人", "闷死人", "挤死人", "坑死人", "人命关天",
			"堵死了", "封死了", "锁死了", "焊死了", "钉死了", "卡死了", "累死了", "气死了", "烦死了", "吵死了", "热死了", "冷死了", "冻死了", "困死了", "饿死了", "笑死了", "想死了", "吓死了", "臭死了", "熏死了", "急死了", "难受死了",
			"羞死了", "美死了", "爱死了", "恨死了", "无聊死了", "死了心", "死了算", "死亡证明", "死亡人数统计", "自然死亡", "疾病死亡", "因病死亡", "鱼死亡", "鱼大量死亡", "鱼虾死亡", "庄稼死亡", "大量死亡",
			"树木死亡", "苗木死亡", "植物死亡", "死亡赔偿", "死亡抚恤", "狗打死", "等死人", "要死人", "会死人", "怕死人", "闹出人命", "弄出人命", "搞出人命", "要出人命", "会出人命", "不出人命", "人员伤亡和", "减少伤亡", "致人死亡"}},
	{grave: 1, sign: sign{name: "injury", kind: "K6", words: []string{
		"重伤", "致残", "截瘫", "植物人", "流产", "昏迷", "生命垂危", "抢救", "头破血流", "重症监护", "ICU", "终身残疾", "颅脑", "病危", "致伤住院", "打伤住院", "耳膜穿孔", "脑出血", "毁容", "截肢", "埋了人", "被埋"}},
		not: []string{"昏迷不醒的", "抢救性", "抢救室设", "致残率", "因公致残", "因工致残", "抢救文物", "被埋没", "被埋藏", "被埋怨"}},
	{grave: 0.4, sign: sign{name: "hurt", kind: "K6", words: []string{
		"致伤", "受伤", "轻伤", "流血", "打伤", "撞伤", "烫伤", "砸伤", "伤者", "撞倒", "摔伤", "咬伤", "被咬", "骨折", "烧伤", "住院", "被车撞", "撞飞", "交通事故", "车祸", "伤人", "受害者", "送医", "晕倒", "昏倒", "上吐下泻", "满头是血"}},
		not: []string{"送医保", "送医药", "送医疗", "送医下乡", "心灵受伤", "受伤害", "住院部", "住院医", "住院报销", "住院费", "住院医疗", "住院楼"}},
	{sign: sign{name: "violence", kind: "K6", words: []string{
		"殴打", "暴打", "毒打", "打人", "持刀", "砍人", "行凶", "打手", "被打", "动手打", "性侵", "猥亵", "虐待", "虐童", "体罚", "强奸", "非法拘禁", "限制人身自由", "拳打脚踢", "推搡", "家暴", "打架", "斗殴"}},
		not: []string{"被打回", "被打下来", "被打了下来", "被打断", "被打扰", "被打通", "被打压", "被打造", "暴力催收", "暴力拆", "暴力破", "冷暴力", "打手机", "打人工", "打手续"}},
	{passing: true, grave: 0.4, sign: sign{name: "clash", kind: "K6", words: []string{
		"群殴", "打砸", "械斗", "围殴", "聚众殴打", "聚众斗殴", "往死里打", "大规模冲突", "肢体冲突", "暴力冲突", "发生冲突", "发生了冲突", "流血冲突", "冲突升级", "暴力抗"}}},
	{passing: true, grave: 0.5, sign: sign{name: "crowd", kind: "K6", words: []string{
		"聚众", "围堵", "拉横幅", "打横幅", "罢工", "罢运", "罢课", "静坐", "游行", "门口坐了", "群体性事件", "群体事件", "维权现场", "堵路维权", "上街", "聚集在", "聚集到", "堵大门", "集体抗议", "统一抗议", "人被抓", "业主被抓"}},
		not: []string{"聚众赌博", "聚众打牌", "聚众赌", "聚众打麻", "聚众吸", "聚众喝", "机罢工", "闸机罢工", "又罢工", "经常罢工", "电梯罢工", "空调罢工", "车辆围堵", "消除群体性事件"}},
	{passing: true, grave: 0.3, sign: sign{name: "danger_now", kind: "K6", words: []string{
		"燃气泄漏", "煤气泄漏", "天然气泄漏", "着火", "发生火灾", "发生了火灾", "发生过火灾", "发生爆炸", "起火", "失火", "火灾事故", "大火", "食物中毒", "铅中毒", "中毒", "集体腹泻", "投毒", "毒食品", "有毒食品", "泄漏事故", "煤气中毒", "溺水", "坠楼",
		"电梯坠落", "电梯坠", "燃气爆炸", "烟雾弥漫", "命悬一线", "危在旦夕", "漏气", "泥石流", "大爆炸", "山体滑坡"}},
		not: []string{"信息爆炸", "知识爆炸", "爆炸头", "爆炸性", "电脑中毒", "手机中毒", "信息泄漏", "资料泄漏", "隐私泄漏", "爆炸式", "生意火爆", "大火车", "扑大火", "一大火"}},
	{grave: 0.3, sign: sign{name: "collapse", kind: "K6", words: []string{
		"坍塌", "塌方", "倒塌", "垮塌", "塌陷", "崩塌", "滑坡", "决堤", "溃坝", "塌了"}},
		not: []string{"股价坍塌"}},
	{grave: 0.5, sign: sign{name: "outbreak", kind: "K6", words: []string{
		"疫情暴发", "疫情爆发", "暴发疫情", "爆发疫情", "聚集性疫情", "确诊病例", "新增确诊", "确诊患者", "感染者", "疑似病例", "死亡病例", "例确诊", "人感染", "集体感染", "交叉感染", "新增病例", "例病例", "人确诊"}}},
	{passing: true, grave: 1, sign: sign{name: "self_harm", kind: "K6", words: []string{
		"自杀", "轻生", "跳楼", "自焚", "活不下去", "不想活", "以死", "同归于尽", "割腕", "寻短见", "生无可恋", "逼上绝路", "想死的心", "死给", "喝农药"}},
		not: []string{"跳楼价", "跳楼甩卖", "以死记", "以死循"}},
	{passing: true, grave: 1, sign: sign{name: "threat_life", kind: "K6", words: []string{
		"弄死", "搞死", "打死你", "打死我", "打死你们", "砍死", "杀死", "杀了", "要杀", "报复社会", "灭口", "威胁生命"}}},
	{grave: 0.3, sign: sign{name: "panic", kind: "K6", words: []string{
		"恐慌", "谣言", "挤兑", "哄抢"}}},
	{grave: 0.3, sign: sign{name: "toll", kind: "K6"}}, // several are counted: 三人死亡, 多名学生受伤
}

// harms are the incidents whose victims may be counted.
var harms = []string{"death", "injury", "hurt"}

// victims may stand between a number and a harm.
var victims = []string{"村民", "居民", "业主", "工人", "学生", "孩子", "老人", "群众", "行人", "员工", "职工", "人", "名", "位", "条"}

// numerals end a number of victims.
const numerals = "0123456789一二两三四五六七八九十百千多余几数"

// countsVictims tells whether a number of victims ends before.
func countsVictims(before string) bool {
	for _, v := range victims {
		if rest, ok := strings.CutSuffix(before, v); ok {
			rest = strings.TrimSuffix(strings.TrimSuffix(rest, "名"), "个")
			r, _ := utf8.DecodeLastRuneInString(rest)
			return rest != "" && strings.ContainsRune(numerals, r)
		}
	}
	return false
}
