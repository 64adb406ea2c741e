import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import en from "./en.json";
import zh from "./zh-CN.json";

const src = join(import.meta.dirname, "..");
const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f) && !/\.test\.ts$/.test(f));

test("both catalogues have the same messages with the same parameters", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  const params = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  for (const [key, text] of Object.entries(zh)) {
    expect(params(en[key as keyof typeof en]), key).toEqual(params(text));
    expect(text.trim(), key).not.toBe("");
  }
});

test("components hold no Chinese: what people read stands in the catalogue", () => {
  expect(sources.length).toBeGreaterThan(20);
  for (const file of sources.filter((f) => f.endsWith(".tsx"))) {
    const lines = readFileSync(join(src, file), "utf8").split("\n");
    const guilty = lines.filter((line) => /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/.test(line.replace(/\/\/.*$|\/?\*.*$/, "")));
    expect(guilty, file).toEqual([]);
  }
});

test("every message is used", () => {
  const code = sources.map((f) => readFileSync(join(src, f), "utf8")).join("\n");
  // Keys that are put together, such as `state.${state}`, are used as a whole group.
  const groups = [...code.matchAll(/`([a-z_.]+)\.\$\{/g), ...code.matchAll(/named\("([a-z_.]+)"/g)].map((m) => `${m[1]}.`);
  const unused = Object.keys(zh).filter((key) => !code.includes(`"${key}"`) && !groups.some((g) => key.startsWith(g)));
  expect(unused).toEqual([]);
});
