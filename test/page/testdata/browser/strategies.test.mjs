// The four strategies.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskDark, open, phone, photo } from "./rig.mjs";

after(close);

/** give sends the photo, and waits until its id is there. */
async function give(page) {
  await page.locator("form.strategy input[type=file]").setInputFiles(photo);
  await page.locator(".photo-field img").waitFor();
}

const start = (page) => page.locator("form.strategy button[type=submit]").click();

for (const [name, options] of Object.entries({ deskDark, phone })) {
  browse(`find source, ${name}`, options, async (page) => {
    await open(page, "#/strategy/source");
    await accessible(page);
    await give(page);
    await page.locator("form.strategy input[type=number]").first().fill("100");
    await start(page);
    await page.locator(".offer").first().waitFor();
    assert.ok(await page.locator(".offer .pair img").nth(1).isVisible());
    assert.match((await page.locator(".offer .proof").first().textContent()) ?? "", /The same picture as your photo|与您的图片是同一张/);
    await accessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("nothing is asked without a photo or words", desk, async (page) => {
  await open(page, "#/strategy/source");
  await start(page);
  await page.getByText("Give a photo or words.").waitFor();
});

browse("prices are compared, and again for another quantity by keyboard", desk, async (page) => {
  await open(page, "#/strategy/compare");
  await page.getByLabel("Words").fill("保温杯");
  await page.getByLabel("Ship to (China)").selectOption({ label: "Hangzhou (Shangcheng)" });
  await start(page);
  await page.getByText("Freight depends on the quantity: give the quantity to buy.").waitFor();
  await page.locator("form.strategy input[type=number]").first().fill("100");
  const asked = page.waitForRequest(/streamComparePrices/);
  await start(page);
  const { destination } = JSON.parse((await asked).postData() ?? "{}").freight;
  assert.deepEqual(destination, { provinceCode: "330000", cityCode: "330100", districtCode: "330102" });
  await page.locator(".histogram svg").waitFor();
  assert.match((await page.locator(".cheapest-offer").textContent()) ?? "", /With freight: ¥\d+(\.\d+)? \(freight (free|¥\d+(\.\d+)?)\)/);
  await page.locator("summary").filter({ hasText: "All offers" }).click();
  const cells = await page.locator("tbody tr:has(th a)").evaluateAll((rows) => rows.map((r) => [...r.cells].slice(-4, -2).map((c) => c.textContent)));
  for (const [freight, total] of cells) {
    assert.match(freight, /^(free|¥\d+(\.\d+)?|not (known|asked).*)$/);
    assert.match(total, freight.startsWith("not") ? /^not known$/ : /¥\d/);
  }
  assert.deepEqual([true, false].map((known) => cells.some(([freight]) => known !== freight.startsWith("not"))), [true, true], "some are known, and some are not");
  await page.locator(".histogram .median").first().waitFor({ state: "attached" });
  await accessible(page);
  const slider = page.getByRole("slider");
  await slider.focus();
  const answered = page.waitForRequest(/streamComparePrices/);
  await page.keyboard.press("ArrowRight");
  assert.equal(JSON.parse((await answered).postData() ?? "{}").quantity, "200");
  assert.equal(await slider.evaluate((e) => e === document.activeElement), true, "the slider keeps the focus");
});

browse("competitors", desk, async (page) => {
  await open(page, "#/strategy/competitors");
  await give(page);
  await start(page);
  await page.getByRole("heading", { name: "The market" }).waitFor();
  await accessible(page);
});

browse("an expansion", desk, async (page) => {
  await open(page, "#/strategy/expand");
  await page.locator("form.strategy input").first().fill("保温杯，手机壳");
  await start(page);
  await page.getByRole("heading", { name: "Best sellers" }).waitFor();
  await accessible(page);
});
