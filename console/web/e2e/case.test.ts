import { expect, test } from "vitest";
import { base, browserTest, go, pushUrgent, visit } from "./harness";

browserTest("a case", () => {
  test("comes into the unit's inbox by itself, is signed, answered, returned, answered and approved", async () => {
    const unit = await visit("unit");
    await go(unit.page, "/cases?sort=new");
    const title = await pushUrgent();
    const row = unit.page.locator(".case-row", { hasText: title });
    await row.waitFor({ timeout: 15_000 });
    expect(await row.locator(".left-words").textContent()).toMatch(/签收.*剩/);

    await row.getByRole("link").click();
    await unit.page.locator(".deadlines").waitFor();
    expect(await unit.page.locator(".deadline").count()).toBe(3);
    await unit.page.locator(".deadline summary").first().click();
    expect(await unit.page.locator(".deadline .trace li").count()).toBeGreaterThan(2);
    await unit.page.getByRole("button", { name: "签收" }).click();
    await unit.page.getByLabel("回应内容").fill("已派人到场关阀。");
    await unit.page.reload();
    expect(await unit.page.getByLabel("回应内容").inputValue(), "the draft outlives a reload").toBe("已派人到场关阀。");
    await unit.page.getByRole("button", { name: "提交回应" }).click();
    const doubt = unit.page.getByRole("alert", { name: "提交前请看一看" });
    await doubt.getByText("没有说明事实、规定或依据").waitFor();
    await unit.page.getByRole("button", { name: "仍要提交" }).click();
    await unit.page.getByText("等待监测人员审核").waitFor();

    const staff = await visit("staff");
    const path = new URL(unit.page.url()).pathname;
    await go(staff.page, path);
    const reading = staff.page.locator(".answer-reading");
    await reading.getByText("已派人到场关阀。").waitFor();
    await reading.getByText("没有说明事实、规定或依据").waitFor();
    await staff.page.getByRole("button", { name: "退回重办" }).click();
    await staff.page.getByLabel("退回理由").fill("请补充伤者情况。");
    await staff.page.getByRole("button", { name: "退回", exact: true }).click();
    await staff.page.getByText("等待主办单位办理").waitFor();

    await go(unit.page, path);
    await unit.page.getByText("请补充伤者情况。").waitFor();
    await unit.page.getByLabel("回应内容").fill(`您好，关于${title}一事，经核实，系管线老化所致。我委已于当日派抢修队更换，请居民放心，伤者均已出院。`);
    await unit.page.getByRole("button", { name: "提交回应" }).click();
    await unit.page.getByText("等待监测人员审核").waitFor();

    await go(staff.page, path);
    await reading.locator("button.reason").first().focus();
    await reading.locator("mark.m-lit").first().waitFor();
    await staff.page.getByRole("button", { name: "审核通过并办结" }).click();
    await staff.page.getByText("工单已办结。").waitFor();
    expect(await staff.page.locator(".step").count()).toBe(6);
    await staff.page.locator(".ledger summary").click();
    await staff.page.locator(".ledger li").first().waitFor();
    expect([...unit.faults, ...staff.faults, ...unit.outside, ...staff.outside]).toEqual([]);
  });

  test("that somebody else changed is not overwritten, and the draft stays", async () => {
    const title = await pushUrgent();
    const { page, context } = await visit("unit");
    await go(page, "/cases?sort=new");
    await page.locator(".case-row", { hasText: title }).getByRole("link").click();
    await page.getByRole("button", { name: "签收" }).click();
    await page.getByLabel("回应内容").fill("草稿");
    // The page keeps the revision that it saw while another window answers.
    await page.route("**/api/v1/cases**", (route) => (route.request().method() === "GET" ? route.abort() : route.continue()));
    const id = new URL(page.url()).pathname.split("/").pop() ?? "";
    const other = await context.request.get(`${base}/api/v1/cases/${id}`);
    const { revision } = (await other.json()) as { revision: number };
    const act = await context.request.post(`${base}/api/v1/cases/${id}/acts`, { data: { action: "answer", text: "另一窗口的回应", revision } });
    expect(act.status()).toBe(200);
    await page.getByRole("button", { name: "提交回应" }).click();
    await page.getByRole("button", { name: "仍要提交" }).click();
    await page.getByRole("alert").getByText("已被他人更新").waitFor();
    expect(await page.getByLabel("回应内容").inputValue()).toBe("草稿");
    await page.unroute("**/api/v1/cases**");
    await page.getByRole("button", { name: "重新读取工单" }).click();
    await page.locator(".steps").getByText("另一窗口的回应").waitFor();
  });
});
