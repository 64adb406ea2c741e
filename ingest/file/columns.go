package file

import (
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// field is a part of opinion.Raw that a column can fill.
type field int

const (
	fieldNone field = iota
	fieldID
	fieldAuthor
	fieldTitle
	fieldText
	fieldPublished
	fieldURL
	fieldPlace
	fieldChannel
	fieldLikes
	fieldDislikes
	fieldComments
	fieldReposts
	fields
)

// fieldNames are the names of --map and of JSON exports of our own.
var fieldNames = [fields]string{"", "id", "author", "title", "text", "published_at", "url", "place", "channel", "likes", "dislikes", "comments", "reposts"}

// known lists the column names of common exports (人民网领导留言板, 12345 工单, 市长信箱,
// JSON of collectors), the surest first; of two filled columns for one field the
// surer one counts. 序号 is left out on purpose: it numbers the rows of one export, and
// as an identity it would merge the posts of two. What an office did with a letter
// (办理状态, 答复, domain, type, state, reply) is no part of a post and is passed over.
var known = [fields][]string{
	fieldID: {"id", "source_id", "留言编号", "工单编号", "工单号", "信件编号", "诉求编号", "受理编号", "办件编号", "来信编号", "事件编号", "帖子编号", "帖子id", "微博id", "留言id", "编号", "流水号", "tid", "mid"},
	fieldAuthor: {"author", "留言用户", "留言人", "发帖人", "作者", "网友", "昵称", "用户名", "用户昵称", "来信人", "写信人", "来电人", "诉求人", "市民姓名", "投诉人", "反映人", "联系人", "姓名",
		"user", "username", "user_name", "nickname", "screen_name"},
	fieldTitle: {"title", "留言主题", "留言标题", "信件标题", "信件主题", "来信标题", "来信主题", "工单标题", "工单主题", "诉求标题", "事项标题", "信访标题", "标题", "主题", "subject"},
	fieldText: {"text", "留言详情", "留言内容", "信件内容", "来信内容", "工单内容", "来电内容", "诉求内容", "诉求描述", "反映内容", "投诉内容", "事项内容", "问题描述", "问题内容", "工单描述", "主要内容", "微博正文", "微博内容", "正文", "内容", "详情", "描述",
		"content", "body", "message"},
	fieldPublished: {"published_at", "留言时间", "留言日期", "来信时间", "来信日期", "写信时间", "写信日期", "来电时间", "诉求时间", "反映时间", "提交时间", "提交日期", "发布时间", "发布日期", "发表时间", "发帖时间", "受理时间", "登记时间", "创建时间", "接收时间", "时间", "日期",
		"publish_time", "pub_time", "created_at", "create_time", "post_time", "date", "time", "timestamp"},
	fieldURL: {"url", "链接", "原文链接", "网址", "原文地址", "link", "href"},
	// Places are joined, the widest first.
	fieldPlace: {"province", "省", "省份", "city", "市", "城市", "county", "district", "区县", "县区", "所属区县", "区", "县", "所属区域", "所属街道", "街道", "地点", "地址", "事发地址", "事发地点", "诉求地址", "发生地点",
		"place", "to", "留言对象", "收信单位", "受信单位", "写信对象"},
	fieldChannel:  {"channel"},
	fieldLikes:    {"likes", "点赞数", "点赞", "支持数", "赞", "like_count", "attitudes_count"},
	fieldDislikes: {"dislikes", "反对数", "点踩数", "踩", "dislike_count"},
	fieldComments: {"comments", "评论数", "评论", "回帖数", "comment_count", "comments_count"},
	fieldReposts:  {"reposts", "转发数", "转发", "分享数", "repost_count", "reposts_count"},
}

// hotlineColumns and publicColumns tell the channel of an export by a column that
// only such exports have.
var (
	hotlineColumns = []string{"工单编号", "工单号", "工单内容", "工单标题", "来电内容", "来电时间", "来电人", "诉求内容"}
	publicColumns  = []string{"reposts", "转发数", "转发", "reposts_count", "微博正文", "微博内容", "微博id"}
)

// columns maps column names to fields.
type columns struct {
	byName map[string]column
}

type column struct {
	field field
	rank  int // 0 is the surest
}

// newColumns makes the mapping of the known names and of the caller's own, which come
// first: a field that is mapped by hand takes no other column.
func newColumns(byHand map[string]string) (*columns, error) {
	c := &columns{byName: map[string]column{}}
	taken := [fields]bool{}
	for name, of := range byHand {
		f := field(slices.Index(fieldNames[:], strings.ToLower(strings.TrimSpace(name))))
		if f <= fieldNone {
			return nil, opinion.Errorf(opinion.CodeInvalid, "--map %s=%s: no such field; the fields are %s", name, of, strings.Join(fieldNames[1:], ", "))
		}
		taken[f] = true
		c.byName[headerKey(of)] = column{field: f}
	}
	for f := fieldID; f < fields; f++ {
		for rank, name := range known[f] {
			if _, mapped := c.byName[name]; !mapped && !taken[f] {
				c.byName[name] = column{field: f, rank: rank}
			}
		}
	}
	return c, nil
}

// headerKey is how column names are compared: without white space, marks of
// mandatory columns and what stands in brackets, in lower case.
func headerKey(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(name, "\ufeff")), ""))
	if i := strings.IndexAny(name, "(（[【"); i > 0 {
		name = name[:i]
	}
	return strings.Trim(name, "*＊:：\"'")
}

// assign gives the column of each name, in order.
func (c *columns) assign(names []string) []column {
	out := make([]column, len(names))
	for i, n := range names {
		if col, ok := c.byName[n]; ok {
			out[i] = col
			continue
		}
		out[i] = c.byName[headerKey(n)]
	}
	return out
}

// missing returns an error unless the columns hold what a post needs, and every
// column that was mapped by hand.
func (c *columns) missing(names []string, byHand map[string]string) error {
	have := [fields]bool{}
	keys := make([]string, len(names))
	for i, col := range c.assign(names) {
		have[col.field] = true
		keys[i] = headerKey(names[i])
	}
	for name, of := range byHand {
		if !slices.Contains(keys, headerKey(of)) {
			return opinion.Errorf(opinion.CodeInvalid, "--map %s=%s: the file has no column %q; its columns are %s", name, of, of, quoteAll(names))
		}
	}
	if !have[fieldText] && !have[fieldTitle] {
		return opinion.Errorf(opinion.CodeInvalid, "no column is known to hold the text; the file's columns are %s: name the one with --map text=COLUMN (and --map title=COLUMN, --map published_at=COLUMN, --map id=COLUMN)", quoteAll(names))
	}
	return nil
}

// maxListed bounds how many columns an error lists.
const maxListed = 60

func quoteAll(names []string) string {
	var b strings.Builder
	for i, n := range names {
		if i == maxListed {
			b.WriteString(" …")
			break
		}
		if i > 0 {
			b.WriteString(" ")
		}
		if r := []rune(n); len(r) > 40 {
			n = string(r[:40]) + "…"
		}
		b.WriteString("“" + n + "”")
	}
	if b.Len() == 0 {
		return "(none)"
	}
	return b.String()
}

// channelOf guesses the channel from the columns.
func channelOf(names []string) opinion.Channel {
	for _, n := range names {
		switch key := headerKey(n); {
		case slices.Contains(hotlineColumns, key):
			return opinion.ChannelHotline
		case slices.Contains(publicColumns, key):
			return opinion.ChannelPublic
		}
	}
	return opinion.ChannelWebMessage
}
