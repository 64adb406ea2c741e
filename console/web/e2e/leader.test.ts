import { expect, test } from "vitest";
import { browserTest, go, openFirstCase, visit } from "./harness";

browserTest("a leader", () => {
  test("sees figures that lead to what they count, and cannot act", async () => {
    const { page } = await visit("leader");
    await go(page, "/");
    await page.waitForURL(/overview/);
    const card = page.locator(".figure-card").last().getByRole("link");
    const count = Number(((await card.locator(".figure-value").textContent()) ?? "").replace(/\D/g, ""));
    expect(count).toBeGreaterThan(0);
    await card.click();
    await page.locator('.tab[aria-pressed="true"] .tab-count', { hasText: String(count) }).waitFor();
    await openFirstCase(page);
    await page.getByText("领导可查看全部内容，不作办理。").waitFor();
    expect(await page.locator(".acts").count()).toBe(0);
  });

  test("a unit sees neither posts nor other units' cases", async () => {
    const { page } = await visit("unit");
    await go(page, "/search");
    await page.getByRole("heading", { name: "无权查看" }).waitFor();
    await go(page, "/cases/no-such-case");
    await page.getByRole("alert").getByText("没有找到").first().waitFor();
  });

  test("an administrator makes a key that is shown once, adds a user and disables it", async () => {
    const { page } = await visit("admin");
    await go(page, "/admin");
    await page.getByLabel("来源名称").fill("e2e-admin");
    await page.getByRole("button", { name: "建立密钥" }).click();
    const secret = (await page.locator(".secret code").textContent()) ?? "";
    expect(secret.length).toBeGreaterThan(20);
    await page.getByRole("button", { name: "我已保存" }).click();
    await page.locator(".secret").waitFor({ state: "detached" });
    expect(await page.content()).not.toContain(secret);

    const name = `e2e.${Date.now()}`;
    await page.getByText("新增账号").click();
    await page.locator(".add").getByLabel("用户名").fill(name);
    await page.locator(".add").getByLabel("角色").selectOption("leader");
    await page.locator(".add").getByLabel("初始密码").fill("correct-horse-battery");
    await page.locator(".add").getByRole("button", { name: "新增" }).click();
    const row = page.getByRole("row").filter({ hasText: name });
    await row.getByRole("button", { name: "停用" }).click();
    await row.getByRole("button", { name: "停用" }).click();
    await row.getByText("已停用").waitFor();
  });
});
