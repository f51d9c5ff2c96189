// What every test of the page has: a browser, a page that may load nothing from elsewhere, and a check of accessibility.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { desk, launch } from "./browser.mjs";

/** The service's address, such as http://127.0.0.1:8080. */
export const service = process.env.SERVICE;
/** Where pictures of goods may come from. */
const pictures = process.env.PICTURES;
/** From where the page may load pictures and videos of goods. */
export const goods = pictures;
/** A photo of earphones. */
export const photo = process.env.PHOTO;
/** How long an expectation may take: a slow machine reads all pictures of the sandbox first. */
const waitMax = 120_000;

export { desk };
export const deskChinese = { ...desk, locale: "zh-CN" };
export const deskDark = { ...desk, colorScheme: "dark" };
export const phone = { viewport: { width: 390, height: 800 }, locale: "zh-CN", hasTouch: true, isMobile: true };

let browser;

/** browse is a test with a page of its own. It fails on any request to elsewhere, on a violation of the page's policy and on an error. */
export function browse(name, options, body) {
  test(name, { timeout: 2 * waitMax }, async (t) => {
    browser ??= await launch();
    const context = await browser.newContext(options);
    context.setDefaultTimeout(waitMax);
    const wrong = [];
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
    });
    const page = await context.newPage();
    page.on("request", (r) => {
      const url = new URL(r.url());
      if (url.protocol.startsWith("http") && url.origin !== service && !(url.origin === pictures && ["image", "media"].includes(r.resourceType()))) {
        wrong.push(`a request to ${r.url()}`);
      }
    });
    // A failed answer is logged by the browser itself; tests of errors look at what the page shows.
    page.on("console", (m) => {
      if (m.type() === "error" && !m.text().startsWith("Failed to load resource")) {
        wrong.push(`an error: ${m.text()}`);
      }
    });
    page.on("pageerror", (e) => wrong.push(`an exception: ${e.message}`));
    try {
      await body(page, t);
      assert.deepEqual(wrong, []);
    } finally {
      await context.close();
    }
  });
}

/** open shows the page. */
export async function open(page, hash = "") {
  await page.goto(`${service}/${hash}`);
  await page.getByText(/^(SANDBOX|沙箱)$/).first().waitFor();
}

/** search asks for words, and waits for the goods. */
export async function search(page, text) {
  const box = page.getByRole("searchbox");
  await box.fill(text);
  await box.press("Enter");
  await page.locator(".card:not(.to-come)").first().waitFor();
}

/** accessible fails on any violation that axe finds. */
export async function accessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`),
    [],
  );
}

/** close ends the browser when all tests of a file have run. */
export async function close() {
  await browser?.close();
}
