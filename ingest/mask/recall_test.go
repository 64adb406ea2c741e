package mask

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sentences are our own; with HUIYING_SHARED real posts are used instead.
var sentences = []string{
	"尊敬的领导：我们小区的路灯坏了三个月，物业说没有钱修，晚上老人小孩出门很危险。请相关部门尽快处理，谢谢。",
	"2019年3月5日缴费3800元，收据编号20190305001，至今没有开通天然气，打电话给公司也没有人接。",
	"高中门口每天下午五点堵车，建议增设红绿灯。周边有多家商户占道经营，城管来了就走，走了又来。",
	"本人于2015年购买了万科的房子，合同约定2017年12月31日交房，到现在还没有拿到房产证。",
	"我是一名普通工人，在工地上干了四个月，老板拖欠工资28000元，已经向劳动局反映过两次。",
	"区房管局王局长说会处理，张科长也来看过，但是到今天还没有结果。",
}

func realPosts(t testing.TB, names ...string) []string {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		return nil
	}
	var out []string
	for _, name := range names {
		f, err := os.Open(filepath.Join(shared, "data", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var row struct{ Title, Text string }
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				t.Fatal(err)
			}
			out = append(out, row.Title+"\n"+row.Text)
		}
		f.Close()
	}
	return out
}

// The names of the test are made of characters listed here and not of the package's
// own table.
const (
	testSurnames = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
	testGiven    = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志宏文斌海波春梅晓东小燕雪峰鹏飞宇轩子涵浩然梓欣怡佳琪思雨德福贵荣生庆祥永康少云长江立新学民爱正义光辉振兴"
)

func testName(r *rand.Rand) string {
	surnames, given := []rune(testSurnames), []rune(testGiven)
	s := string(surnames[r.IntN(len(surnames))])
	if r.IntN(40) == 0 {
		s = pairs[r.IntN(10)]
	}
	s += string(given[r.IntN(len(given))])
	if r.IntN(3) > 0 {
		s += string(given[r.IntN(len(given))])
	}
	return s
}

