// One product: what is known, and what is not.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after } from "node:test";
import { accessible, browse, close, desk, deskDark, open, phone, search } from "./rig.mjs";

after(close);

for (const [name, options] of Object.entries({ deskDark, phone })) {
  browse(`a product from its card, ${name}`, options, async (page) => {
    await open(page);
    await search(page, "保温杯");
    const title = (await page.locator(".card h2 a").first().textContent()) ?? "";
    await page.locator(".card h2 a").first().click();
    await page.locator("article.product").waitFor();
    assert.ok((await page.locator("h1").first().textContent())?.startsWith(title));
    await accessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("what is not known is said to be not known", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  const shipping = page.locator(".sheet div", { hasText: "Shipping cost" }).locator("dd");
  assert.equal(await shipping.textContent(), "not known");
});

browse("further products are asked for only when they are wanted", desk, async (page) => {
  const asked = [];
  page.on("request", (r) => asked.push(r.url()));
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  await page.locator("article.product").waitFor();
  const related = page.locator(".part", { hasText: "Related products" });
  assert.equal(asked.some((url) => url.includes("/related")), false);
  await related.getByRole("button", { name: "Show" }).click();
  await related.locator(".card:not(.to-come)").first().waitFor();
  await accessible(page);
});

browse("a link to a product opens it, typed or pasted", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  const id = new URL((await page.locator(".card h2 a").first().getAttribute("href")) ?? "", page.url()).hash.split("/")[2];
  const box = page.getByRole("searchbox");
  await box.fill(`https://detail.1688.com/offer/${id}.html?spm=a`);
  await box.press("Enter");
  await page.locator("article.product").waitFor();
  assert.ok(page.url().endsWith(`#/product/${id}`));
  await page.goBack();
  await box.waitFor();
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, `看看这个 https://m.1688.com/offer/${id}.html`);
  await page.locator("article.product").waitFor();
});

browse("a product that is not there", desk, async (page) => {
  await open(page, "#/product/999999999999");
  await page.getByRole("alert").waitFor();
  await accessible(page);
});

browse("a list is saved as CSV that Excel reads", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as CSV" }).click()]);
  const text = await readFile(await file.path(), "utf8");
  assert.ok(text.startsWith("\uFEFFProduct id,Title,"));
  assert.equal(text.trimEnd().split("\r\n").length, 1 + (await page.locator(".card").count()));
});
