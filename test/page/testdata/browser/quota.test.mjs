// The calls of today, and what the server says of price watches.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, phone, search, service } from "./rig.mjs";

after(close);

const bar = (page) => page.locator("header .quota");

/** used is the number of calls that the page shows. */
const used = async (page) => Number((await bar(page).textContent()).match(/(?:today|今日调用) ([\d,]+)/)[1].replace(",", ""));

/** counted is the number of calls that the server counts. */
const counted = async () => Number((await (await fetch(`${service}/v1/info`)).json()).quota.callsUsed);

/** answered changes what the server says of itself. */
async function answered(page, change) {
  await page.route("**/v1/info", async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    change(json);
    await route.fulfill({ response, json });
  });
}

for (const [keyword, options] of Object.entries({ 雨伞: desk, 蓝牙耳机: deskChinese, 充电宝: phone })) {
  browse(`the calls of today are renewed when an answer spent some: ${keyword}`, options, async (page) => {
    await open(page);
    const before = await used(page);
    assert.equal(before, await counted());
    assert.ok(await bar(page).isVisible());
    const renewed = page.waitForResponse("**/v1/info");
    await search(page, keyword);
    await renewed;
    await page.waitForFunction((n) => !document.querySelector("header .quota")?.textContent?.includes(` ${n} `), before);
    assert.equal(await used(page), await counted());
    assert.ok((await used(page)) > before);
    await accessible(page);
  });
}

browse("an answer from the cache does not ask for the calls of today", desk, async (page) => {
  await open(page);
  const first = page.waitForResponse("**/v1/info");
  await search(page, "台灯");
  await page.getByText("asked just now").waitFor();
  await first;
  const asked = [];
  page.on("request", (r) => asked.push(new URL(r.url()).pathname));
  const started = page.waitForResponse("**/v1/info");
  await page.reload();
  await started;
  await page.getByText("from the CACHE").waitFor();
  // The next answer that spends calls asks again: by then the one before would have done so too.
  const renewed = page.waitForResponse("**/v1/info");
  await search(page, "背包");
  await renewed;
  assert.equal(asked.filter((path) => path === "/v1/info").length, 2, "one at the start and one after the second search");
});

browse("what is left is shown, and why nothing is", desk, async (page) => {
  await answered(page, (info) => {
    Object.assign(info.quota, { callsUsed: "4990", callsPerDay: "5000", callsLeft: "10", scope: "QUOTA_SCOPE_ALL_REPLICAS" });
  });
  await open(page);
  assert.equal(await bar(page).textContent(), "Calls today 4,990 · left 10");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByText("the calls of all replicas").waitFor();
  await accessible(page);
  await page.unroute("**/v1/info");
  await answered(page, (info) => {
    Object.assign(info.quota, { callsUsed: "5000", callsLeft: "0", exhaustedUntilTime: "2030-01-01T00:00:00Z" });
  });
  await page.reload();
  await page.locator("header .quota.warning").waitFor();
  assert.match(await bar(page).textContent(), /left 0 1688 refuses further calls until/);
  await accessible(page);
});

browse("calls that are not known are not 0", deskChinese, async (page) => {
  await answered(page, (info) => {
    delete info.quota;
  });
  await open(page);
  assert.equal(await bar(page).textContent(), "今日调用 未知 · 剩余 未知");
});

browse("without price watches nothing offers one", desk, async (page) => {
  await answered(page, (info) => {
    info.priceWatches = { enabled: false };
  });
  await open(page, "#/watches");
  await page.getByText("This server keeps no price watches").waitFor();
  assert.equal(await page.getByText("New price watch").count(), 0);
  await accessible(page);
  await open(page);
  await search(page, "保温杯");
  assert.equal(await page.getByText("Watch the price").count(), 0);
});

browse("only intervals that the server allows", desk, async (page) => {
  await answered(page, (info) => {
    info.priceWatches = { enabled: true, intervalMin: "1800s", intervalMax: "86400s" };
  });
  await open(page, "#/watches");
  await page.getByText("New price watch").click();
  const interval = page.getByRole("combobox", { name: "Every" });
  assert.deepEqual(await interval.locator("option").allTextContents(), ["30 minutes", "1 hour", "6 hours", "1 day"]);
});
