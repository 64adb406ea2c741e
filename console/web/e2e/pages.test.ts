import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { base, browserTest, desktop, go, openFirstCase, openFirstEvent, openFirstPost, phone, visit, wider, type Who } from "./harness";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Violation = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };

/** violations are the serious ones that axe finds on a page. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (what: Document, options: object) => Promise<{ violations: Violation[] }> } };
    return (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations;
  });
  return found.filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} (${n.failureSummary.split("\n").slice(1, 3).join(" ")})`).join("; ")}`);
}

const open = (path: string) => (page: Page) => go(page, path);
const pages: [name: string, who: Who | undefined, open: (page: Page) => Promise<void>][] = [
  ["sign-in", undefined, async (page) => { await page.goto(base); await page.getByLabel("用户名").waitFor(); }],
  ["search", "staff", open("/search")],
  ["search with a mistake", "staff", open(`/search?q=${encodeURIComponent("(停车")}`)],
  ["search without result", "staff", open(`/search?q=${encodeURIComponent("topic:edu.school 独角兽骑火箭")}`)],
  ["post", "staff", openFirstPost],
  ["events", "staff", open("/events")],
  ["events without match", "staff", open(`/events?q=${encodeURIComponent("独角兽")}`)],
  ["event", "staff", openFirstEvent],
  ["cases", "staff", open("/cases")],
  ["case", "staff", openFirstCase],
  ["topics", "staff", open("/topics")],
  ["topic being written", "staff", async (page) => {
    await go(page, "/topics/new");
    await page.getByLabel("关键词").fill("燃气\n停车");
    await page.locator(".topic-matches li").first().waitFor();
  }],
  ["topics of a unit", "unit", open("/topics")],
  ["search elsewhere", "staff", open("/search?q=area%3Aelsewhere")],
  ["overview", "staff", open("/overview")],
  ["status", "staff", open("/status")],
  ["inbox", "unit", open("/cases")],
  ["case of a unit", "unit", openFirstCase],
  ["accounts", "admin", open("/admin")],
];

browserTest("every page", () => {
  for (const [name, who, show] of pages) {
    test(`${name}: no serious violation of accessibility, no sideways scrolling, no error`, async () => {
      for (const [size, colorScheme] of [[desktop, "light"], [phone, "dark"]] as const) {
        const { page, context, faults, outside } = await visit(who, size);
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await show(page);
        const where = `${size.width} px, ${colorScheme}`;
        expect(await violations(page), where).toEqual([]);
        expect(await wider(page), where).toBeLessThanOrEqual(0);
        expect([faults, outside], where).toEqual([[], []]);
        await context.close();
      }
    });
  }

  test("a case printed has its proofs unfolded and no buttons", async () => {
    const { page } = await visit("unit");
    await openFirstCase(page);
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    expect(await page.locator(".deadline .trace").first().isVisible()).toBe(true);
    expect(await page.locator("header.bar").isVisible()).toBe(false);
    expect(await page.locator("button.button:visible").count()).toBe(0);
  });
});
