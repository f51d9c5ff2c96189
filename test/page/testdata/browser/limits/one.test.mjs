// A server that lets each caller keep one price watch.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open } from "../rig.mjs";

after(close);

browse("an interval that is too short is said at its field, in Chinese", deskChinese, async (page) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF");
  await page.getByLabel("间隔", { exact: true }).selectOption("10s");
  await page.getByRole("button", { name: "开始监控" }).click();
  const field = page.locator(".field", { hasText: "间隔" });
  await field.getByText("应为 1 分钟 到 30 天").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "SELECT");
  await accessible(page);
  const said = (await page.getByRole("alert").filter({ hasText: "间隔" }).textContent()) ?? "";
  assert.ok(!/[a-z]{4}/.test(said), said);
});

browse("a second watch is over the limit", desk, async (page) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF");
  await page.getByLabel("Every", { exact: true }).selectOption("3600s");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.waitForURL(/#\/watches\/pw_/);
  await page.goto(`${new URL(page.url()).origin}/#/watches?keyword=%E9%9B%A8%E4%BC%9E`);
  await page.getByRole("button", { name: "Start watching" }).click();
  const said = (await page.getByRole("alert").filter({ hasText: /\w/ }).textContent()) ?? "";
  assert.match(said, /Delete/);
  await accessible(page);
});
