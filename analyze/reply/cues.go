package reply

import (
	"regexp"
	"strings"
)

// cue is a pattern that is only tried on texts that hold one of some characters: most
// pieces hold none, and looking for them costs a hundredth of the pattern.
type cue struct {
	holds   string
	pattern *regexp.Regexp
}

func newCue(holds string, pattern ...string) cue {
	return cue{holds, regexp.MustCompile(strings.Join(pattern, "|"))}
}

func (c cue) in(s string) bool {
	return strings.ContainsAny(s, c.holds) && c.pattern.MatchString(s)
}

// all are the places of the first matches, as pairs of byte offsets.
func (c cue) all(s string) [][]int {
	if !strings.ContainsAny(s, c.holds) {
		return nil
	}
	return c.pattern.FindAllStringIndex(s, maxEvidence)
}

// strip takes out what matches, and tells whether anything did.
func (c cue) strip(s string) (string, bool) {
	if !c.in(s) {
		return s, false
	}
	return c.pattern.ReplaceAllString(s, ""), true
}

// Parts of the patterns.
const (
	organ = `(?:局|委|办|厅|处|所|站|院|校|部门|单位|科室|股室|机构|中心|公司|大队|支队|中队|街道|社区|政府|管委会|办事处|委员会|镇|乡|区|县|市|村|红十字会|协会|残联|妇联|工会)`
	you   = `(?:您|你|贵|网友|网民|群众)`
	// recent is a time that a deed of the office can have; a bare year is history.
	recent = `(?:\d{1,2}月\d{1,2}日|近日|日前|当日|当天|当晚|当场|本月|本周|今年)`
	when   = `(?:\d{4}年|今年|明年|后年|年底|年内|年初|上半年|下半年|\d{1,2}月|月底|月内|本月|下月|本周|下周|近日|日前|当日|当天|当晚|当场|` +
		`\d+个?(?:工作日|小时|天|日内)|(?:一|两|二|三|半)个?(?:月|周|年|星期)|季度|春节|国庆|后两年)`
)

