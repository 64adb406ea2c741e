package console

import (
	"context"
	"strings"

	"golang.org/x/text/language"
)

// catalogue holds what the API tells people, by reason: Chinese, then English. {name} is
// replaced by the parameter of that name. Labels of the pages are the browser
// application's own.
var catalogue = map[string][2]string{
	"invalid":             {"请求有误，请按 errors 中的说明修改后重试。", "The request is wrong; see errors for what to change."},
	"invalid_field":       {"“{field}”有误，请修改后重试（{message}）。", "{message}"},
	"invalid_fields":      {"以下内容有误，请修改后重试：{fields}。", "These parts of the request are wrong; see errors for what to change: {fields}."},
	"query_syntax":        {"检索式第 {position} 个字符处有误（{expected}）。", "The query is wrong at character {position}: {expected}."},
	"page_mark":           {"翻页标记不属于本次检索，请从第一页重新开始。", "The page mark belongs to another search; start again from the first page."},
	"not_found":           {"没有找到，或您无权查看。", "There is no such thing, or it is not yours to see."},
	"no_such_path":        {"没有这个接口：{path}。接口说明见 /openapi.json。", "There is no such endpoint: {path}. See /openapi.json for those there are."},
	"method":              {"接口 {path} 只支持 {allowed}。", "The endpoint {path} takes {allowed} only."},
	"conflict":            {"与现有内容冲突，请刷新后重试。", "It changed meanwhile, or exists already; reload and try again."},
	"stale_revision":      {"该工单已被他人更新，请刷新后再办理。", "Somebody changed the case meanwhile; reload it and decide again."},
	"wrong_state":         {"工单当前状态（{state}）不能进行此操作（{action}），请刷新后查看。", "A case in the state {state} cannot take the action {action}; reload it."},
	"text_required":       {"请填写内容：此操作（{action}）需要说明。", "Write what you did or why: the action {action} needs a text."},
	"user_exists":         {"用户名“{name}”已被使用，请换一个。", "The name {name} is taken; choose another."},
	"forbidden":           {"您的角色无权进行此操作。", "Your role may not do this."},
	"cross_origin":        {"拒绝了来自其他网站的请求。请在本系统页面内操作。", "The request came from another site and was refused. Use the pages of this system."},
	"unauthorized":        {"尚未登录，或登录已过期，请重新登录。", "Nobody is signed in, or the session has ended; sign in again."},
	"wrong_password":      {"用户名或密码不正确。", "The name or the password is wrong."},
	"busy":                {"系统繁忙，请稍后重试。", "The system is busy; try again later."},
	"too_many_sign_ins":   {"登录尝试过于频繁，请在 {seconds} 秒后重试。", "Too many attempts to sign in; try again in {seconds} seconds."},
	"unavailable":         {"所依赖的服务暂时没有响应，请稍后重试。", "A server that we need does not answer; try again later."},
	"internal":            {"系统内部错误，已记录，请联系管理员。", "An error of ours; it was recorded. Tell your administrator."},
	"too_large":           {"请求内容过大。", "The request is too large."},
	"media_type":          {"请求内容须为 JSON（Content-Type: application/json）。", "The request must be JSON (Content-Type: application/json)."},
	"body_timeout":        {"请求内容没有在规定时间内传完，请重试。", "The request did not arrive in time; try again."},
	"not_acceptable":      {"只能返回 JSON（Accept: application/json）。", "Only JSON can be answered (Accept: application/json)."},
	"password_short":      {"密码至少 {least} 个字符。", "A password has at least {least} characters."},
	"password_long":       {"密码最多 {most} 字节（汉字每个 3 字节）。", "A password has at most {most} bytes."},
	"password_characters": {"密码不能含控制字符，且须为 UTF-8 文本。", "A password is UTF-8 text without control characters."},
	"password_is_name":    {"密码不能包含用户名。", "A password must not contain the user's name."},
	"unit_needed":         {"责任单位用户必须指定单位；其他角色不能指定单位。", "A user of the role unit needs a unit; others have none."},
	"unknown_unit":        {"没有编号为“{unit}”的单位，或它是集合单位。", "There is no unit {unit}, or it is a set of units."},
	"merge_self":          {"不能把事件并入它自己，请另选目标事件。", "An event cannot become part of itself; choose another."},
	"merge_large":         {"该事件有{posts}条信息，一次最多归并{most}条。请改为把较小的事件并入较大的事件。", "The event has {posts} posts and at most {most} can move; merge the smaller event into the larger."},
	"event_merged":        {"该事件已并入其他事件（{into}），请刷新后查看。", "The event has become part of another ({into}); reload it."},
	"not_of_event":        {"所选信息中有不属于该事件的，请刷新后重新选择。", "Some of the posts are not of this event; reload it and choose again."},
	"split_all":           {"不能把全部信息都拆出，至少要留下一条。", "At least one post must stay in the event."},
	"reason_required":     {"请填写理由。", "Give a reason."},
	"own_account":         {"不能停用自己的账号。", "You cannot disable your own account."},
}

// languages are those of the catalogue, in the order of its columns; the first is the
// default.
var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// maxAcceptLanguage is the longest header that is looked into, in bytes.
const maxAcceptLanguage = 256

type languageKey struct{}

// withLanguage remembers which of the languages a request asks for.
func withLanguage(ctx context.Context, acceptLanguage string) context.Context {
	if len(acceptLanguage) > maxAcceptLanguage {
		return ctx
	}
	_, i := language.MatchStrings(languages, acceptLanguage)
	return context.WithValue(ctx, languageKey{}, i)
}

func languageOf(ctx context.Context) int {
	i, _ := ctx.Value(languageKey{}).(int)
	return i
}

func message(lang int, reason string, params map[string]string) string {
	pairs := make([]string, 0, 2*len(params))
	for name, value := range params {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(catalogue[reason][lang])
}
