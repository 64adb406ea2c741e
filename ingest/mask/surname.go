package mask

import (
	"strings"
	"unicode/utf8"
)

// surnames are single-character family names (百家姓 and the 300 most frequent of the
// census), without those that are hardly ever a name in a letter.
const surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向" +
	"柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都" +
	"巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺巨窘佘闻苍咸慕湛麻步瞻满濮谯邝闫骆付代尚缪蒲荣惠储皮厉伊帅漆狄芮浦扈茅嵇裘杭况宾戎檀赫尉操粟仝亓逯晁尧郗郏綦亢佴璩逄禹昝靖雒隗邰宓蓟庾暨殳夔厍訾阚毋乜蒯桓奉麦盘鹿茹眭楼朴萨宣阙卿樵"

// plainSurnames begin few other words than names, so that a cue alone makes a name of
// what follows them.
const plainSurnames = "闫骆缪王李张刘陈杨赵吴徐孙胡朱郭罗梁宋郑谢韩唐冯董萧肖曹袁邓许傅沈彭吕苏卢蒋蔡贾魏薛阎潘杜戴姜姚谭廖邹熊郝崔邱秦侯邵孟尹黎贺龚庞樊殷陶翟倪芦俞葛韦聂邢岳詹靳覃霍翁隋阮瞿戚滕邬臧褚娄奚穆栾郁喻窦鄢卓巩虞卞竺冼佟栗匡荆谌岑胥蔺佘濮"

// frequentSurnames begin names of two characters more often than words, once the words
// of notNames are left out.
const frequentSurnames = "尚代蒲荣范任龙文曾乔黄周何高林马程汪金方石叶于夏钟陆孔白毛江顾万段雷钱汤易常武施洪安颜严温章鲁余丁田康史梅尤毕柳左涂祝甄耿牟管苗凌裴席兰莫庄贾宋唐"

// personTails are those of tails that end given names as well, unless one of
// crowdHeads stands before them (村民, 学生).
const (
	personTails = "军生兵民夫友"
	crowdHeads  = "村居市农网学医考中退渔牧灾租业亲朋校男女室病队"
)

// placeTails end the names of places and estates.
const placeTails = "城湾府郡庭居苑坞村坊桥山镇"