// frames are the phrases that every reply has. A piece of which they leave fewer than four
// Chinese characters is frame; the first that it holds names it.
var frames = []struct {
	name ReasonName
	cue
}{
	{Elsewhere, newCue("复答说链点参详",
		`^.*(?:已|曾|于).*(?:作了|做了|做出|作出|予以|给予|进行了?)(?:详细|相关|明确)?(?:的)?(?:回复|答复|说明|解答)了?$`,
		`(?:部门|单位|局)已经?(?:答复|回复)`, `已.{0,8}(?:答复|回复)过?了?$`,
		`(?:详情|具体)?请?(?:点击|见链接|参见|查看链接)(?:在此|此处|链接)?|链接$`)},
	{Transfer, newCue("转交呈报",
		`(?:^.*(?:问题|情况|诉求|留言|建议|意见|事项|帖子|帖文|来信|投诉|咨询).{0,6})?(?:汇报给|转交|转至|转给|转办|转送|转由|转发|转达|移交|交办|交由|批转|函转|转呈|呈报|上报).*$`,
		`(?:^.*(?:问题|情况|诉求|留言|建议|意见|事项|帖子|帖文|来信|投诉|咨询).{0,6})?(?:已|将|直接|分别|现|予以)转(?:到|相关|有关|各|市|县|区|[^移让业正型变接学]{2,16}`+organ+`).*$`,
		`^.{0,12}(?:并|已|将)?(?:分属|交)`+organ+`?.*`+organ+`.*(?:调查|核实|核处|处理|办理).{0,8}$`)},
	{Transfer, newCue("馈复告关待中",
		`^.*(?:将|会|再|及时|第一时间|请|敬请|后续).*(?:反馈|回复|告知|答复)(?:给|与|于|至)?(?:您|你|网友)?$|敬请关注.*$|^.*(?:问题|情况)?.*(?:交办|核实|调查|办理|处理)中$`,
		`^(?:待|等).*(?:回复|答复|反馈)$|^(?:如有|有)(?:情况|结果|进展|回复)$|^(?:请|敬请)?(?:您)?耐心等待$|^并?(?:予以|及时)?(?:办复|反馈|回复)$`)},
	{Receipt, newCue("悉到阅", `^.*(?:收悉|收到|知悉|获悉|悉知|已阅|阅悉|敬悉).{0,12}$`)},
	{Receipt, newCue("台网栏留信帖映问",
		`^`+you+`?好?.*(?:通过|登录|在|于|接|收到).*(?:平台|人民网|红网|栏目|留言板|留言|来信|来帖|信件|一帖|问政).*$`)},
	{Receipt, newCue("您你网群",
		`^(?:一是|[一二三四五六七八九十\d]+[、.．])?(?:现)?(?:就|将|对|针对|关于|对于|有关|根据)?`+you+`(?:们)?(?:的|所|在)?.*(?:反映|咨询|提出|提|关心|投诉|举报|建议|反应|来信|留言).*(?:问题|情况|事宜|事项|事情|诉求|一事|一帖|建议|意见|留言|帖子|投诉)$`)},
	{Receipt, newCue("关针对就", `^(?:一、|二、|三、|四、|五、|\d[、.．])?(?:关于|针对|对于|就).*(?:问题|情况|事宜|事项|诉求|一事|建议|的)$`)},
	{Courtesy, newCue("复馈报说应",
		`.*(?:回复|答复|反馈|汇报|说明|回应)如下`,
		`^(?:现|特)?(?:此|予)?(?:回复|答复|复)$|^特此(?:回复|答复|说明|函复)|^专此回复|^此复|^(?:回复|答复)(?:内容)?$`)},
	{Courtesy, newCue("谢祝谅解望欢贵愉康意顺便歉多",
		`(?:感谢|谢谢|致谢|祝您|祝你|祝愿|敬请谅解|请谅解|请您谅解|敬请理解|希望您继续|希望你一如既往|欢迎您?继续|欢迎您?(?:监督|来信|来电)|`+
			`宝贵(?:的)?(?:意见|建议)|生活愉快|身体健康|万事如意|工作顺利|带来(?:的)?不便|深表歉意|多提).*`)},
	{Courtesy, newCue("重", `.*(?:高度重视|十分重视|非常重视|很重视)`)},
	{Courtesy, newCue("网同朋先女来市居好U", `^(?:尊敬的|亲爱的)?.{0,14}(?:网友|网民|同志|朋友|先生|女士|来信人|市民|居民)(?:朋友)?.{0,16}$`, `^[“"]?UU\d*[”"]?.{0,4}$`, `[您你]们?好`)},
	{Courtesy, newCue("年-./", `^.*\d{4}年\s*\d{1,2}月\s*\d{1,2}日$`, `^\d{4}[-./]\d{1,2}[-./]\d{1,2}$`)},
	{Courtesy, newCue("以如您你若有对",
		`^以上(?:是|为)?.*(?:回复|答复|情况)$`,
		`^(?:如果?|若)?(?:您|你)?(?:对|还|如|若|有).*(?:不满意|疑问|不明|意见建议|其他问题|新的意见|不清楚).{0,10}$`,
		`^(?:如|若|您如?)?(?:有|还有)(?:其他|任何|什么)?(?:问题|疑问|需要)$`)},
}

// nameTag stands before a piece without a mark of its own.
var nameTag = regexp.MustCompile(`[“"]?(?:UU|A0{2,})\d+[”"]?[：:]?|^(?:尊敬的)?(?:网友|网民)(?:朋友)?`)

// plain removes such a tag.
func plain(s string) string {
	return strings.TrimSpace(nameTag.ReplaceAllString(s, ""))
}

