import { expect, test } from "vitest";
import { account, base, browserTest, go, openFirstPost, pushUrgent, visit } from "./harness";

browserTest("staff", () => {
  test("signs in at the address that was asked for, searches, and sees a post's evidence", async () => {
    const { page, faults, outside } = await visit();
    const { name, password } = account("staff");
    await page.goto(`${base}/search?q=${encodeURIComponent("停车")}`);
    await page.getByLabel("用户名").fill(name);
    await page.getByLabel("密码").fill("not-the-password");
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("alert").getByText("用户名或密码不正确").waitFor();
    await page.getByLabel("密码").fill(password);
    await page.getByRole("button", { name: "登录" }).click();

    await page.locator(".hit").first().waitFor();
    expect(await page.locator("#q").inputValue()).toBe("停车");
    expect(await page.locator(".hit mark.m-hit").first().textContent()).toContain("停");

    await openFirstPost(page);
    const reason = page.locator("button.reason").first();
    const words = (await reason.locator(".reason-words").textContent()) ?? "";
    await reason.hover();
    const lit = page.locator("mark.m-lit");
    await lit.first().waitFor();
    expect(words).toContain(((await lit.first().textContent()) ?? "").slice(0, 1));
    expect([faults, outside]).toEqual([[], []]);
  });

  test("filters by a facet and a day, and goes back step by step", async () => {
    const { page } = await visit("staff");
    await go(page, "/search");
    const total = async () => Number(((await page.locator(".search-total").textContent()) ?? "").replace(/\D/g, ""));
    await page.locator(".search-total").waitFor();
    const all = await total();
    await page.locator(".facets-open .facet-risk-3").click();
    await page.waitForURL(/risk/);
    await page.locator('.facets-open .facet-risk-3[aria-pressed="true"]').waitFor();
    const grave = await total();
    expect(grave).toBeGreaterThan(0);
    expect(grave).toBeLessThan(all);
    expect(await page.locator("#q").inputValue()).toBe("risk:3");
    await page.locator(".chart svg").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.waitForURL(/date/);
    await expect.poll(() => page.locator("#q").inputValue()).toMatch(/^risk:3 date:\d{4}-\d\d-\d\d/);
    await page.goBack();
    await page.waitForURL(/risk%3A3$/);
    await page.goBack();
    await page.waitForURL(/search$/);
    await page.locator(".search-total").waitFor();
    expect(await total()).toBe(all);
  });

  test("is shown the character at which a query is wrong, and why nothing was found", async () => {
    const { page } = await visit("staff");
    await go(page, `/search?q=${encodeURIComponent('停车 "收费')}`);
    await page.locator(".mistake").getByText("第 4 个字符的引号没有闭合").waitFor();
    await go(page, `/search?q=${encodeURIComponent("topic:edu.school 独角兽骑火箭")}`);
    await page.getByRole("heading", { name: "没有符合条件的信息" }).waitFor();
    await page.locator(".nothing .chip").click();
    await page.waitForURL((url) => url.searchParams.get("q") === "独角兽骑火箭");
  });

  test("sees a post that arrives while the list is open, and the case that it opened", async () => {
    const { page } = await visit("staff");
    await go(page, "/search");
    const title = await pushUrgent();
    await page.locator(".hit", { hasText: title }).getByRole("link").click({ timeout: 15_000 });
    const found = page.locator(".post-case .case-number");
    await found.waitFor();
    expect(await found.textContent()).toMatch(/^舆〔\d{4}〕\d{4,}号$/);
  });

  test("switches the language and finds it again after a reload", async () => {
    const { page } = await visit("staff");
    await go(page, "/search");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("link", { name: "Overview" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Overview" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });
});
