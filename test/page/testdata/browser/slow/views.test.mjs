// Every view while 1688 takes one call every ten seconds: it says that it waits, keeps what it has, and can be stopped and tried again.
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, photo, search } from "../rig.mjs";

after(close);

const waits = (page) => page.getByText(/No answer for \d+ s|已等待 \d+ 秒/);

browse("a search that waits keeps the goods before, and says how long it waits", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  const box = page.getByRole("searchbox");
  await box.fill("手机壳");
  await box.press("Enter");
  await page.locator(".card").first().waitFor();
  await waits(page).waitFor();
  await page.locator(".card").first().waitFor();
  await accessible(page);
  await waits(page).waitFor({ state: "detached" });
  await page.locator(".card h2", { hasText: /phone|case|手机/i }).first().waitFor();
});

browse("a search that waits can be stopped and asked again", deskChinese, async (page) => {
  await open(page);
  await search(page, "雨伞");
  await page.goto("about:blank");
  await open(page, "#/search?keyword=%E5%8F%B0%E7%81%AF");
  await page.locator(".to-come").first().waitFor();
  await waits(page).waitFor();
  await page.getByRole("button", { name: "停止等待" }).click();
  await page.getByText("已在得到结果前停止查询").waitFor();
  await page.getByRole("button", { name: "重试" }).click();
  await page.locator(".card:not(.to-come)").first().waitFor();
});

browse("a product and its further products wait for their turn", desk, async (page) => {
  await open(page);
  await search(page, "书包");
  await page.locator(".card h2 a").first().click();
  await page.locator(".to-come").first().waitFor();
  await waits(page).waitFor();
  await accessible(page);
  await page.locator("article.product").waitFor();
  const related = page.locator(".part", { hasText: "Related products" });
  await related.getByRole("button", { name: "Show" }).click();
  await waits(page).waitFor();
  await related.locator(".card:not(.to-come)").first().waitFor();
});

browse("a photo and a strategy wait for their turn", desk, async (page) => {
  await open(page);
  await search(page, "帐篷");
  await page.locator("form.search input[type=file]").setInputFiles(photo);
  await waits(page).waitFor();
  await page.locator(".frame img").waitFor();
  await waits(page).waitFor({ state: "detached" });
  await page.goto(`${new URL(page.url()).origin}/#/strategy/compare?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF&maxCalls=2`);
  await page.locator(".working").waitFor();
  await page.getByText(/Cheapest/i).first().waitFor();
});