// The cues that give a piece its role.
var (
	// signature is an office's name alone.
	signature = newCue("局委办厅处所院心司队府会室", `^[\p{Han}A-Z0-9]{2,24}(?:局|委|办|厅|处|所|院|中心|公司|大队|支队|中队|人民政府|办事处|委员会|管委会|办公室)$`)
	// investigates is that somebody is sent to look into it, without what was found.
	investigates = newCue("查核处了办置", `(?:组织|安排|责成|要求|派|交|由|协调|进行|开展|对|立即|迅速|马上|认真).*(?:调查|核实|核查|了解|核处|调查处理|查处|处理|处置|办理)(?:了|情况|处理|核实|解决|此事)?$`)
	// explained is that it was told in person or by telephone, without what was told.
	explained = newCue("释通明答访系示复报", `(?:电话|当面|工作人员|向您|与您|同您|上门).*(?:解释|沟通|说明|解答|答复|通报|回访|取得联系|取得了联系|进行联系).{0,8}$`, `表示(?:理解|满意|认可)`)
	// settled says that the trouble is over.
	settled = newCue("已得现恢目问诉", `(?:已|已经|现已|妥善|得到|得以).{0,6}(?:解决|处理完毕|处理到位|办结)`, `(?:恢复|目前|现在|现).{0,10}正常(?:供气|供热|供暖|供水|供电|用气|用水|用电|通行|营业|使用)?`, `(?:问题|诉求).{0,4}(?:解决|处理)完?`)
	// disclaimer puts the matter out of the office's reach.
	disclaimer = newCue("不非未无属", `(?:不|非|未)(?:属于?|归|在|是|由)(?:我|本).*(?:管辖|管理|权限|范围|范畴|业务|负责|受理)|(?:不|非|未)(?:属于?|归|在|是|由).*(?:职责|职权|管辖|职能|管理权限|负责|受理|地方管理)`,
		`无权|无管辖权|没有权限|无法受理|不予受理`, `属.*(?:部门|局|单位).{0,4}(?:职责|职权|管辖|范围)`, `与(?:我|本)(?:局|市|县|区|单位|部门|院)无关`)
	// excuse says why nothing can be done: a market's or a court's matter, too little told.
	excuse = newCue("场企司法诉不过无", `市场行为|企业(?:自主)?行为|(?:司法|法律|诉讼)(?:途径|渠道|程序)`, `(?:信息|情况|内容|地址|描述|反映|问题|诉求)(?:不足|不明|不清|不详|不具体|不够具体|过于笼统)|无法(?:核实|核查|调查|联系|代为)`)
	// refer is advice that sends the citizen to somebody else only.
	refer = newCue("请建可敬需应具", `(?:请|建议|可|敬请|需|应|可以|具体).*(?:向|到|去|与|和|由|在|直接|拨打|致电|登录|登陆|咨询).*(?:咨询|反映|投诉|举报|了解|提出|查询|联系|反馈|沟通)`, `(?:请|可|建议).*(?:咨询|致电|联系|登录|登陆).+$`)
)

// The cues of an explanation.
var (
	law = newCue("《〔[［（(条据按依遵规政符",
		`《[^》]*(?:法|条例|办法|规定|规则|规范|通知|意见|方案|标准|细则|规程|规划|决定|公告|通告|政策|制度|合同|协议|预案|指南|目录|章程|纲要|解释)[^》]*》`,
		`[〔\[［（(](?:19|20)\d\d[〕\]］）)]\s*第?\d+号|\[政府发文\]|第[一二三四五六七八九十百零\d]+条`,
		`(?:根据|按照|依据|依照|按|遵照).+(?:规定|政策|要求|文件|标准|条例|办法|原则|规划|程序|法律|法规|通知|精神|制度|规范|合同|批复)`,
		`(?:规定|政策)(?:为|是|如下)|不符合.*(?:条件|规定|标准|政策|要求)|符合.*(?:规定|标准|政策)`)
	finding = newCue("经据通实查情现不未并没", `(?:经|据|通过).{0,16}(?:调查|核实|核查|了解|查证|查询|查阅|勘查|勘察|查看|走访|调阅|现场|排查|检测|比对|认定|鉴定)`, `(?:经|据)查`, `不?属实`,
		`(?:调查|核查|核实|基本|项目|具体|有关)情况(?:如下|为)|现场(?:检查|查看|勘查|核实)|不存在|未发现|并未|并非|并没有`)
	cause  = newCue("由因原鉴导造所故为系属考受", `由于|因为|(?:^|是|系)因[^此素]|原因|鉴于|导致|造成|所以|因此|^故|为了|为确保|为避免|为保障|为方便|属于|考虑到|受.{2,20}影响|^因`)
	figure = newCue("0123456789百", `\d+(?:\.\d+)?\s*(?:余|多)?(?:元|万|亿|%|％|亩|户|人|名|米|公里|千米|平方|立方|m|㎡|栋|套|个|条|盏|台|吨|辆|座|处|间|家|次|份|所|班|周岁|岁|块|度|℃|分贝|层|号线|班次|期|kw|千瓦)`, `(?:19|20)\d\d年|\d{1,2}月\d{1,2}日|\d{1,2}[：:]\d{2}|百分之`)
	// advice tells the citizen where to turn or what to do.
	advice = newCue("请建可敬欢需应须务均", `(?:请|建议|可|敬请|欢迎|需|应|须|务必|可以|均可)(?:`+you+`)?.*(?:咨询|反映|投诉|举报|了解|提出|查询|联系|拨打|致电|来电|登录|登陆|申请|申领|领取|申报|享受|前往|携带|提供|办理|提交|`+
		`到.+(?:局|所|站|中心|窗口|部门|社区|村|大厅)|诉讼|仲裁|起诉|报警|协商|沟通|访问|鉴定|完善|提出|读书|就读|入学|签订|持|凭|执行|购买|参加)`, `到.+(?:读书|就读|入学|办理|登记)`)
	// contact is a telephone number, masked or not, or an address for visits.
	contact = newCue("*0123456789址地系", `(?:电话|热线|联系方式|传真|拨打|致电)[^\d*]*[\d*][\d*－\-—]{2,}|\d{3,4}[－\-—][\d*]{7,}|\*{7,}|(?:地址|地点|联系人)`)
)

