import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, describe } from "vitest";

// The tests drive a browser against a running server with demonstration data:
//
//	HUIYING_E2E_URL       address of the server, for example http://127.0.0.1:8080
//	HUIYING_E2E_STAFF     name:password of a user of each role; the unit's user is
//	HUIYING_E2E_UNIT      that of 区城管委, which leads the cases about gas
//	HUIYING_E2E_LEADER
//	HUIYING_E2E_ADMIN
//	HUIYING_E2E_CHROMIUM  the browser's program; /usr/bin/chromium when unset
//
// Without the address they are skipped with a word, or fail where
// HUIYING_TEST_SERVERS=required is set.

export type Who = "staff" | "unit" | "leader" | "admin";

export const base = process.env["HUIYING_E2E_URL"] ?? "";
const program = process.env["HUIYING_E2E_CHROMIUM"] ?? "/usr/bin/chromium";

if (base === "") {
  const reason = "HUIYING_E2E_URL is not set: no server to drive a browser against";
  if (process.env["HUIYING_TEST_SERVERS"] === "required") throw new Error(reason);
  console.warn(`SKIPPED: ${reason}`);
}

/** browserTest groups tests that need the server and the browser. */
export const browserTest = describe.skipIf(base === "");

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

let browser: Browser | undefined;

async function launched(): Promise<Browser> {
  return (browser ??= await chromium.launch({ executablePath: program, args: flags }));
}

afterAll(async () => {
  await browser?.close();
  browser = undefined;
});

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export type Visit = { page: Page; context: BrowserContext; faults: string[]; outside: string[] };

/** visit opens a fresh browser profile, signed in when who is given. It notes errors of
 * the pages and requests to other servers; both have to stay empty. */
export async function visit(who?: Who, viewport = desktop): Promise<Visit> {
  const context = await (await launched()).newContext({ viewport, locale: "zh-CN", timezoneId: "America/New_York" });
  const page = await context.newPage();
  const faults: string[] = [];
  const outside: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // The browser itself reports every answer of 400 and above; those are part of the flow.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) outside.push(request.url());
  });
  if (who) {
    const { name, password } = account(who);
    const answer = await context.request.post(`${base}/api/v1/session`, { data: { name, password } });
    if (!answer.ok()) throw new Error(`sign in as ${who}: ${answer.status()} ${await answer.text()}`);
  }
  return { page, context, faults, outside };
}

export function account(who: Who): { name: string; password: string } {
  const variable = `HUIYING_E2E_${who.toUpperCase()}`;
  const [name, password] = (process.env[variable] ?? "").split(":");
  if (!name || !password) throw new Error(`${variable} is not name:password`);
  return { name, password };
}

/** wider is by how many pixels a page is wider than the window. */
export function wider(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** go opens a page of the application and waits until it shows something. */
export async function go(page: Page, path: string): Promise<void> {
  await page.goto(base + path);
  await page.locator("main").waitFor();
  await page.waitForFunction(() => document.querySelector(".loading") === null);
}

/** openFirstPost, openFirstEvent and openFirstCase go the way a person goes. */
export async function openFirstPost(page: Page): Promise<void> {
  await go(page, "/search?sort=risk");
  await page.locator(".hit h3 a").first().click();
  await page.locator(".assessment").waitFor();
}

export async function openFirstEvent(page: Page): Promise<void> {
  await go(page, "/events?case=open");
  await page.locator(".event-row h2 a").first().click();
  await page.locator(".timeline svg").waitFor();
}

export async function openFirstCase(page: Page): Promise<void> {
  await go(page, "/cases");
  await page.locator(".case-row h2 a").first().click();
  await page.locator(".deadlines").waitFor();
}

type Pushed = { text: string } & Record<string, unknown>;

/** push makes a push key as the administrator and pushes posts with it, some at a time. */
export function push(...posts: Pushed[]): Promise<void> {
  return pushAs("e2e", posts);
}

async function pushAs(source: string, posts: Pushed[]): Promise<void> {
  const { context } = await visit("admin");
  const made = await context.request.post(`${base}/api/v1/keys`, { data: { source } });
  if (!made.ok()) throw new Error(`make a key: ${made.status()} ${await made.text()}`);
  const { secret } = (await made.json()) as { secret: string };
  const now = Date.now();
  const whole = posts.map((p, i) => ({ id: `e2e-${now}-${i}`, channel: "hotline_12345", published_at: new Date(now).toISOString(), ...p }));
  for (let i = 0; i < whole.length; i += 50) {
    const pushed = await context.request.post(`${base}/api/v1/posts`, { headers: { Authorization: `Bearer ${secret}` }, data: whole.slice(i, i + 50) });
    if (pushed.status() !== 202) throw new Error(`push: ${pushed.status()} ${await pushed.text()}`);
  }
  await context.close();
}

/** nonsense is so many Chinese characters drawn by lot, so that a post is like no other. */
export const nonsense = (n: number) => Array.from({ length: n }, () => String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 3000))).join("");

/** urgent are grave matters that have nothing in common, because posts about one matter are
 * one event, and that 区城管委 leads. */
const urgent = [
  ["东四北大街燃气泄漏", "东四北大街11号院楼道里燃气味浓烈，已有两人中毒送医，老人孩子很多，请立即抢修！"],
  ["交道口南大街热力管爆裂", "交道口南大街路口供热管道爆裂，开水喷出来，三名行人被烫伤送医，整片居民家里停暖，快派人关阀门！"],
  ["白桥大街路灯杆砸伤人", "白桥大街路灯杆被风刮倒，三名行人被砸伤送医，灯罩碎了一地，没有人来处理，非常危险！"],
  ["王府井大街自来水浑浊致病", "王府井大街几十户自来水发黄发臭，喝了以后十几人腹泻住院，孩子高烧，请立即停水检测！"],
  ["五四大街变压器冒烟停电", "五四大街小区变压器冒烟爆炸，上百户停电，一位靠呼吸机的病人有生命危险，请马上供电！"],
  ["西花市大街暖气管道漏水", "西花市大街暖气漏水一周，家里没有供暖，两位老人冻病住院，供热单位推脱，请立即维修供热管线！"],
  ["龙潭路停水多日", "龙潭路全楼停水五天，几百户用不上自来水，老人提水摔伤骨折，请马上恢复供水！"],
] as const;

/** pushUrgent pushes the next grave matter and returns its title. Each makes a key, which
 * tells how many there were before, in whatever file. */
export async function pushUrgent(): Promise<string> {
  const { context } = await visit("admin");
  const { keys } = (await (await context.request.get(`${base}/api/v1/keys?limit=100`)).json()) as { keys: { source: string }[] };
  await context.close();
  const [title, text] = urgent[keys.filter((k) => k.source === "e2e-urgent").length % urgent.length] ?? urgent[0];
  await pushAs("e2e-urgent", [{ title, text }]);
  return title;
}

/** pushCrowd pushes so many posts that say the same, a second apart until now. It returns
 * their text. */
export async function pushCrowd(n: number): Promise<string> {
  const text = `${nonsense(24)}，燃气泄漏，整个小区停气，没有人来修。`;
  const at = (i: number) => new Date(Date.now() - (n - i) * 1000).toISOString();
  await push(...Array.from({ length: n }, (_, i) => ({ text, channel: "public", published_at: at(i) })));
  return text;
}
