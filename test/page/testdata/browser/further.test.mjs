// The goods of a product's supplier, and related ones: pages, filters, and the address that keeps them.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, open, phone, search } from "./rig.mjs";

after(close);

/** opened shows a product that has a supplier with an id. */
async function opened(page) {
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  await page.locator("article.product").waitFor();
}

const titles = (list) => list.locator(".card:not(.to-come) h2").allTextContents();

for (const [name, options] of Object.entries({ desk, phone })) {
  browse(`related products by pages, ${name}`, options, async (page) => {
    await opened(page);
    const related = page.locator(".part", { hasText: /Related products|相关商品/ });
    await related.getByRole("button", { name: /Show|查看/ }).click();
    await related.locator(".card:not(.to-come)").first().waitFor();
    const first = await titles(related);
    await related.getByRole("button", { name: /Next page|下一页/ }).click();
    await related.getByText(/^(Page 2|第 2 页)$/).waitFor();
    assert.notDeepEqual(await titles(related), first);
    assert.match(page.url(), /related\.page=2/);
    const top = await related.locator(".further").evaluate((e) => e.getBoundingClientRect().top);
    assert.ok(top > -5 && top < 800, `the new page begins at ${top}`);
    assert.equal(await page.evaluate(() => document.activeElement?.className), "further");
    await accessible(page);
    await page.reload();
    await related.getByText(/^(Page 2|第 2 页)$/).waitFor();
    await page.goBack();
    await related.getByText(/^(Page 1|第 1 页)$/).waitFor();
    assert.deepEqual(await titles(related), first);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("the goods of a supplier, by words, order and pages", desk, async (page) => {
  await opened(page);
  const list = page.locator(".part", { hasText: "More from this supplier" });
  await list.getByRole("button", { name: "Show" }).click();
  await list.locator(".card:not(.to-come)").first().waitFor();
  const all = await titles(list);
  await list.locator("summary").click();
  await list.getByLabel("Highest price").fill("dear");
  await list.getByRole("button", { name: "Search" }).click();
  assert.equal(await list.locator(".field .wrong").textContent(), "must be a price in yuan, such as 99.90");
  await accessible(page);
  assert.deepEqual(await titles(list), all, "what was there before is gone");
  await list.getByLabel("Highest price").fill("1");
  await list.getByRole("button", { name: "Search" }).click();
  await list.locator(".field .wrong").waitFor({ state: "detached" });
  await page.waitForURL(/seller\.priceMax=1(&|$)/);
  await page.goBack();
  await page.goBack();
  await page.waitForURL((url) => !url.href.includes("seller.priceMax="));
  await list.locator(".card:not(.to-come)").first().waitFor();
});

browse("a title of the product is the title of the document, and the back button goes to the search", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  const link = page.locator(".card h2 a").nth(7);
  const title = await link.textContent();
  await link.click();
  await page.locator("article.product").waitFor();
  await page.waitForFunction((t) => document.title.startsWith(t), title);
  await page.goBack();
  await page.locator(".card:not(.to-come)").first().waitFor();
  assert.ok((await page.title()).startsWith("zhaohuo"));
});