func digitsOf(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	return b.String()
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func testMobile(r *rand.Rand) string {
	return "1" + string("3456789"[r.IntN(7)]) + digitsOf(r, 9)
}

func testPhone(r *rand.Rand) string {
	m := testMobile(r)
	fixed := fmt.Sprintf("%d%s", 2+r.IntN(7), digitsOf(r, 7))
	switch r.IntN(13) {
	case 0:
		return m[:3] + "-" + m[3:7] + "-" + m[7:]
	case 1:
		return m[:3] + " " + m[3:7] + " " + m[7:]
	case 2:
		return "+86" + m
	case 3:
		return "+86 " + m
	case 4:
		return "86-" + m
	case 5:
		return "0731-" + fixed
	case 6:
		return "（0731）" + fixed
	case 7:
		return "010" + fixed
	case 8:
		return "0731 " + fixed[:4] + " " + fixed[4:]
	case 9:
		return wide(m, "０１２３４５６７８９")
	case 10:
		return wide(m, "〇一二三四五六七八九")
	case 11:
		return "0571-" + fixed[:7]
	}
	return m
}

func wide(digits, alphabet string) string {
	rs := []rune(alphabet)
	var b strings.Builder
	for _, c := range digits {
		b.WriteRune(rs[c-'0'])
	}
	return b.String()
}

func testCard(r *rand.Rand) string {
	area := pick(r, "430102", "110101", "330106", "610113", "440305", "510107")
	birth := fmt.Sprintf("%04d%02d%02d", 1940+r.IntN(68), 1+r.IntN(12), 1+r.IntN(28))
	if r.IntN(6) == 0 {
		return area + birth[2:] + digitsOf(r, 3)
	}
	body := area + birth + digitsOf(r, 3)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}

func testBank(r *rand.Rand) string {
	d := []byte(pick(r, "622202", "621700", "622848", "436742", "520083"))
	d = append(d, digitsOf(r, 9+3*r.IntN(2))...)
	d = append(d, '0')
	for v := byte('0'); v <= '9'; v++ {
		d[len(d)-1] = v
		values := make([]byte, len(d))
		for i, c := range d {
			values[i] = c - '0'
		}
		if luhn(values) {
			break
		}
	}
	if s := string(d); r.IntN(3) == 0 {
		var parts []string
		for ; len(s) > 4; s = s[4:] {
			parts = append(parts, s[:4])
		}
		return strings.Join(append(parts, s), " ")
	}
	return string(d)
}

func testPlate(r *rand.Rand) string {
	letters := "ABCDEFGHJKLMNPQRSTUVWXYZ"
	s := string([]rune(provinces)[r.IntN(28)]) + string(letters[r.IntN(8)])
	switch r.IntN(4) {
	case 0:
		return s + "·" + digitsOf(r, 4) + string(letters[r.IntN(24)])
	case 1:
		return s + pick(r, "D", "F") + digitsOf(r, 5)
	case 2:
		return s + string(letters[r.IntN(24)]) + digitsOf(r, 3) + string(letters[r.IntN(24)])
	}
	return s + digitsOf(r, 5)
}

// secret is a made-up piece of personal data with the sentence that it comes in.
func secret(r *rand.Rand, k Kind) (string, string) {
	var s, in string
	switch k {
	case Phone:
		s = testPhone(r)
		in = pick(r, "联系电话：%s。", "我的电话是%s，", "请回电%s", "手机%s，", "电话:%s ", "（%s）", "有事打%s找我，", "tel:%s。", "%s是我的号码，", "请联系我%s谢谢", "微信同号%s，")
	case IDCard:
		s = testCard(r)
		in = pick(r, "身份证号：%s。", "身份证%s，", "本人身份证号码为%s，", "（身份证号码：%s）", "证件号%s ", "身份证号是%s请核实", "公民身份号码%s。")
	case BankCard:
		s = testBank(r)
		in = pick(r, "银行卡号：%s。", "请退到%s这张卡上，", "我的工行卡%s被冻结，", "卡号%s，", "账号：%s ", "钱打到了%s，")
	case Plate:
		s = testPlate(r)
		in = pick(r, "车牌号%s，", "我的车%s被贴条，", "一辆%s的货车", "车牌：%s。", "%s违停，")
	case Email:
		s = pick(r, "zhang.san", "li_si88", "a"+digitsOf(r, 6), digitsOf(r, 9), testMobile(r)) + "@" + pick(r, "qq.com", "163.com", "gmail.com", "mail.bj.gov.cn", "foxmail.com")
		in = pick(r, "邮箱：%s。", "请发到%s，", "邮箱%s谢谢", "我的邮箱是%s ")
	case Account:
		if r.IntN(2) == 0 {
			s, in = fmt.Sprintf("%d%s", 1+r.IntN(9), digitsOf(r, 7)), pick(r, "QQ：%s。", "qq%s，", "QQ号是%s ", "加我QQ %s，")
		} else {
			s, in = pick(r, "wxid_", "zhang", "Lee-")+digitsOf(r, 6), pick(r, "微信号：%s。", "微信%s，", "微信号是%s ", "加微信:%s，")
		}
	case Name:
		s = testName(r)
		in = pick(r, "我叫%s，", "我叫%s，今年45岁，", "我叫%s是这个小区的业主，", "我叫%s家住三栋，", "本人%s，", "本人%s，男，", "我是%s，", "我是业主，我叫%s。", "联系人：%s。", "联系人:%s ", "姓名：%s，", "姓名：%s\n",
			"此致敬礼！%s", "此致\n敬礼\n%s", "%s敬上", "反映人：%s ", "我的名字叫%s，", "本人名叫%s。", "投诉人：%s，")
	}
	return s, fmt.Sprintf(in, s)
}

// insert puts a sentence between two of the post's, or at its end when it is a
// signature.
func insert(r *rand.Rand, post, sentence string) string {
	if strings.Contains(sentence, "敬") {
		return post + "\n" + sentence
	}
	parts := strings.SplitAfter(post, "。")
	at := r.IntN(len(parts))
	parts[at] += sentence
	return strings.Join(parts, "")
}

func TestRecall(t *testing.T) {
	posts := realPosts(t, "messages_2019.jsonl", "messages_gas_2022.jsonl", "messages_hangzhou.jsonl")
	if posts == nil {
		t.Log("HUIYING_SHARED is not set: the secrets are put into our own sentences only")
		posts = sentences
	}
	r := rand.New(rand.NewPCG(1, 2))
	for k := range kinds {
		const n = 4000
		missed := map[string]int{}
		hits := 0
		for range n {
			s, in := secret(r, k)
			masked, _ := Text(insert(r, posts[r.IntN(len(posts))], in))
			if strings.Contains(masked, s) {
				missed[in]++
			} else {
				hits++
			}
		}
		t.Logf("%-9s recall %.4f", k, float64(hits)/n)
		if hits < n*99/100 {
			shown := 0
			for in := range missed {
				if shown++; shown > 25 {
					break
				}
				t.Logf("  missed: %s", in)
			}
			t.Errorf("%s: recall %.4f is below 0.99", k, float64(hits)/n)
		}
	}
}
