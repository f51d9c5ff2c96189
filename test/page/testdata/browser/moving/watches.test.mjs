// Price watches, on a sandbox whose prices move.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskDark, open, phone, photo, search } from "../rig.mjs";

after(close);

for (const [name, options] of Object.entries({ deskDark, phone })) {
  browse(`a watch from a card, with live events, ${name}`, options, async (page) => {
    await open(page);
    await search(page, "保温杯");
    await page.locator(".card .links a").first().click();
    await page.locator("form.strategy").waitFor();
    await accessible(page);
    await page.locator("form.strategy button[type=submit]").click();
    await page.waitForURL(/#\/watches\/pw_/);
    await page.locator(".chart canvas").waitFor();
    await page.locator(".events li").first().waitFor();
    await accessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("a watch of a photo: paused, resumed, deleted", desk, async (page) => {
  await open(page, "#/watches");
  await page.getByText("New price watch").click();
  await page.locator("input[type=file]").setInputFiles(photo);
  await page.locator(".photo-field img").waitFor();
  await page.getByLabel("Name").fill("earphones");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.getByRole("heading", { name: "earphones" }).waitFor();
  await page.getByText("goods on a photo").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("paused").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByText("All price watches").click();
  await page.getByRole("link", { name: "earphones" }).first().waitFor();
  await accessible(page);
  await page.getByRole("link", { name: "earphones" }).first().click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete it with its history" }).click();
  await page.waitForURL(/#\/watches$/);
});

browse("a watch needs something to watch", desk, async (page) => {
  await open(page, "#/watches");
  await page.getByText("New price watch").click();
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.getByText("Give one of the three").waitFor();
});
