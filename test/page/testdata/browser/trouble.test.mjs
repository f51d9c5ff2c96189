// Errors, throttling, a slow network, no network, and keys.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, search, service } from "./rig.mjs";

after(close);

const ask = async (page, text) => {
  const box = page.getByRole("searchbox");
  await box.fill(text);
  await box.press("Enter");
};

for (const [name, options] of Object.entries({ desk, deskChinese })) {
  browse(`an error of 1688 is a sentence, ${name}`, options, async (page) => {
    await open(page);
    await ask(page, "耳机 sandbox:no-permission");
    const said = (await page.getByRole("alert").textContent()) ?? "";
    assert.equal(/[\u4e00-\u9fff]/.test(said), options === deskChinese, said);
    assert.ok(!said.includes("rpc error") && !said.includes("undefined"), said);
    await accessible(page);
  });
}

for (const [name, options] of Object.entries({ desk, deskChinese })) {
  browse(`a wrong price is refused in words at its field, and what was found before stays, ${name}`, options, async (page) => {
    await open(page);
    await search(page, "雨伞");
    await page.locator("summary").click();
    const price = page.getByLabel(/Lowest price|最低价/);
    await price.fill("cheap");
    await ask(page, "保温杯");
    const said = (await page.locator(".field .wrong").textContent()) ?? "";
    assert.equal(said, options === deskChinese ? "应为以元为单位的价格，例如 99.90" : "must be a price in yuan, such as 99.90");
    assert.equal(await price.getAttribute("aria-invalid"), "true");
    await page.getByText(/These goods were found before|以下是之前找到的商品/).waitFor();
    assert.ok((await page.locator(".card").count()) > 0);
    await accessible(page);
    await price.fill("1");
    await search(page, "保温杯");
    await page.locator(".field .wrong").waitFor({ state: "detached" });
  });
}

browse("nothing was found", desk, async (page) => {
  await open(page);
  await ask(page, "耳机 sandbox:empty");
  await page.getByText("Nothing was found").waitFor();
});

browse("a wait is counted down before trying again", desk, async (page) => {
  await page.route("**/v1/products:keywordSearch", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/json",
      body: JSON.stringify({
        code: 8,
        message: "the upstream throttles",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" }],
      }),
    }),
  );
  await open(page);
  await ask(page, "保温杯");
  await page.getByText(/Try again in \d s\./).waitFor();
  assert.ok(await page.getByRole("button", { name: "Try again" }).isDisabled());
  await page.unroute("**/v1/products:keywordSearch");
  await page.getByRole("button", { name: "Try again", disabled: false }).click();
  await page.locator(".card").first().waitFor();
});

browse("offline, and connected again", desk, async (page) => {
  await open(page);
  await page.context().setOffline(true);
  await ask(page, "保温杯");
  await page.getByRole("alert").getByText("This device is offline").waitFor();
  await page.getByRole("status").getByText("This device is offline").waitFor();
  await accessible(page);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").getByText("This device is offline").waitFor();
  await page.context().setOffline(false);
  await page.locator(".card:not(.to-come)").first().waitFor();
  await page.getByRole("status").getByText("This device is offline").waitFor({ state: "detached" });
});

browse("a newer question wins over a slower older one", desk, async (page) => {
  await open(page);
  await ask(page, "保温杯 sandbox:slow=2s");
  await search(page, "手机壳");
  await page.waitForTimeout(2500);
  assert.match((await page.locator(".card h2").first().textContent()) ?? "", /phone|case|手机/i);
});

browse("settings are remembered, and the key only in the tab", desk, async (page) => {
  await open(page);
  await page.getByRole("button", { name: "Settings" }).click();
  await accessible(page);
  await page.getByLabel("API key").fill("zk_secret");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Language").selectOption("zh-CN");
  await page.getByLabel("外观").selectOption("dark");
  await page.getByRole("button", { name: "关闭" }).click();
  const asked = page.waitForRequest(/\/v1\/info$/);
  await page.reload();
  assert.equal((await asked).headers().authorization, "Bearer zk_secret");
  await page.getByRole("button", { name: "设置" }).waitFor();
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes("zk_secret")), false);
  assert.equal(page.url().includes("zk_secret"), false);
  const other = await page.context().newPage();
  await other.goto(service);
  assert.equal(await other.evaluate(() => sessionStorage.getItem("apiKey")), null);
});
