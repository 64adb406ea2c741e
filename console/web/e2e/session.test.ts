import { expect, test } from "vitest";
import { account, base, browserTest, go, visit } from "./harness";

browserTest("a session", () => {
  test("that ends brings the sign-in page, and then the same page again", async () => {
    const { page, context } = await visit("staff");
    await go(page, "/overview");
    await context.clearCookies();
    await page.getByRole("status").getByText("登录已过期").waitFor();
    expect(new URL(page.url()).pathname).toBe("/overview");
    const { name, password } = account("staff");
    await page.getByLabel("用户名").fill(name);
    await page.getByLabel("密码").fill(password);
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("heading", { name: "统计", exact: true }).waitFor();
  });

  test("is over after signing out", async () => {
    const { page, context } = await visit("staff");
    await go(page, "/cases");
    await page.getByRole("button", { name: "退出" }).click();
    await page.getByLabel("用户名").waitFor();
    expect((await context.request.get(`${base}/api/v1/session`)).status()).toBe(401);
  });

  test("a server that does not answer is told, and tried again", async () => {
    const { page } = await visit("staff");
    await page.route("**/api/v1/stats", (route) => route.abort());
    await go(page, "/overview");
    const alert = page.getByRole("alert");
    await alert.getByText("无法连接服务器").waitFor();
    await page.unroute("**/api/v1/stats");
    await alert.getByRole("button", { name: "重试" }).click();
    await page.locator(".figures").waitFor();
  });
});
