import { expect, test } from "vitest";
import { browserTest, go, nonsense, push, visit } from "./harness";

browserTest("topics of units", () => {
  test("staff see what a topic would catch before they keep it, and the unit finds it", async () => {
    const mark = nonsense(5);
    await push(
      { title: `${mark}扶梯逆行`, text: `商场扶梯突然逆行，${mark}，有老人摔倒。` },
      { title: `${mark}招工`, text: `招聘扶梯维修工，${mark}。` },
    );
    const { page } = await visit("staff");
    await go(page, "/topics");
    await page.getByRole("link", { name: "新建专题" }).click();
    await page.getByRole("heading", { name: "新建专题" }).waitFor();
    const name = `扶梯${mark}`;
    await page.getByLabel("责任单位").selectOption({ label: "区城管委" });
    await page.getByLabel("名称").fill(name);
    await page.getByLabel("关键词").fill(`扶梯 ${mark}`);
    // Waits for both posts to be searchable, as a person would press the button again.
    const caught = page.getByRole("status").filter({ hasText: "条命中" });
    const total = caught.locator(".topic-total");
    await expect.poll(async () => {
      await page.getByRole("button", { name: "7 天", exact: true }).click();
      await page.getByRole("button", { name: "30 天", exact: true }).click();
      await page.getByLabel("排除词").fill(`无${Math.random()}`);
      await page.waitForTimeout(700);
      return total.textContent();
    }, { timeout: 20_000 }).toBe("2");
    await page.getByLabel("排除词").fill("招聘");
    await expect.poll(() => total.textContent()).toBe("1");
    expect(await page.locator(".topic-matches mark.m-hit").filter({ hasText: "扶梯" }).count()).toBeGreaterThan(0);
    await page.getByText("被排除词排除的").waitFor();
    expect(await page.locator(".topic-matches mark.m-out").first().textContent()).toBe("招聘");

    // An example taken from what was caught.
    await page.getByRole("button", { name: "用作示例" }).first().click();
    await page.getByText(/从示例学到 \d+ 个词/).waitFor();
    await page.getByLabel("名称").focus();
    await page.keyboard.press("Control+Enter"); // saved from the keyboard
    await page.waitForURL(/\/topics\/ut-\d+$/);
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await page.getByText("已保存").waitFor();

    const unit = await visit("unit");
    await go(unit.page, "/topics");
    await unit.page.getByRole("link", { name }).click();
    await unit.page.getByText("只在本单位主办、协办的工单的信息中查找").waitFor();
    await unit.page.getByRole("button", { name: "搁置" }).click();
    await unit.page.getByRole("button", { name: "保存并启用" }).waitFor();

    // Staff's page is older now: their change is refused with a word, and nothing is lost.
    await page.getByLabel("关键词").fill(`扶梯 ${mark}\n电梯`);
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await page.getByRole("alert").getByText("请刷新后重试").waitFor();
    expect(await page.getByLabel("关键词").inputValue()).toContain("电梯");
  });

  test("leaders read topics and cannot change them", async () => {
    const { page } = await visit("leader");
    await go(page, "/topics");
    expect(await page.getByRole("link", { name: "新建专题" }).count()).toBe(0);
    await page.locator(".topic-row h2 a").first().click();
    await page.getByRole("heading", { name: "命中的信息" }).waitFor();
    expect(await page.getByLabel("关键词").isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "保存" }).count()).toBe(0);
  });
});