// pairs are the family names of two characters.
var pairs = []string{"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "司徒", "夏侯", "端木", "百里", "南宫", "独孤", "轩辕", "呼延", "司空", "澹台", "公冶", "申屠", "太史", "闻人", "赫连", "钟离", "东郭", "西门", "拓跋", "万俟", "濮阳", "淳于", "单于"}

// never are characters that stand in no given name.
const never = "的了是在不我你您他她它们这那就很吗呢吧啊呀哦么什怎哪谁些每各两只次住租买卖没请诉投但则再还已给叫做打号区县镇乡街栋楼层室物局科员厂店院府办处所站委把被着到某×*"

// seldom are characters that stand in given names, and more often in the words that
// follow 我是 and 本人.
const seldom = "去说要过个有都想也和与会能可得对向从以于今昨上下前后初末底内外里因为年月日午晚期间曾经现总"

// notNames are words that begin with a family name and are none.
var notNames = map[[3]rune]bool{}

// tails are the last characters of words for what somebody is.
const tails = "人者员工民户长师生友妈爸客主村市省街路园苑校司家队部群众族党兵夫妻公婆姐哥弟妹叔伯爷奶籍岁军警官科业级届班届"

// traits are what the rules ask of one character.
type traits uint16

const (
	isSurname traits = 1 << iota
	isPlain
	isFrequent
	isPairHead
	isNever
	isSeldom
	isTail
	isPersonTail
	isPlaceTail
	isCrowdHead
	isFollowHead
)

// traitsOf holds the traits of the characters of the basic plane.
var traitsOf [0x10000]traits

// is reports whether r has one of the traits.
func is(r rune, t traits) bool { return r < 0x10000 && traitsOf[r]&t != 0 }

func init() {
	for t, chars := range map[traits]string{
		isSurname: surnames, isPlain: plainSurnames, isFrequent: frequentSurnames, isNever: never, isSeldom: seldom,
		isTail: tails, isPersonTail: personTails, isPlaceTail: placeTails, isCrowdHead: crowdHeads,
	} {
		for _, r := range chars {
			traitsOf[r] |= t
		}
	}
	for t, words := range map[traits][]string{isPairHead: pairs, isFollowHead: follow} {
		for _, w := range words {
			r, _ := utf8.DecodeRuneInString(w)
			traitsOf[r] |= t
		}
	}
	for _, w := range strings.Fields(wordsNotNames) {
		var key [3]rune
		copy(key[:], []rune(w))
		notNames[key] = true
	}
}

// wordsNotNames are the words of notNames.
const wordsNotNames = `高中 高三 高二 高一 高考 高校 高层 高龄 高级 高速 方便 方面 于是 万科 万达 万一 万元 时间 时候 时常 安装 安置 安全 安徽 安保 管理 管家 施工
		石油 石家庄 江西 江苏 江南 江北 江东 江边 江山 马上 马路 马克 马来 金融 金牌 金额 黄牛 黄河 黄金 白领 白天 白云 任何 任职 任课 任教 周边 周围 周末 周一 周二 周三 周四 周五 周六 周日 何时 何况 何必
		钟点 程序 付款 付清 付费 付钱 付出 付完 付给 代理 代表 代码 代办 代替 代购 代为 尚未 尚且 尚无 尚不 尚有 荣誉 荣幸 荣获 惠民 储蓄 储存 储户 皮革 皮肤 帅哥 漆黑 杭州 况且 宾馆 宾客 厉害 尉氏 奉命 奉劝 奉献 楼上 楼下 楼盘 楼房 宣传 宣布 宣称 盘活 操作 靖江 费用 查明 查阅 党费 成绩 盖章 保证 强调 声明 承诺 文化 文明 文件 文员 文科 成都 成年 成人 成功 成立 常年 常住 常德 常常 常务 单位 单亲 单身 单独 单元 包工 包括 包车 车主 车位 车辆 车间 房东 房主 房客 房产 房屋 路过 路人 向上 向来 申请 申报 申诉 应该 应届
		全家 全体 全职 全款 全部 全权 全额 和平 和谐 和善 明天 明年 明确 华为 华侨 华人 强烈 强制 计划 计生 连续 连同 党员 党委 商户 商业 商家 商铺 商品 花园 花都 花钱 都市 都会 原来 原告 原籍 原是 官方 银行 应聘 台湾 台胞 温州 温江 温馨 卫生 卫校
		古城 古稀 宁波 宁乡 宁夏 宁愿 武汉 武警 武冈 龙华 龙岗 湘潭 牛人 水电 范围 范本 范例 任期 任务 任命 任意 文章 文艺 文体 龙头 龙泉 曾任 曾想 乔迁 乔木 来自 来信 来电 来访 来到 保安 保洁 保险 保定 司机 关于 关注 关心 单车 游客 游泳 查询 解放 解决 符合 简单 简称 乐意 乐于 木工 米粉 吉首 吉林 吉安 盛世 边远 边防 封闭 冷水 蓝天 沙坪 步行 明显 易建 左右 左邻
		祝愿 景区 项目 路边 田地 田心 林业 林地 康复 温暖 季度 梅溪 洪江 洪水 段时间 岳阳 岳麓 邵阳 沈阳 郑州 郑重 徐州 杨梅 苏州 韩国 唐山 孟加拉 许多 许久 许可 谢谢 谢意 严重 严格 严厉 夏天 夏季 秦皇岛 陆续 陆军 毛坯 毕业 毕竟 曲靖 荆州 荆门 卢沟 廖无 康乐 柳州 梁平 余杭 余姚 余生 余款 余额 顾客 宋体 伍家 甘肃 甘愿 曾经 曾多 曾向 曾于 曾在
		先生 女士 小姐 经理 主任 书记 局长 科长 队长 所长 老师 同志 师傅 老板 院长 校长 教授 医生 律师 站长 市长 县长 镇长 区长 厂长 处长 部长 组长 警官 法官 会计 总监 董事 台长 支书 村长 `
