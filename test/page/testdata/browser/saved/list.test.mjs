// A list of goods whose texts look like formulas, saved from two pages. The test in Go opens the files.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, search } from "../rig.mjs";

after(close);

/** save puts the file that a button makes beside the others. */
async function save(page, name, as, named = "zhaohuo-search") {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
  assert.match(file.suggestedFilename(), new RegExp(`^${named}-\\d{4}-\\d\\d-\\d\\d\\.${as.split(".")[1]}$`));
  await file.saveAs(join(process.env.DOWNLOADS, as));
}

browse("both kinds of files have the goods of all pages that were opened", desk, async (page) => {
  await open(page);
  await search(page, "茶杯");
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page 2").first().waitFor();
  await page.getByText("The files have the 30 products of all pages that you opened.").waitFor();
  await accessible(page);
  await save(page, "Save as Excel", "both.xlsx");
  await save(page, "Save as CSV", "both.csv");
});

browse("another question forgets the pages of the one before", deskChinese, async (page) => {
  await open(page);
  await search(page, "茶杯");
  await page.getByRole("button", { name: "下一页" }).click();
  await page.getByText("第 2 页").first().waitFor();
  await page.getByRole("searchbox").fill("茶杯 普通");
  await page.getByRole("searchbox").press("Enter");
  await page.getByText("第 1 页").first().waitFor();
  await save(page, "导出 Excel", "chinese.xlsx", "找货-搜索结果");
});

browse("the seller's goods are saved from all pages that were opened", desk, async (page) => {
  await open(page, "#/product/600000000007?seller.page=1");
  const seller = page.getByRole("region", { name: "Page 1" });
  await seller.locator(".card").first().waitFor();
  await seller.getByRole("button", { name: "Next page" }).click();
  await page.getByText("The files have the 29 products of all pages that you opened.").waitFor();
});
