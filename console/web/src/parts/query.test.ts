import { describe, expect, test } from "vitest";
import { filters, filterValue, toggled, withFilter, withoutFilter } from "./query";

describe("filters", () => {
  test.each<[string, string]>([
    ["停车 topic:traffic.parking", "topic=traffic.parking"],
    ["topic：edu.school", "topic=edu.school"],
    ['source:"人民网 留言" 停车', "source=人民网 留言"],
    ["risk:>=2 -topic:a 非 topic:b", "risk=>=2"],
    ["(topic:a 或 topic:b) risk:3", "risk=3"],
    ["停车 或 topic:a", ""],
    ["时间：下午 10:30 “topic:a”", ""],
    ["topic:", ""],
    ['title:"a\\"b"', 'title=a"b'],
  ])("of %s are %s", (query, want) => {
    expect(filters(query).map((f) => `${f.field}=${f.value}`).join(",")).toBe(want);
  });
});

describe("withFilter", () => {
  test.each<[string, string, string, string]>([
    ["", "topic", "a", "topic:a"],
    ["停车", "topic", "a", "停车 topic:a"],
    ["停车 topic:b 收费", "topic", "a", "停车 收费 topic:a"],
    ["停车 或 收费", "risk", "3", "(停车 或 收费) risk:3"],
    ["停车|收费", "risk", "3", "(停车|收费) risk:3"],
    ["(停车 或 收费) 丽发", "risk", "3", "(停车 或 收费) 丽发 risk:3"],
    ["停车", "source", "a b", '停车 source:"a b"'],
    ["停车", "date", "2019-01-01..2019-02-01", "停车 date:2019-01-01..2019-02-01"],
  ])("%s with %s:%s is %s", (query, field, value, want) => {
    expect(withFilter(query, field, value)).toBe(want);
  });
});

describe("withoutFilter", () => {
  test.each<[string, string, string]>([
    ["topic:a", "topic", ""],
    ["(停车 或 收费) topic:a", "topic", "停车 或 收费"],
    ["停车 与 topic:a", "topic", "停车"],
    ["停车 AND topic:a AND 收费", "topic", "停车 AND 收费"],
    ["-topic:a 停车", "topic", "-topic:a 停车"],
    ['"a  b" topic:a', "topic", '"a  b"'],
    ["(a 或 b) (c 或 d) topic:x", "topic", "(a 或 b) (c 或 d)"],
  ])("%s without %s is %s", (query, field, want) => {
    expect(withoutFilter(query, field)).toBe(want);
  });
});

test("toggling twice gives the query back, and the filter is seen in between", () => {
  for (const query of ["", "停车", "停车 或 收费", '"拖欠 工资" -停车', "(a 或 b) c", "risk:>=2 停车"]) {
    for (const value of ["x", "a b", 'q"t', "c:d"]) {
      const on = toggled(query, "topic", value);
      expect(filterValue(on, "topic")).toBe(value);
      expect(toggled(on, "topic", value)).toBe(query);
    }
  }
});
