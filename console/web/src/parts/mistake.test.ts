import { expect, test } from "vitest";
import { mistakeText } from "./mistake";

// The texts on the left are those of the server's parser.
test.each<[string, string]>([
  ['expected a word, a phrase, a field or "(", found the end of the query', "此处应有词语、词组、字段或“(”，却是结尾"],
  ['expected a word, a phrase, a field or "(", found "或" (put it in quotation marks to search for it as a word)', "此处应有词语、词组、字段或“(”，却是\"或\""],
  ['expected ")" for the "(" at character 1, found the end of the query', "第 1 个字符的“(”没有配对的“)”"],
  ['expected the end of the query, found ")" without "("', "“)”没有配对的“(”"],
  ["expected the quotation mark that closes the one at character 3", "第 3 个字符的引号没有闭合"],
  ['expected a value right after "topic:"', "“topic:”后面缺少值，中间不留空格"],
  ['expected one of the fields title, topic, found "foo" (put the whole word in quotation marks to search for it as text)', "没有“foo”这个字段；要按文字查找，请整体加引号"],
  ["expected another field: there is no search by author, because events are scored and never people", "没有按作者检索：本系统评价事件，不评价人"],
  ["expected a word right after '-' (put it in quotation marks to search for the sign itself)", "“-”后面须紧跟词语；要查找符号本身，请加引号"],
  ['expected a whole number from 0 to 3, with <, <=, >, >= or = before it if wanted, after "risk:", found "9"', "“risk:”不能是“9”，应为0 至 3 的整数，前面可加 <、<=、>、>="],
  ['expected a day such as 2019-01-31 after "after:", found "x"', "“after:”不能是“x”，应为日期，如 2026-01-31"],
  ["expected at most 64 words and fields", "检索式过长或过于复杂，请缩短"],
  ["expected the end: a query has at most 2000 characters", "检索式过长或过于复杂，请缩短"],
  ["something new", "something new"],
])("%s", (expected, want) => {
  expect(mistakeText(expected)).toBe(want);
});
