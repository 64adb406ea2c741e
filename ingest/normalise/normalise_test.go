package normalise

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTextKeepsWhatAPersonReads(t *testing.T) {
	for in, want := range map[string]string{
		"小区，路灯“坏了”。（第３次）！":                                 "小区，路灯“坏了”。（第3次）！",
		"　　电话：１３８－１２３４－５６７８　":                              "电话：138-1234-5678",
		"a\u200bb\ufeffc\u00add":                           "abcd",
		"一\r\n\r\n 二 \r 三\t\t四":                            "一\n二\n三 四",
		"<p>停水</p><p>三天&nbsp;了</p>":                        "停水\n三天 了",
		"第一<br/>第二<BR>第三":                                  "第一\n第二\n第三",
		"<ul><li>甲<li>乙</ul>":                              "甲\n乙",
		"前<script>alert('x')</script>后<style>p{}</style>。": "前后。",
		"收费3<5元，且a>b":                                      "收费3<5元，且a>b",
		"签了<<购房合同>>，在<某某小区>":                               "签了<<购房合同>>，在<某某小区>",
		"在<A市>的<B3区>":                                      "在<A市>的<B3区>",
		"标准是<script>没有写完":                                  "标准是<script>没有写完",
		"写到一半<div class=\"x 就断了":                           "写到一半<div class=\"x 就断了",
		"<!-- 注释 -->正文":                                    "正文",
		"正文<!-- 没有完":                                       "正文<!-- 没有完",
		"&amp;lt;p&amp;gt;水&amp;#38;电":                     "水&电",
		"A&B公司 &quot;好&quot; AT&T;":                        "A&B公司 \"好\" AT&T;",
		"https://a.cn/?x=1&lt=2&copy=3":                    "https://a.cn/?x=1&lt=2&copy=3",
		"① ② ㎡ ℃ № Ⅲ":                                      "① ② ㎡ ℃ № Ⅲ",
		"⼈民⽇报":                                             "人民日报",
		"𝟏𝟑𝟖":                                              "138",
		"a\xff\xfeb":                                       "a\ufffdb",
		"":                                                 "",
		" \n\t ":                                           "",
	} {
		if got, _ := Text(in); got != want {
			t.Errorf("Text(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestTextCountsInvalidBytes(t *testing.T) {
	if got, n := Text("路\xe8\xb7灯\xff"); n != 3 || !utf8.ValidString(got) {
		t.Errorf("got %q with %d invalid bytes, want 3", got, n)
	}
}

func TestLineIsOneLine(t *testing.T) {
	if got, _ := Line(" 标题<br>第二行\n第三 "); got != "标题 第二行 第三" {
		t.Errorf("got %q", got)
	}
}

func TestNestedMarkupEnds(t *testing.T) {
	deep := strings.Repeat("<", 20_000) + strings.Repeat("p>", 20_000) + strings.Repeat("&amp;#38;", 5_000) + "lt;"
	once, _ := Text(deep)
	if twice, _ := Text(once); twice != once {
		t.Error("a second pass changes the text")
	}
}

// check states what holds of every normalised text.
func check(t interface{ Fatalf(string, ...any) }, in string, f func(string) (string, int), lines bool) {
	once, _ := f(in)
	if twice, n := f(once); twice != once || n != 0 {
		t.Fatalf("not idempotent:\n  in %q\nonce %q\ntwice %q", in, once, twice)
	}
	if !utf8.ValidString(once) || strings.Contains(once, "  ") || strings.Contains(once, "\n\n") || strings.TrimSpace(once) != once || strings.ContainsAny(once, "\r\t\u3000\u200b\x00") {
		t.Fatalf("not normal: in %q out %q", in, once)
	}
	if !lines && strings.Contains(once, "\n") {
		t.Fatalf("a line with a line break: %q", once)
	}
	if len(once) > len(in)*3 {
		t.Fatalf("grew from %d to %d bytes", len(in), len(once))
	}
}

func TestProperties(t *testing.T) {
	piece := rapid.SampledFrom([]string{"<", ">", "<p>", "</p>", "&", "amp;", "#38;", "lt;", "gt;", "&nbsp;", "<br", "/>", "script>", "<!--", "-->", "<!", "<?xml",
		"路灯", "，", "１", "＠", " ", "\n", "\r", "　", "\u200b", "\xff", "\xe8\xb7", "\u2028", "<style>", "</style", "a", "⼈", "\u0301", "<textarea>", "<title>", "</"})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(piece, 0, 24).Draw(t, "pieces"), "")
		check(t, s, Text, true)
		check(t, s, Line, false)
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>停水</p>&nbsp;", "&amp;lt;b&amp;gt;", "a\xffb", "<!--", "<scr<script>ipt>", "１３８ ０", "</", "<a href='x'", "&#x110000;&#0;&NotEqualTilde;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s, Text, true); check(t, s, Line, false) })
}

func BenchmarkText(b *testing.B) {
	clean := strings.Repeat("尊敬的领导：我们小区的路灯坏了三个月，物业说没有钱修，晚上老人小孩出门很危险。", 10)[:1110]
	for name, s := range map[string]string{"clean": clean, "html": "<p>" + clean + "</p>", "wide": "　" + clean + "１３８"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Text(s)
			}
		})
	}
}
