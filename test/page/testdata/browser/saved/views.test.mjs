// Every list of every view is saved in both forms. The test in Go opens the files.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { browse, close, desk, deskChinese, open, photo, search } from "../rig.mjs";

after(close);

/** saveAll saves all lists of a view, each in both forms, and checks that they are as many as they should be. */
async function saveAll(page, view, lists) {
  const chinese = (await page.evaluate(() => document.documentElement.lang)) === "zh-CN";
  await page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) {
      part.open = true;
    }
  });
  for (const [name, ending] of [
    [/Save as Excel|导出 Excel/, "xlsx"],
    [/Save as CSV|导出 CSV/, "csv"],
  ]) {
    await page.waitForTimeout(1_100); // Chromium drops the eleventh download within a second. People do not save so fast.
    const buttons = page.getByRole("button", { name });
    assert.ok((await buttons.count()) >= lists, `${view} has ${await buttons.count()} lists to save`);
    for (let i = 0; i < lists; i++) {
      const [file] = await Promise.all([page.waitForEvent("download"), buttons.nth(i).click()]);
      const named = chinese ? /^找货-[^a-z]+-\d{4}-\d\d-\d\d\.[a-z]+$/ : /^zhaohuo-[a-z-]+(\d+-)?\d{4}-\d\d-\d\d\.[a-z]+$/;
      assert.match(file.suggestedFilename(), named);
      await file.saveAs(join(process.env.DOWNLOADS, `${view}-${i}.${ending}`));
    }
  }
}

const start = (page) => page.locator("form.strategy button[type=submit]").click();

browse("a product: its variants, the seller's goods and related ones", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  await page.locator("article.product").waitFor();
  const shown = page.getByRole("button", { name: "Show", exact: true });
  await shown.nth(1).waitFor();
  await shown.nth(1).click();
  await shown.nth(1).waitFor({ state: "detached" }); // The button of the list that was asked for goes; the other one is the only one then.
  await shown.click();
  await page.getByRole("button", { name: "Save as Excel" }).nth(2).waitFor();
  await saveAll(page, "product", 3);
});

browse("the four strategies", deskChinese, async (page) => {
  await open(page, "#/strategy/source?keyword=保温杯&quantity=100");
  await start(page);
  await page.locator(".offer, .cards .card").first().waitFor();
  await saveAll(page, "source", 1);
  await open(page, "#/strategy/compare?keyword=保温杯&quantity=100&freightTo=330108");
  await start(page);
  await page.locator(".histogram svg").waitFor();
  await saveAll(page, "compare", 1);
  await open(page, "#/strategy/expand");
  await page.locator("form.strategy input").first().fill("保温杯，手机壳");
  await start(page);
  await page.getByRole("heading", { name: "热销商品" }).first().waitFor();
  await saveAll(page, "expand", 3);
  await open(page, "#/strategy/competitors");
  await page.locator("form.strategy input[type=file]").setInputFiles(photo);
  await page.locator(".photo-field img").waitFor();
  await start(page);
  await page.getByRole("heading", { name: "市场情况" }).waitFor();
  await saveAll(page, "competitors", 6);
});

browse("several photos", desk, async (page) => {
  await open(page);
  await page.locator("input[type=file]").setInputFiles([photo, join(dirname(photo), "two.jpg")]);
  await page.getByText("2 of 2").first().waitFor();
  await saveAll(page, "photos", 1);
});

browse("price watches: all, their events, a trend and an observation", deskChinese, async (page) => {
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card .links a").first().click();
  await start(page);
  await page.waitForURL(/#\/watches\/pw_/);
  await page.locator(".chart canvas").waitFor();
  await page.locator(".events li").first().waitFor();
  await page.getByRole("button", { name: "导出 Excel" }).nth(2).waitFor();
  await saveAll(page, "watch", 3);
  await page.getByText("全部价格监控").click();
  await page.getByRole("button", { name: "导出 Excel" }).nth(1).waitFor();
  await saveAll(page, "watches", 2);
});
