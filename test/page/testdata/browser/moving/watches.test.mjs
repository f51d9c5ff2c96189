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
    const state = page.locator(".sheet div", { has: page.getByText(/^(State|状态)$/) }).locator("dd");
    assert.match(await state.textContent(), options === phone ? /^监控中(、|$)/ : /^on(, |$)/);
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

browse("a watch is edited, from the list to its view, with pictures in both", desk, async (page) => {
  await open(page, "#/watches?keyword=%E9%9B%A8%E4%BC%9E&name=umbrellas");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.waitForURL(/#\/watches\/pw_/);
  const edit = page.getByRole("button", { name: "Edit", exact: true });
  await edit.click();
  const form = page.getByRole("form", { name: "Edit" });
  await accessible(page);
  await form.getByLabel("Name").fill("blue umbrellas");
  await form.getByLabel("Every").selectOption("60s");
  await form.getByLabel("by at least, %").fill("5");
  await form.getByLabel("a price falls below, ¥").fill("cheap");
  await form.getByRole("button", { name: "Save" }).click();
  await form.locator(".wrong").waitFor();
  assert.ok(await form.getByLabel("a price falls below, ¥").evaluate((e) => e === document.activeElement));
  await accessible(page);
  await form.getByLabel("a price falls below, ¥").fill("9.90");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("The changes were saved.").waitFor();
  await page.getByRole("heading", { name: "blue umbrellas" }).waitFor();
  assert.match(await page.title(), /^blue umbrellas/);
  await edit.click();
  assert.equal(await form.getByLabel("Every").inputValue(), "60s");
  assert.equal(await form.getByLabel("by at least, %").inputValue(), "5");
  assert.equal(await form.getByLabel("a price falls below, ¥").inputValue(), "9.90");
  await form.getByRole("button", { name: "Cancel" }).click();
  const prices = page.locator(".part", { hasText: "Prices at the last check" });
  await prices.locator("img").first().waitFor();
  await page.getByText("All price watches").click();
  await page.locator("tbody tr", { hasText: "blue umbrellas" }).locator("img").waitFor();
  await accessible(page);
});

browse("what others have changed in the meantime is not lost", desk, async (page) => {
  await open(page, "#/watches?keyword=%E5%8F%B0%E7%81%AF&name=lamps");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.waitForURL(/#\/watches\/pw_/);
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const form = page.getByRole("form", { name: "Edit" });
  await form.getByLabel("Name").fill("mine");
  const id = page.url().split("/").at(-1);
  const answer = await page.request.patch(`${new URL(page.url()).origin}/v1/priceWatches/${id}`, {
    data: { priceWatch: { displayName: "theirs" }, updateMask: "displayName" },
  });
  assert.ok(answer.ok());
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText(/changed/).waitFor();
  await page.getByRole("heading", { name: "theirs" }).waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "mine" }).waitFor();
});

browse("deleting asks once more, and the focus follows", desk, async (page) => {
  await open(page, "#/watches?keyword=%E4%B9%A6%E5%8C%85&name=bags");
  await page.getByRole("button", { name: "Start watching" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  assert.equal(await focused(), "Delete it with its history");
  await page.getByRole("button", { name: "Keep it" }).click();
  assert.equal(await focused(), "Delete");
});
