// A server that compares no images: the page says so, and does not guess.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open, photo } from "../rig.mjs";

after(close);

for (const [name, options] of Object.entries({ desk, deskChinese })) {
  browse(`a strategy has the note that no images were compared, ${name}`, options, async (page) => {
    await open(page, "#/strategy/source");
    await page.locator("form.strategy input[type=file]").setInputFiles(photo);
    await page.locator(".photo-field img").waitFor();
    await page.locator("form.strategy button[type=submit]").click();
    const note = page.getByRole("note");
    await note.first().waitFor();
    assert.deepEqual(await note.allTextContents(), [
      options === deskChinese ? "本服务的设置为不比对图片。" : "This server is set to compare no images.",
    ]);
    await accessible(page);
  });

  browse(`a search by photo does not say which goods have the photo, ${name}`, options, async (page) => {
    await open(page);
    await page.locator("form.search input[type=file]").setInputFiles(photo);
    await page.getByText(/could not be found out|未能核对/).waitFor();
    assert.equal(await page.locator(".card .proof").count(), 0);
  });
}
