import { expect, test } from "vitest";
import { account, base, browserTest, visit } from "./harness";

browserTest("with the keyboard alone", () => {
  test("signs in, searches, walks the results, opens one and lights its evidence", async () => {
    const { page } = await visit();
    const { name, password } = account("staff");
    await page.goto(`${base}/search`);
    await page.getByLabel("用户名").waitFor();
    await page.keyboard.type(name); // the name has the focus
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await page.locator(".hit").first().waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("risk:>=2");
    await page.keyboard.press("Enter");
    await page.waitForURL(/risk/);
    // The earlier list stays until the answer is there; only then does walking begin.
    await expect.poll(() => page.locator(".hit-risk", { hasText: /平稳|一般/ }).count()).toBe(0);
    await page.locator(".hit").first().waitFor();
    await page.keyboard.press("Escape");

    const focused = () => page.evaluate(() => document.activeElement?.closest("[data-index]")?.getAttribute("data-index"));
    for (const [key, want] of [["j", "0"], ["j", "1"], ["j", "2"], ["k", "1"]] as const) {
      await page.keyboard.press(key);
      await expect.poll(focused).toBe(want);
    }
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline, "the focus is seen").not.toBe("none");
    await page.keyboard.press("Enter");
    await page.waitForURL(/posts/);
    await page.locator(".assessment").waitFor();
    for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement?.classList.contains("reason"))); i++) {
      await page.keyboard.press("Tab");
    }
    await page.locator("mark.m-lit").first().waitFor();
  });

  test("comes back from a post to the same place of a long list", async () => {
    const { page } = await visit("staff");
    await page.goto(`${base}/search`);
    await page.locator(".hit").first().waitFor();
    for (let i = 0; i < 25; i++) await page.keyboard.press("j");
    const focused = () => page.evaluate(() => document.activeElement?.closest("[data-index]")?.getAttribute("data-index"));
    await expect.poll(focused).toBe("24");
    const title = await page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press("Enter");
    await page.waitForURL(/posts/);
    await page.goBack();
    await page.locator(".hit", { hasText: title ?? "?" }).first().waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(500);
  });
});
