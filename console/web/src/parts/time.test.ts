import { describe, expect, test } from "vitest";
import zh from "../catalogue/zh-CN.json";
import { fill } from "../catalogue/language";
import { ago, chinaDay, chinaSecond, timeLeft, type Said } from "./time";

const say = (said: Said) => fill(zh[said.key], said.params);
const start = "2026-11-25T00:00:00Z";
const at = (iso: string) => Date.parse(iso);

describe("timeLeft", () => {
  test.each([
    ["2026-11-28T05:00:00Z", "2026-11-25T00:00:00Z", "剩 3 天 5 小时"],
    ["2026-11-27T00:59:59Z", "2026-11-25T00:00:00Z", "剩 2 天"],
    ["2026-11-25T05:30:00Z", "2026-11-25T00:00:00Z", "剩 5 小时 30 分"],
    ["2026-11-25T01:00:59Z", "2026-11-25T00:00:00Z", "剩 1 小时"],
    ["2026-11-25T00:45:00Z", "2026-11-25T00:00:00Z", "剩 45 分钟"],
    ["2026-11-25T00:00:30Z", "2026-11-25T00:00:00Z", "剩不到 1 分钟"],
    ["2026-11-25T00:00:00Z", "2026-11-25T00:00:30Z", "刚刚逾期"],
    ["2026-11-25T00:00:00Z", "2026-11-25T02:10:00Z", "已逾期 2 小时 10 分"],
    ["2026-11-25T00:00:00Z", "2026-11-28T00:00:00Z", "已逾期 3 天"],
  ])("due %s at %s is %s", (due, now, want) => {
    expect(say(timeLeft(start, due, at(now)))).toBe(want);
  });

  test("the instant itself is not overdue", () => {
    expect(timeLeft(start, "2026-11-26T00:00:00Z", at("2026-11-26T00:00:00Z")).overdue).toBe(false);
    expect(timeLeft(start, "2026-11-26T00:00:00Z", at("2026-11-26T00:00:00.001Z")).overdue).toBe(true);
  });

  test("soon is the last fifth or the last hour", () => {
    const due = "2026-11-26T00:00:00Z"; // 24 hours
    expect(timeLeft(start, due, at("2026-11-25T19:00:00Z")).soon).toBe(false);
    expect(timeLeft(start, due, at("2026-11-25T19:20:00Z")).soon).toBe(true);
    expect(timeLeft(start, "2026-11-25T00:50:00Z", at(start)).soon).toBe(true);
  });

  test("fraction stays within 0 and 1, also when start is not before due", () => {
    expect(timeLeft(start, start, at(start)).fraction).toBe(0);
    expect(timeLeft(start, "2026-11-26T00:00:00Z", at("2027-01-01T00:00:00Z")).fraction).toBe(1);
    expect(timeLeft(start, "2026-11-26T00:00:00Z", at("2026-01-01T00:00:00Z")).fraction).toBe(0);
  });
});

test("days are China's, whatever the workstation's zone is", () => {
  expect(chinaDay("2026-11-24T16:00:00Z")).toBe("2026-11-25");
  expect(chinaDay("2026-11-24T15:59:59Z")).toBe("2026-11-24");
  expect(chinaSecond("2026-12-31T16:00:01Z")).toBe("2027-01-01 00:00:01");
});

test("ago", () => {
  const now = at("2026-11-25T12:00:00Z");
  expect(say(ago("2026-11-25T11:59:30Z", now))).toBe("刚刚");
  expect(say(ago("2026-11-25T11:15:00Z", now))).toBe("45 分钟前");
  expect(say(ago("2026-11-25T02:00:00Z", now))).toBe("10 小时前");
  expect(say(ago("2026-11-22T02:00:00Z", now))).toBe("3 天前");
  expect(say(ago("2019-03-05T02:00:00Z", now))).toBe("2019-03-05");
});