// The cues of action. A piece tells of it when one of the acts below follows a mark of what
// is done or will be.
var (
	past   = newCue("已立当随多先迅马连正目责于了进经组", `已经?|现已|立即|当场|当即|当日|当晚|随即|多次|先后|迅速|马上|连夜|正在|进行了|组织|`+recent)
	future = newCue("将拟计下接近预力尽适待后继择会准争今有", `将|拟|计划|下一步|下阶段|下步|接下来|近期|预计|力争|尽快|适时|待.{2,24}后|后续|继续|择期|(?:我|也|都|还)们?会|准备|争取|今后|有望`)
	dated  = newCue("年月日周近当天时季节个", when)
	actor  = newCue("局委办厅处所站院校门位构心司队街社府镇乡区县市村员警人业商我领", organ, `人员|民警|队员|负责人|物业|开发商|企业|领导|我们`)
	// denied is that something is not, or cannot be.
	denied = newCue("不没未无暂尚", `尚不|没有|尚未|未能|还未|无法|不具备|不能|不予|暂不|暂无|不宜|未[^来]|不会`)
)

// steps are what an office does about a matter; works are also what has always been there,
// and count only directly after 已.
var (
	steps = acts(`责令 责成 整改 整治 拆除 清理 清运 恢复 修复 维修 检修 抢修 修剪 更换 加装 查封 处罚 罚款 处分 取缔 抓获 约谈 督促 敦促 督办 下达 下发 召开 动工 制定 出台 起草 ` +
		`检查 排查 巡查 巡逻 疏导 劝离 劝导 清查 突袭 办结 退还 退回 补缴 协调 协商 调解 登记 上门 入户 接通 增设 增派 停业 停工 关停 暂停 立案 采取 加强 加大 加快 推进 ` +
		`派出 派驻 调派 对接 追究 追缴 问责 换表 走访 引导 监督 管控 治理 打击 施工 纳入 查处 启动 落实 完善 硬化 通报 劝阻 批评 整顿`)
	works = acts(`完成 竣工 建成 建设 新建 修建 改造 改建 扩建 扩大 提质 教育 宣传 办理 发放 支付 缴纳 组织 开展 安排 供气 供热 供水 通电 通气 调整 增加 设置 设立 关闭 实施 配备 公示 公布 ` +
		`申报 移交 铺设 绿化 种植 签订 审批 批复 受理 联系 回访 规范 优化 保障 确保 解决 改善 配合 监管 要求 安装 开工`)
)

// acts is a set of words of two characters.
func acts(s string) map[gram]bool { return pairs(s) }
