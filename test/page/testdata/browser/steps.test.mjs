// The steps of strategies while they are waited for, and what is said when some of them do not succeed.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, phone } from "./rig.mjs";

after(close);

const start = (page) => page.locator("form.strategy button[type=submit]").click();

/** ask gives words. A word of the sandbox has it answer late. */
async function ask(page, name, text) {
  await open(page, `#/strategy/${name}`);
  await page.locator("form.strategy input").first().fill(text);
  await start(page);
}

// Each test has a word of its own, because an answer that is stored comes at once.
for (const [name, options, word] of [
  ["desk", desk, "sandbox:slow=4s"],
  ["phone", phone, "sandbox:slow=4100ms"],
]) {
  browse(`steps are shown as they happen, ${name}`, options, async (page) => {
    await ask(page, "compare", `保温杯 ${word}`);
    const step = page.locator(".steps li.runs");
    await step.first().waitFor();
    assert.match((await step.first().textContent()) ?? "", /Search by words|关键词搜索/);
    assert.match((await page.locator(".calls").textContent()) ?? "", /0 calls to 1688 spent, 6 still allowed|已调用 1688 0 次，还可调用 6 次/);
    const said = page.locator("[role=status]").filter({ hasText: /Search by words|关键词搜索/ });
    await said.first().waitFor({ state: "attached" });
    await accessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
    await page.locator(".histogram svg").waitFor();
    await page.locator(".progress").waitFor({ state: "detached" });
  });
}

browse("a strategy can be stopped, and started again", desk, async (page) => {
  const question = page.waitForRequest(/streamComparePrices/);
  await ask(page, "compare", "保温杯 sandbox:slow=6s");
  await page.locator(".steps li.runs").first().waitFor();
  const ended = page.waitForEvent("requestfailed", (r) => r.url().includes("streamComparePrices"));
  await page.getByRole("button", { name: "Stop" }).click();
  assert.equal(await ended, await question);
  await page.locator(".working").getByText("Stopped.").waitFor();
  assert.equal(await page.locator(".steps li.runs").count(), 0);
  await accessible(page);
  await page.getByRole("button", { name: "Start again" }).click();
  await page.locator(".histogram svg").waitFor();
});

browse("an error after the first step is a sentence", deskChinese, async (page) => {
  await ask(page, "compare", "保温杯 sandbox:no-permission");
  const said = (await page.getByRole("alert").filter({ hasText: /./ }).first().textContent()) ?? "";
  assert.match(said, /[\u4e00-\u9fff]/);
  assert.equal(await page.locator(".progress").count(), 0);
});

browse("what is missing is one sentence, and details to open", desk, async (page) => {
  await open(page, "#/strategy/source");
  await page.locator("form.strategy input").first().fill("耳机 降噪");
  await page.getByLabel("Calls to 1688 at most").fill("2");
  await start(page);
  const partial = page.locator("details.partial");
  await partial.waitFor();
  assert.equal(await partial.locator("summary").textContent(), "Something may be missing: 2 steps did not succeed.");
  assert.equal(await partial.locator("li").first().isVisible(), false);
  await partial.locator("summary").click();
  assert.equal(await partial.locator("li").count(), 2);
  await accessible(page);
});

browse("a strategy takes bounds, an order and filters", desk, async (page) => {
  await open(page, "#/strategy/compare");
  await page.locator("form.strategy input").first().fill("保温杯");
  await page.locator("form.strategy summary").click();
  await page.getByLabel("Lowest price").fill("5");
  await page.getByLabel("Highest price").fill("300");
  await page.locator(".refine select").selectOption("SORT_ORDER_PRICE_ASC");
  await page.getByLabel("Ships in 24 hours").check();
  await accessible(page);
  const asked = page.waitForRequest(/streamComparePrices/);
  await start(page);
  const { priceMin, priceMax, sort, filters } = JSON.parse((await asked).postData() ?? "{}");
  assert.deepEqual([priceMin, priceMax, sort, filters], ["5", "300", "SORT_ORDER_PRICE_ASC", ["PRODUCT_FILTER_SHIPS_IN_24H"]]);
  await page.locator(".slider").waitFor();
  await page.reload();
  await page.locator(".slider").waitFor();
  assert.equal(await page.getByLabel("Highest price").inputValue(), "300", "the address holds the bounds");
});
