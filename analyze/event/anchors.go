package event

import (
	"slices"
	"strings"
	"unicode"
)

// anchorWords end the names of places and bodies, by kind: two titles that each name one of a
// kind, and not the same, speak of different matters.
var anchorWords = [][][]rune{
	endings("小区 花园 家园 新城 国际城 城 苑 府 湾 郡 都 园 庭 公馆 广场 大厦 公寓 楼盘 新村 国际 一号 印象 山庄 半岛 名邸 时代 中心 里 院"),
	endings("路 大街 街 大道 巷 胡同 桥 高速 线 号线 立交 隧道"),
	endings("学校 小学 中学 幼儿园 学院 大学 一中 二中 驾校 培训"),
	endings("公司 集团 银行 医院 工厂 厂 物业 酒店 超市 市场 平台 店 卡"),
	endings("镇 乡 村 社区 街道 组"),
}

// anchorStarts tells by a character, hashed to eight bits, of which kinds a word may begin with it.
var anchorStarts = func() (kinds [256]uint8) {
	for kind, list := range anchorWords {
		for _, word := range list {
			kinds[uint8(word[0])] |= 1 << kind
		}
	}
	return kinds
}()

func endings(list string) (out [][]rune) {
	for _, s := range strings.Fields(list) {
		out = append(out, []rune(s))
	}
	return out
}

// findAnchors lists the pairs of characters that stand before such words in a title and are
// not common, each once: kind<<24 | hash.
func findAnchors(title []rune) (anchors []uint32) {
	for kind, list := range anchorWords {
		for i := 2; i < len(title); i++ {
			if anchorStarts[uint8(title[i])]>>kind&1 == 0 {
				continue
			}
			n := ending(list, title[i:])
			if n == 0 {
				continue
			}
			if a, b := title[i-2], title[i-1]; isName(a) && isName(b) {
				pair := hashPair(unicode.ToLower(a), unicode.ToLower(b))
				anchor := uint32(kind)<<hashBits | pair
				if isRare(pair) && !slices.Contains(anchors, anchor) && len(anchors) < maxAnchors {
					anchors = append(anchors, anchor)
				}
			}
			i += n - 1
		}
	}
	return anchors
}

// ending is the length of the first of the words that the text begins with, 0 for none.
func ending(list [][]rune, text []rune) int {
	for _, word := range list {
		if len(word) <= len(text) && slices.Equal(word, text[:len(word)]) {
			return len(word)
		}
	}
	return 0
}

func isName(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
