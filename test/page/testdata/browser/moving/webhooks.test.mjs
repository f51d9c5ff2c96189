// The webhooks of a price watch. The receiver is given by the Go test, which looks at what it got.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open } from "../rig.mjs";

after(close);

const receiver = process.env.RECEIVER;
const start = async (page, submit) => {
  await open(page, "#/watches?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF&name=cups");
  await page.getByRole("button", { name: submit }).click();
  await page.waitForURL(/#\/watches\/pw_/);
};

browse("a webhook is added, its secret is shown once, and what was sent is listed", desk, async (page) => {
  await start(page, "Start watching");
  const part = page.locator(".part", { hasText: "Webhooks" });
  const address = part.getByLabel("Address");
  await part.locator("summary").first().waitFor();
  assert.equal(await address.isVisible(), false, "what is for programmers is folded");
  await part.getByText("Send the events to another program").click();
  await address.fill("http://127.0.0.1:1/hook");
  await part.getByRole("button", { name: "Add a webhook" }).click();
  await part.locator(".field .wrong").waitFor();
  assert.ok(await address.evaluate((e) => e === document.activeElement));
  await accessible(page);

  await address.fill(receiver);
  await part.getByRole("button", { name: "Add a webhook" }).click();
  const secret = page.locator(".secret input");
  await secret.waitFor();
  const first = await secret.inputValue();
  assert.match(first, /^whsec_/);
  await accessible(page);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await secret.waitFor({ state: "detached" });

  await part.getByRole("button", { name: "New secret" }).click();
  await secret.waitFor();
  const second = await secret.inputValue();
  assert.notEqual(second, first);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, history.state]));
  assert.equal(stored.includes(second), false, "the secret was stored");
  await page.reload();
  await page.locator(".address", { hasText: receiver }).waitFor();
  assert.equal((await page.content()).includes(second), false, "the secret is shown again");

  await page.locator(".events li").first().waitFor();
  await part.getByText("What was sent").click();
  for (;;) {
    const row = part.locator("details tbody tr", { hasText: "delivered" }).first();
    if (await row.isVisible()) {
      await row.getByRole("button", { name: /^Send again: event/ }).click();
      break;
    }
    await part.getByRole("button", { name: "Look again" }).click();
    await part.getByRole("button", { name: "Look again", disabled: false }).waitFor();
  }
  await accessible(page);

  await part.getByRole("button", { name: `Delete: ${receiver}` }).click();
  await part.getByRole("button", { name: "Send it no more events" }).click();
  await part.getByText("No address gets the events").waitFor();
});

browse("a wrong address is refused in Chinese, at its field", deskChinese, async (page) => {
  await start(page, "开始监控");
  const part = page.locator(".part", { hasText: "Webhook" });
  await part.getByText("把价格变动发送到其他程序").click();
  await part.getByLabel("地址").fill("ftp://example.com/x");
  await part.getByRole("button", { name: "添加 Webhook" }).click();
  const said = (await part.locator(".field .wrong").textContent()) ?? "";
  assert.match(said, /^不能向该地址发送/);
  assert.ok(!/its|must|may/.test(said), said);
});
