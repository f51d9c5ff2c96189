// Parts of a photo, and several photos.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { accessible, browse, close, desk, open, phone, photo } from "./rig.mjs";

after(close);

const photos = dirname(photo);
const two = join(photos, "two.jpg");

/** askedPart is the part of the photo that the next search is by. */
async function askedPart(page, act) {
  const request = page.waitForRequest(/products:imageSearch/);
  await act();
  return JSON.parse((await request).postData() ?? "{}").region;
}

browse("a part of a photo: chosen, dragged, and set by keyboard", desk, async (page) => {
  await open(page);
  await page.locator("input[type=file]").setInputFiles(two);
  await page.locator(".card").first().waitFor();
  const goods = page.getByRole("button", { name: /^Goods / });
  assert.ok((await goods.count()) > 1, "several goods were seen");
  const chosen = await askedPart(page, () => goods.nth(1).click());
  assert.ok(chosen.left < chosen.right && chosen.top < chosen.bottom);
  assert.equal(await goods.nth(1).getAttribute("aria-pressed"), "true");
  await accessible(page);

  const box = await page.locator(".frame").boundingBox();
  const dragged = await askedPart(page, async () => {
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.8, { steps: 4 });
    await page.mouse.up();
  });
  assert.ok(Math.abs(dragged.left - 0.1) < 0.02 && Math.abs(dragged.bottom - 0.8) < 0.02, JSON.stringify(dragged));

  await page.getByText("Part drawn by hand").click();
  const left = page.getByLabel("Left edge, %");
  const typed = await askedPart(page, async () => {
    await left.fill("20");
    await left.press("Enter");
  });
  assert.equal(typed.left, 0.2);
});

browse("several photos with progress", phone, async (page) => {
  await open(page);
  await page.locator("input[type=file]").setInputFiles([photo, two, join(photos, "earphones.webp")]);
  await page.getByText("已完成 3 / 3 张图片").first().waitFor();
  assert.equal(await page.locator(".batch-item").count(), 3);
  for (const item of await page.locator(".batch-item").all()) {
    assert.ok((await item.locator(".card").count()) > 0);
  }
  await accessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(overflow, false, "the page is wider than the window");
});
