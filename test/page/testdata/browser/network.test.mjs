// Every view on a slow network and without one.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, open, phone, search, service } from "./rig.mjs";

after(close);

/** slow makes each answer take longer than a second. */
async function slow(page) {
  const session = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 1500, downloadThroughput: 40_000, uploadThroughput: 20_000 };
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", conditions);
}

const views = {
  search: { hash: "#/search?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF", ready: ".card:not(.to-come)", begins: ".to-come" },
  strategy: { hash: "#/strategy/source?keyword=%E4%BF%9D%E6%B8%A9%E6%9D%AF&maxCalls=2", ready: "section.part", begins: ".working" },
  watches: { hash: "#/watches", ready: "p >> text=/No price watch yet|还没有价格监控/", begins: ".to-come" },
};

for (const [name, options] of Object.entries({ desk, phone })) {
  for (const [view, { hash, ready, begins }] of Object.entries(views)) {
    browse(`a slow network: ${view}, ${name}`, options, async (page) => {
      await open(page);
      await slow(page);
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.locator(begins).first().waitFor();
      await accessible(page);
      await page.locator(ready).first().waitFor();
    });
  }
}

browse("a slow network: a product", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  await slow(page);
  await page.locator(".card h2 a").first().click();
  await page.locator(".to-come").first().waitFor();
  await accessible(page);
  await page.locator("article.product").waitFor();
});

for (const [view, { hash, ready }] of Object.entries(views)) {
  browse(`no network: ${view} says so, and goes on by itself`, desk, async (page) => {
    await open(page);
    await page.context().setOffline(true);
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await page.getByRole("alert").getByText("This device is offline").first().waitFor();
    await accessible(page);
    await page.context().setOffline(false);
    await page.locator(ready).first().waitFor();
    assert.equal(await page.getByRole("alert").getByText("This device is offline").count(), 0);
  });
}

browse("no network: a product that is shown stays, another one is asked for later", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  await page.locator("article.product").waitFor();
  await page.context().setOffline(true);
  await page.getByRole("status").getByText("This device is offline").waitFor();
  assert.equal(await page.locator("article.product").count(), 1);
  const related = page.locator(".part", { hasText: "Related products" });
  await related.getByRole("button", { name: "Show" }).click();
  await related.getByRole("alert").waitFor();
  assert.ok(await related.getByRole("button", { name: "Try again" }).isEnabled());
  await page.context().setOffline(false);
  await related.locator(".card:not(.to-come)").first().waitFor();
});

browse("a server that is away: said in words, and tried again with one button", desk, async (page) => {
  await open(page);
  await page.route("**/v1/products:keywordSearch", (route) => route.abort("connectionrefused"));
  const box = page.getByRole("searchbox");
  await box.fill("保温杯");
  await box.press("Enter");
  await page.getByText("The server does not answer").waitFor();
  await page.unroute("**/v1/products:keywordSearch");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".card:not(.to-come)").first().waitFor();
});

/** watched has the server keep a price watch as long as something is looked at, and gives the address of its view. */
async function watched(look) {
  const priceWatch = { displayName: "cups", interval: "3600s", comparison: { keyword: "保温杯" } };
  const body = JSON.stringify({ priceWatch });
  const made = await fetch(`${service}/v1/priceWatches`, { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.equal(made.status, 200, await made.clone().text());
  const { id } = (await made.json()).priceWatch;
  try {
    await look(`#/watches/${id}`);
  } finally {
    await fetch(`${service}/v1/priceWatches/${id}`, { method: "DELETE" });
  }
}

for (const [name, options] of Object.entries({ desk, phone })) {
  browse(`a slow network: one price watch, ${name}`, options, (page) =>
    watched(async (hash) => {
      await open(page);
      await slow(page);
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.locator(".to-come").first().waitFor();
      await accessible(page);
      await page.getByRole("heading", { name: "cups" }).waitFor();
      await accessible(page);
    }),
  );
}

browse("no network: one price watch says so, goes on by itself, and stays while the network is away", desk, (page) =>
  watched(async (hash) => {
    await open(page);
    await page.context().setOffline(true);
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    const said = page.getByRole("alert").getByText("This device is offline");
    await said.waitFor();
    await accessible(page);
    await page.context().setOffline(false);
    const name = page.getByRole("heading", { name: "cups" });
    await name.waitFor();
    assert.equal(await said.count(), 0);
    await page.context().setOffline(true);
    await page.getByRole("status").getByText("This device is offline").waitFor();
    assert.ok(await name.isVisible());
    await accessible(page);
    await page.context().setOffline(false);
  }),
);
