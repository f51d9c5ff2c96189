// What somebody sees who does not know the page, and does not program.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, phone, photo, search } from "./rig.mjs";

after(close);

const both = Object.entries({ desk, deskChinese });

/** inNanos is an amount of the API as a whole number. */
const inNanos = ({ units, nanos }) => BigInt(units) * 1_000_000_000n + BigInt(nanos);

/** written is an amount in yuan as the page writes it. */
function written(nanos) {
  const fraction = String(nanos % 1_000_000_000n).padStart(9, "0").replace(/0+$/, "");
  return `¥${nanos / 1_000_000_000n}${fraction && `.${fraction.padEnd(2, "0")}`}`;
}

/** compared asks for prices, and gives the answer that the page got. */
async function compared(page, query) {
  const response = page.waitForResponse(/streamComparePrices/);
  await open(page, `#/strategy/compare?${query}`);
  const lines = (await (await response).text()).trim().split("\n");
  await page.locator(".histogram svg").waitFor();
  const last = JSON.parse(lines.at(-1));
  return (last.result ?? last).answer.similar;
}

for (const [name, options] of both) {
  browse(`the total for a quantity is shown where the price holds, and is unknown elsewhere, ${name}`, options, async (page) => {
    const { cheapest, offers, statistics } = await compared(page, `keyword=${encodeURIComponent("保温杯")}&quantity=100`);
    assert.equal(cheapest.priceBasis, "PRICE_BASIS_EXACT_AT_QUANTITY");
    const total = written(inNanos(cheapest.price) * 100n);
    const said = await page.locator(".total").textContent();
    assert.ok(said.startsWith(options === deskChinese ? `总价：${total} = 100 件` : `Total: ${total} = 100 pieces`), said);
    const card = await page.locator(".cheapest-offer .card .price").textContent();
    assert.ok(card.includes(written(inNanos(cheapest.price))), card);
    assert.equal(card.match(/¥/g).length, 1, "one price, the one that holds");

    assert.ok(inNanos(statistics.min) < inNanos(cheapest.price), "the sandbox has an offer with a lower price “from”");
    await page.getByText(/^(“Lowest” is of all offers|“最低”统计全部报价)/).waitFor();

    await page.locator("summary", { hasText: /All offers|全部报价/ }).click();
    const titles = await page.locator(".part > details thead th").allTextContents();
    const column = titles.findIndex((title) => /^(Total|总价)$/.test(title));
    const rows = page.locator(".part > details tbody tr");
    for (const [i, offer] of offers.entries()) {
      const cell = await rows.nth(i).locator("th, td").nth(column).textContent();
      const exact = ["PRICE_BASIS_EXACT_AT_QUANTITY", "PRICE_BASIS_PROMOTION"].includes(offer.priceBasis);
      const sum = written(inNanos(offer.price) * 100n);
      if (exact) {
        assert.ok(cell.startsWith(`${sum} = `), `${offer.product.id}: ${cell}`);
      } else if (BigInt(offer.product.minimumOrder ?? 0) > 100n) {
        assert.match(cell, /^(not known for this quantity|按此数量未知)$/);
      } else {
        assert.equal(cell, options === deskChinese ? `${sum} 起` : `from ${sum}`);
      }
    }
    await accessible(page);
  });

  browse(`without a quantity there is no total, ${name}`, options, async (page) => {
    await compared(page, `keyword=${encodeURIComponent("保温杯")}`);
    assert.equal(await page.locator(".total").count(), 0);
    await page.locator("summary", { hasText: /All offers|全部报价/ }).click();
    assert.equal(await page.getByRole("columnheader", { name: /^(Total|总价)$/ }).count(), 0);
  });

  browse(`the evidence is a sentence, and its details are folded and link to the goods, ${name}`, options, async (page) => {
    await open(page, "#/strategy/source");
    await page.locator("form.strategy input[type=file]").setInputFiles(photo);
    await page.locator(".photo-field img").waitFor();
    await page.locator("form.strategy button[type=submit]").click();
    const figure = page.locator(".offer .evidence").first();
    await figure.waitFor();
    const sentence = await figure.locator("figcaption > p").textContent();
    assert.ok(!/\d/.test(sentence), sentence);
    assert.equal(await figure.locator("li").first().isVisible(), false);
    await figure.locator("summary").click();
    const linked = figure.locator('li a[href^="#/product/"]');
    await linked.first().waitFor();
    for (const title of await linked.allTextContents()) {
      assert.ok(!/^\d+$/.test(title), `${title} is an id`);
    }
    assert.match(await figure.locator("li").first().textContent(), /\d+%/);
    await accessible(page);
  });

  browse(`a photo that no goods have is said so, and one that goods have marks them, ${name}`, options, async (page) => {
    const check = () => page.waitForResponse(/combo:comparePrices/);
    await open(page);
    let checked = check();
    await page.locator("form.search input[type=file]").setInputFiles(join(dirname(photo), "two.jpg"));
    assert.equal((await (await checked).json()).meta.upstreamCalls, 0, "the check asks 1688 nothing");
    await page.getByText(/^(No product has your photo|没有商品使用您的图片)/).waitFor();
    assert.equal(await page.locator(".card .proof").count(), 0);
    await accessible(page);
    checked = check();
    await page.locator("form.search input[type=file]").setInputFiles(photo);
    await checked;
    const said = await page.getByText(/products have your photo|有 \d+ 件商品使用您的图片/).textContent();
    assert.equal(await page.locator(".card .proof").count(), Number(said.match(/\d+/)[0]));
    await accessible(page);
  });

  browse(`a part of a photo is not checked, ${name}`, options, async (page) => {
    await open(page);
    await page.locator("form.search input[type=file]").setInputFiles(join(dirname(photo), "two.jpg"));
    await page.getByText(/^(No product has your photo|没有商品使用您的图片)/).waitFor();
    await page.getByRole("button", { name: /^(Goods|主体) 1$/ }).click();
    await page.getByText(/^(No product has your photo|没有商品使用您的图片)/).waitFor({ state: "detached" });
  });

  browse(`a card says where the supplier is named, and the product names it, ${name}`, options, async (page) => {
    await open(page);
    await search(page, "保温杯");
    const card = page.locator(".card", { hasText: /Supplier: see the product|供应商：见详情/ }).first();
    await card.locator("h2 a").click();
    const company = page.locator(".sheet div", { has: page.getByText(/^(Company|公司)$/) }).locator("dd");
    assert.match(await company.textContent(), /公司|厂|行|部|店/);
  });

  browse(`an answer says in words where it is from, ${name}`, options, async (page) => {
    await open(page);
    await search(page, name === "desk" ? "帐篷" : "瑜伽垫");
    const origin = page.locator(".origin").first();
    assert.match(await origin.textContent(), /^(made-up goods · asked just now|虚构商品 · 刚刚查询) · /);
    await page.reload();
    await page.locator(".origin", { hasText: /from the CACHE|缓存结果/ }).waitFor();
  });
}

for (const [name, options] of [...both, ["phone", phone]]) {
  browse(`the first view has examples to begin with, ${name}`, options, async (page) => {
    await open(page);
    const examples = page.locator(".examples");
    assert.equal(await examples.locator("a").count(), 2);
    await examples.locator("a").first().click();
    await page.locator(".card:not(.to-come)").first().waitFor();
    assert.equal(await examples.count(), 0);
    await page.goBack();
    await page.getByRole("button", { name: /^(a photo of goods|用一张商品图片搜索)$/ }).click();
    await page.locator(".frame img").waitFor();
    await page.getByText(/ha(s|ve) your photo, and (is|are) marked|件商品使用您的图片/).waitFor();
    await accessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("an example photo is offered for made-up goods only", desk, async (page) => {
  await page.route("**/v1/info", async (route) => {
    const response = await route.fetch();
    const json = { ...(await response.json()), mode: "SERVER_MODE_LIVE" };
    await route.fulfill({ response, json });
  });
  await page.goto(`${process.env.SERVICE}/`);
  await page.locator(".mode.real").waitFor();
  assert.equal(await page.locator(".examples a").count(), 2);
  assert.equal(await page.locator(".examples button").count(), 0);
});
