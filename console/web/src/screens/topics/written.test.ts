import { expect, test } from "vitest";
import type { UnitTopic } from "../../api/topics";
import { draftOf, lines, same } from "./written";

test("words stand one a line or between commas, each once", () => {
  expect(lines(" 电梯  困人 \n停运，电梯 困人、、\n\n扶梯;坠落")).toEqual(["电梯 困人", "停运", "扶梯", "坠落"]);
  expect(lines(" \n ")).toEqual([]);
});

test("of an example that is a post only its identity is sent", () => {
  const draft = draftOf({ name: "x", keywords: "电梯", exclusions: "", examples: [{ post_id: "a", text: "long" }, { text: "typed" }], threshold: 0.4 });
  expect(draft.examples).toEqual([{ post_id: "a" }, { text: "typed" }]);
});

test("a topic is unchanged while the words say the same", () => {
  const kept = { name: "电梯", keywords: ["电梯 困人"], exclusions: [], examples: [], threshold: 0.4 } as unknown as UnitTopic;
  const written = { name: " 电梯 ", keywords: "电梯   困人\n", exclusions: "", examples: [], threshold: 0.4 };
  expect(same(kept, written)).toBe(true);
  expect(same(kept, { ...written, exclusions: "招聘" })).toBe(false);
  expect(same(kept, { ...written, threshold: 0.5 })).toBe(false);
});
