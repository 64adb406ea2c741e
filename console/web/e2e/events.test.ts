import { expect, test } from "vitest";
import { browserTest, go, openFirstEvent, phone, pushCrowd, pushUrgent, visit } from "./harness";

browserTest("events", () => {
  test("are listed by heat, filtered, and empty lists say why", async () => {
    const { page, faults, outside } = await visit("staff");
    await go(page, "/events");
    await page.locator(".event-row h2 a").first().waitFor();
    const total = async () => Number(((await page.getByText(/共 .* 个事件/).textContent()) ?? "").replace(/\D/g, ""));
    const all = await total();
    expect(all).toBeGreaterThan(50);
    expect(await page.locator(".event-rows > li").count()).toBe(50);
    await page.locator(".filters label", { hasText: "工单" }).locator("select").selectOption("open");
    await expect.poll(total).toBeLessThan(all);
    expect(await page.locator(".event-cell-case .case-number").count()).toBe(await page.locator(".event-rows > li").count());
    await page.getByLabel("级别").selectOption("III");
    await page.waitForURL(/level=III/);
    await expect.poll(() => page.locator(".event-cell-matter .level:not(.level-III)").count()).toBe(0);
    await page.getByLabel("名称").fill("独角兽骑火箭");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "没有符合条件的事件" }).waitFor();
    await page.getByRole("link", { name: "查看全部事件" }).click();
    await expect.poll(total).toBe(all);
    await page.getByRole("button", { name: "显示更多" }).scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator(".event-rows > li").count()).toBeGreaterThan(50);
    expect([faults, outside]).toEqual([[], []]);
  });

  test("show timeline, key posts, spread and case, and the case leads back", async () => {
    const title = await pushUrgent();
    const { page, faults } = await visit("staff");
    await go(page, `/events?sort=last&q=${encodeURIComponent(title.slice(0, 9))}`);
    await page.reload();
    await page.locator(".event-row h2 a", { hasText: title }).click({ timeout: 15_000 });
    await page.locator(".timeline svg").waitFor();
    expect(await page.locator(".marks").textContent()).toMatch(/最早信息.*提示：新事件.*立案交办/s);
    expect(await page.locator(".key-posts").textContent()).toContain(title);
    expect(await page.locator(".event-posts li").count()).toBe(1);
    await page.locator(".timeline svg").focus();
    await page.keyboard.press("Home");
    expect(await page.locator(".timeline .chart-now").textContent()).toMatch(/1 条/);
    await page.locator(".post-case .case-number").click();
    await page.locator(".deadlines").waitFor();
    await page.getByRole("link", { name: "查看事件" }).click();
    await page.locator(".timeline").waitFor();
    expect(faults).toEqual([]);
  });

  test("that burst are marked in the list, on their page and on their case", async () => {
    const text = await pushCrowd(120);
    const { page, faults } = await visit("staff");
    await go(page, `/events?q=${encodeURIComponent(text.slice(0, 20))}`);
    const row = page.locator(".event-row", { has: page.locator(".burst-badge") });
    await row.getByRole("link").first().click({ timeout: 30_000 });
    await page.locator(".event-head .burst", { hasText: /分钟内出现 \d+ 条/ }).waitFor();
    await page.locator(".mark-burst").waitFor();
    await page.locator(".post-case .case-number").click();
    await page.locator(".burst").waitFor();
    const unit = await visit("unit");
    await go(unit.page, new URL(page.url()).pathname);
    await unit.page.locator(".burst", { hasText: "突发预警" }).waitFor();
    expect([...faults, ...unit.faults]).toEqual([]);
  });

  test("are merged and split by hand, with a reason, and the old address leads on", async () => {
    const [kept, taken] = [await pushUrgent(), await pushUrgent()];
    const { page, faults } = await visit("staff");
    const open = async (title: string) => {
      await go(page, `/events?q=${encodeURIComponent(title)}`);
      await page.locator(".event-row h2 a", { hasText: title }).click({ timeout: 15_000 });
      await page.locator(".timeline svg").waitFor();
      return page.url();
    };
    const target = await open(kept);
    const gone = await open(taken);
    expect(gone).not.toBe(target);
    await page.getByRole("button", { name: "并入其他事件…" }).click();
    await page.getByLabel("查找目标事件").fill(kept);
    await page.keyboard.press("Enter");
    await page.getByRole("radio", { name: kept }).check();
    await page.getByLabel("理由").fill("同一处燃气泄漏");
    await page.getByRole("button", { name: "并入", exact: true }).click();
    await page.getByText("原事件已并入本事件").waitFor({ timeout: 20_000 });
    expect(page.url()).toBe(target);
    await expect.poll(() => page.locator(".event-posts li").count(), { timeout: 10_000 }).toBe(2);
    expect(await page.locator(".edits").textContent()).toContain("同一处燃气泄漏");
    expect(await page.locator(".post-case .case-number").count(), "both cases are shown").toBe(2);
    await page.goto(gone);
    await page.waitForURL(target);

    await page.getByRole("button", { name: "拆分…" }).click();
    await page.getByRole("checkbox", { name: taken }).check();
    await page.getByLabel("理由").fill("还是两处");
    await page.getByRole("button", { name: "拆出" }).click();
    await expect.poll(() => page.locator(".event-posts li").count(), { timeout: 20_000 }).toBe(1);
    await page.locator(".edits").getByRole("link", { name: "查看该事件" }).first().click();
    await page.getByRole("heading", { level: 1, name: taken }).waitFor();
    expect(faults).toEqual([]);
  });

  test("cannot be corrected by leaders", async () => {
    const { page } = await visit("leader");
    await openFirstEvent(page);
    expect(await page.getByRole("button", { name: /并入|拆分/ }).count()).toBe(0);
  });

  test("can be read in English on a phone", async () => {
    const { page } = await visit("leader", phone);
    await openFirstEvent(page);
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Timeline" }).waitFor();
    await page.getByRole("heading", { name: "Key posts" }).waitFor();
  });

  test("that are not there are said not to be", async () => {
    const { page } = await visit("staff");
    await go(page, "/events/ev-nothing");
    await page.getByRole("heading", { name: "没有找到" }).waitFor();
  });
});
