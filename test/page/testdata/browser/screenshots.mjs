// Takes the screenshots of the page that the documents show:
//
//   node screenshots.mjs PROGRAM FOLDER
//
// It starts PROGRAM (zhaohuo) with its sandbox on free ports, so that all goods are made up and the page says so, visits each view
// and writes FOLDER/VIEW-DEVICE-THEME.LANGUAGE.webp.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [program, folder] = process.argv.slice(2).map((name) => resolve(name));
const photos = resolve(dirname(fileURLToPath(import.meta.url)), "../../../scenario/photos");
const keyword = "保温杯";
/** How long to wait for a view on a slow machine. */
const waitMax = 180_000;
/** How many observations the trend shows before it is taken, and how far they are apart. */
const observations = 12;
const interval = "2s";

const devices = {
  desktop: { viewport: { width: 1280, height: 960 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
const locales = { en: "en", zh: "zh-CN" };
const names = { en: "Vacuum flasks", zh: "保温杯" };

const shots = [
  ...["search", "product", "source", "compare", "watch"].flatMap((view) => Object.keys(locales).map((language) => [view, "desktop", "light", language])),
  ["search", "desktop", "dark", "zh"],
  ["compare", "desktop", "dark", "en"],
  ["search", "phone", "light", "zh"],
  ["source", "phone", "dark", "zh"],
  ["product", "phone", "light", "en"],
  ["watch", "phone", "dark", "en"],
];

/** What a phone shows of a view whose best part is further down. */
const further = { source: ".offer", watch: ".chart" };

/** Each view brings the page to what is worth seeing. */
const views = {
  async search(page) {
    await page.locator("input[type=file]").setInputFiles(join(photos, "two.jpg"));
    await page.locator(".card").first().waitFor();
    const found = page.waitForResponse(/imageSearch/);
    await page.locator(".regions button").nth(1).click(); // The first is the photo as it is.
    await (await found).finished();
    await page.locator(".card").first().waitFor();
  },
  async product(page) {
    await page.getByRole("searchbox").fill(keyword);
    await page.getByRole("searchbox").press("Enter");
    await page.locator(".card h2 a").first().click();
    await page.locator("article.product").waitFor();
  },
  async source(page) {
    await page.locator("form.strategy input[type=file]").setInputFiles(join(photos, "earphones.jpg"));
    await page.locator(".photo-field img").waitFor();
    await page.locator("form.strategy input[type=number]").first().fill("100");
    await page.locator("form.strategy button[type=submit]").click();
    await page.locator(".offer").first().waitFor();
  },
  async compare(page) {
    await page.locator("form.strategy input").first().fill(keyword);
    await page.locator("form.strategy input[type=number]").first().fill("100");
    await page.locator("form.strategy button[type=submit]").click();
    await page.locator(".histogram .median").first().waitFor({ state: "attached" });
  },
  async watch(page) {
    await page.locator(".chart canvas").waitFor();
    await page.locator(".events li").first().waitFor();
  },
};

/** serve starts the service and returns its process and its address. */
async function serve(data) {
  const args = ["serve", "--sandbox-drift=2s", `--data-dir=${data}`, "--lame-duck=0s", "--log-level=error"];
  const { PATH = "" } = process.env; // Nothing else: a setting of this machine must not have it call 1688.
  const server = spawn(program, [...args, ...["grpc", "http", "ops"].map((port) => `--${port}-addr=127.0.0.1:0`)], {
    env: { PATH, HOME: data },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const [, address] = /^ +REST +(http:\S+)/.exec(line) ?? [];
    if (address) {
      server.stdout.resume();
      return { server, address };
    }
  }
  throw new Error(`${program} ended before it served`);
}

/** ask sends a request to the service. */
async function ask(address, path, body) {
  const answer = await fetch(address + path, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) {
    throw new Error(`${path}: ${answer.status} ${JSON.stringify(content)}`);
  }
  return content;
}

/** watchPrices has prices observed, in a watch for each language, until there is a trend to see. It returns their ids. */
async function watchPrices(address) {
  const { products } = await ask(address, `/v1/products:keywordSearch?pageSize=6&keyword=${encodeURIComponent(keyword)}`);
  const conditions = ["FELL", "ROSE"].map((kind) => ({ kind: `PRICE_EVENT_KIND_PRICE_${kind}`, ratio: 0.05 }));
  const ids = {};
  for (const [language, displayName] of Object.entries(names)) {
    const priceWatch = { displayName, interval, conditions, products: { ids: products.map((p) => p.id) } };
    ids[language] = (await ask(address, "/v1/priceWatches", { priceWatch })).priceWatch.id;
  }
  return ids;
}

/** observed waits until a watch has enough observations, as its stream of events goes on. */
async function observed(address, id) {
  const events = await fetch(`${address}/v1/priceEvents:stream`, { headers: { accept: "text/event-stream" }, signal: AbortSignal.timeout(waitMax) });
  for await (const _ of events.body) {
    const { points } = await ask(address, `/v1/priceWatches/${id}:queryTrend`);
    if (points.filter((p) => p.median).length >= observations) {
      return;
    }
  }
}

async function take(browser, address, watches, [view, device, theme, language]) {
  const context = await browser.newContext({ ...devices[device], locale: locales[language], colorScheme: theme, timezoneId: "Asia/Shanghai" });
  context.setDefaultTimeout(waitMax);
  const page = await context.newPage();
  const places = { search: "", product: "", source: "#/strategy/source", compare: "#/strategy/compare", watch: `#/watches/${watches[language]}` };
  await page.goto(`${address}/${places[view]}`);
  await page.locator(".mode.made-up").waitFor();
  await views[view](page);
  if (device === "phone" && further[view]) {
    await page.locator(further[view]).first().evaluate((e) => e.scrollIntoView());
  }
  // Pictures further down are loaded when somebody scrolls to them.
  await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight));
  const session = await context.newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 75 });
  const name = `${view}-${device}-${theme}.${language}.webp`;
  const content = Buffer.from(data, "base64");
  await writeFile(join(folder, name), content);
  console.log(`${name}: ${Math.round(content.length / 1024)} KB`);
  await context.close();
}

const data = await mkdtemp(join(tmpdir(), "zhaohuo-screenshots-"));
const { server, address } = await serve(data);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"] });
try {
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) {
    if (old.endsWith(".webp")) {
      await rm(join(folder, old));
    }
  }
  const watches = await watchPrices(address);
  for (const shot of shots.filter(([view]) => view !== "watch")) {
    await take(browser, address, watches, shot);
  }
  for (const id of Object.values(watches)) {
    await observed(address, id);
  }
  for (const shot of shots.filter(([view]) => view === "watch")) {
    await take(browser, address, watches, shot);
  }
} finally {
  await browser.close();
  server.kill();
  await once(server, "exit");
  await rm(data, { recursive: true });
}
