import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { base, browserTest, go, nonsense, push, visit } from "./harness";

browserTest("a hostile post", () => {
  test("is shown as text, and runs nothing", async () => {
    const mark = nonsense(6);
    // Tags are dropped at receipt, escaped ones too. One that is never closed is text, and becomes a tag for whoever
    // puts it into a page as it is.
    const trap = `<script>window.caught='script'</script>&lt;img src=x onerror=window.caught='escaped'&gt;"'<img src=x onerror=window.caught='open' `;
    await push({
      title: `${mark}燃气泄漏${trap}`, text: `${mark}燃气泄漏，两人中毒送医。${trap}${nonsense(40)}[点](javascript:window.caught='link')`,
      place: trap, url: `https://example.org/${encodeURIComponent(trap)}`,
    });
    const { page, faults, outside } = await visit("staff");
    const caught = () => page.evaluate(() => (window as unknown as { caught?: string }).caught ?? "");
    await expect.poll(async () => {
      await go(page, `/search?q=${encodeURIComponent(mark)}`);
      return page.locator(".hit").count();
    }, { timeout: 20_000 }).toBe(1);
    expect(await page.locator(".hit").innerText()).toContain("<img src=x onerror=window.caught='open'");
    expect(await caught()).toBe("");
    await page.locator(".hit h3 a").click();
    await page.locator(".assessment").waitFor();
    expect(await page.locator("main").innerText()).toContain("<img src=x onerror=");
    expect(await page.locator("main img, main svg[onload], main script, a[href^='javascript']").count()).toBe(0);
    expect(await caught()).toBe("");
    await go(page, "/cases?sort=new");
    await page.locator("main").getByText(mark).first().waitFor();
    expect([await caught(), faults, outside]).toEqual(["", [], []]);
  });
});

browserTest("a page of somebody else's", () => {
  test("cannot act in the name of who is signed in", async () => {
    const form = `<form method="post" enctype="text/plain" action="${base}/api/v1/keys"><input name='{"source":"stolen","x":"' value='"}'></form>
      <script>document.forms[0].submit()</script>`;
    const reach = `<script>fetch("${base}/api/v1/keys", { method: "POST", mode: "no-cors", credentials: "include", body: '{"source":"stolen"}' })
      .catch(() => 0).then(() => fetch("${base}/api/v1/session", { credentials: "include" })).then((r) => r.text(), () => "refused").then((t) => document.title = t)</script>`;
    const frame = `<iframe src="${base}/overview"></iframe>`;
    const pages: Record<string, string> = { "/form": form, "/reach": reach, "/frame": frame };
    const server = createServer((request, response) => response.setHeader("Content-Type", "text/html").end(pages[request.url ?? ""] ?? ""));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const other = `http://localhost:${(server.address() as AddressInfo).port}`;
    try {
      const { page, context } = await visit("admin");
      const answered = page.waitForResponse((r) => r.url() === `${base}/api/v1/keys`);
      await page.goto(`${other}/form`, { waitUntil: "commit" });
      expect((await answered).status()).toBeGreaterThanOrEqual(400);
      const reaching = await context.newPage();
      await reaching.goto(`${other}/reach`);
      await reaching.waitForFunction(() => document.title !== "");
      expect(await reaching.title()).toBe("refused");
      const framing = await context.newPage();
      await framing.goto(`${other}/frame`);
      const inside = framing.frames().find((f) => f !== framing.mainFrame());
      expect(await inside?.locator("main").count().catch(() => 0)).toBe(0);
      const keys = await (await context.request.get(`${base}/api/v1/keys`)).text();
      expect(keys).not.toContain("stolen");
    } finally {
      server.close();
    }
  });
});
