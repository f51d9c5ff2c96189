// Measures the page for tools/bench, which starts this program. It reads one command a line, and answers each by a line; both are JSON.
// It ends with its input.
import { createInterface } from "node:readline";
import { desk, launch } from "./browser.mjs";

/** How long a command may take. */
const waitMax = 180_000;

const browser = await launch();
let page;

const commands = {
  /** open shows the page in a new window whose cache is empty, and gives the files that were loaded, with their bytes as they were sent. */
  async open({ service }) {
    await page?.context().close();
    const context = await browser.newContext(desk);
    context.setDefaultTimeout(waitMax);
    page = await context.newPage();
    await page.goto(service);
    await page.getByText("SANDBOX", { exact: true }).first().waitFor();
    return page.evaluate(() =>
      ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type).map((e) => ({ name: e.name, bytes: e.encodedBodySize }))),
    );
  },

  /** words searches by words, and gives when what happened. */
  async words({ words }) {
    const box = page.getByRole("searchbox");
    await box.fill(words);
    await page.evaluate(watchForCards);
    await box.press("Enter");
    return page.evaluate(() => globalThis.painted);
  },

  /** photo searches by a photo that is picked. */
  async photo({ photo }) {
    await page.evaluate(watchForCards);
    await page.locator("input[type=file]").first().setInputFiles(photo);
    return page.evaluate(() => globalThis.painted);
  },

  /** rest waits until all pictures in the window are there, as somebody does who looks at them. */
  async rest() {
    await page.waitForFunction(() =>
      [...document.images].every((picture) => picture.complete || picture.getBoundingClientRect().top > innerHeight),
    );
    return {};
  },
};

/**
 * watchForCards runs in the page. It makes painted, a promise of the moments of the next search, in milliseconds by the page's clock:
 * pressed (the key, 0 without one), asked and answered (the request), shown (all cards are in the document) and painted (the frame with
 * them is on the screen: the second frame after that begins).
 */
function watchForCards() {
  const goods = () => [...document.querySelectorAll(".card h2 a")].map((link) => link.getAttribute("href")).join();
  const before = goods();
  let pressed = 0;
  const press = (e) => {
    pressed = e.timeStamp;
  };
  addEventListener("keydown", press, { capture: true });
  performance.clearResourceTimings();
  globalThis.painted = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no goods were shown in time")), 120_000);
    const observer = new MutationObserver(() => {
      const problem = document.querySelector("[role=alert]");
      if (problem) {
        reject(new Error(problem.textContent ?? ""));
      }
      const now = goods();
      if (now === before || now === "") {
        return;
      }
      observer.disconnect();
      removeEventListener("keydown", press, { capture: true });
      const shown = performance.now();
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          const request = performance.getEntriesByType("resource").find((e) => e.initiatorType === "fetch" && e.name.includes("Search"));
          resolve({
            pressed,
            asked: request?.startTime ?? 0,
            answered: request?.responseEnd ?? 0,
            shown,
            painted: performance.now(),
            cards: document.querySelectorAll(".card").length,
            bytes: request?.encodedBodySize ?? 0,
            origin: document.querySelector(".origin")?.textContent ?? "",
          });
        }),
      );
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
answer({});
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  try {
    answer({ answer: await commands[command](rest) });
  } catch (thrown) {
    answer({ error: String(thrown) });
  }
}
await browser.close();
