// A server that lets each caller keep one price watch.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open } from "../rig.mjs";

after(close);

browse("a bound that is too low is said at its field, in Chinese", deskChinese, async (page) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF");
  const calls = page.getByLabel("每天最多调用 1688 次数");
  await calls.fill("1");
  await page.getByRole("button", { name: "开始监控" }).click();
  const said = (await page.locator(".field .wrong").textContent()) ?? "";
  assert.match(said, /^应为 0 或至少 \d+，即一次观测可能的调用次数$/);
  assert.ok(await calls.evaluate((e) => e === document.activeElement), "the focus is not at the field");
  await accessible(page);
  const summary = (await page.getByRole("alert").filter({ hasText: "每天" }).textContent()) ?? "";
  assert.ok(!/[a-z]{4}/.test(summary), summary);
});

browse("intervals that are too short are not offered", desk, async (page) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF");
  const all = await page.getByLabel("Every", { exact: true }).locator("option").allTextContents();
  assert.equal(all[0], "1 minute");
});

browse("a second watch is over the limit", desk, async (page) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.waitForURL(/#\/watches\/pw_/);
  await page.goto(`${new URL(page.url()).origin}/#/watches?keyword=%E9%9B%A8%E4%BC%9E`);
  await page.getByRole("button", { name: "Start watching" }).click();
  const said = (await page.getByRole("alert").filter({ hasText: /\w/ }).textContent()) ?? "";
  assert.match(said, /Delete/);
  await accessible(page);
});
