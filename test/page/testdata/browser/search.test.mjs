// Searching by words and by photo.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, deskDark, open, phone, photo, search } from "./rig.mjs";

after(close);

for (const [name, options] of Object.entries({ desk, deskChinese, deskDark, phone })) {
  browse(`a search by words, ${name}`, options, async (page) => {
    await open(page);
    await accessible(page);
    await search(page, "保温杯");
    await accessible(page);
    assert.ok((await page.locator(".card .price").first().textContent())?.includes("¥"));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(overflow, false, "the page is wider than the window");
  });
}

browse("a filter, an order, a price and the next page", desk, async (page) => {
  await open(page);
  await search(page, "保温杯");
  const all = await page.locator(".summary").textContent();
  await page.locator("summary").click();
  await page.getByLabel("Lowest price").fill("20");
  await page.getByRole("combobox", { name: "Order" }).selectOption({ label: "Cheapest first" });
  await page.getByRole("checkbox", { name: "Ships in 48 hours" }).check();
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForFunction((before) => document.querySelector(".summary")?.textContent !== before, all);
  const first = await page.locator(".card .price").first().textContent();
  assert.ok(Number.parseFloat(first?.replace("¥", "") ?? "0") >= 20, `the first price is ${first}`);
  await accessible(page);
  await page.goBack();
  await page.waitForFunction((before) => document.querySelector(".summary")?.textContent?.slice(0, 4) === before?.slice(0, 4), all);
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page 2").first().waitFor();
  await page.getByRole("button", { name: "Previous page" }).click();
  await page.getByText("Page 1").first().waitFor();
});

browse("the first answer is fresh, the second is from the cache", desk, async (page) => {
  await open(page);
  await search(page, "手机壳");
  await page.getByText("asked just now").waitFor();
  await page.reload();
  await page.getByText("from the CACHE").waitFor();
});

const earphones = async () => [...(await readFile(photo))];

browse("a photo from the file picker", phone, async (page) => {
  await open(page);
  await page.locator("input[type=file]").setInputFiles(photo);
  await page.locator(".card").first().waitFor();
  await accessible(page);
  await page.getByRole("button", { name: "下一页" }).click();
  await page.getByText("第 2 页").first().waitFor();
});

browse("a photo that is dropped", desk, async (page) => {
  await open(page);
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "earphones.jpg", { type: "image/jpeg" }));
    document.querySelector(".drop")?.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, await earphones());
  await page.locator(".card").first().waitFor();
  assert.ok(await page.getByAltText("Your photo").isVisible());
});

browse("a photo that is pasted", desk, async (page) => {
  await open(page);
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
    dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, await earphones());
  await page.locator(".card").first().waitFor();
});

browse("with the keyboard alone", desk, async (page) => {
  await open(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("蓝牙耳机");
  await page.keyboard.press("Enter");
  await page.locator(".card").first().waitFor();
});
