// Videos of products: those from where the server allows play, others get a link.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, goods, open, search } from "./rig.mjs";

after(close);

/** withVideo has the server's answer about a product name a video. */
async function withVideo(page, url) {
  await page.route(/\/v1\/products\/\d+\?/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    body.product.videoUrl = url;
    await route.fulfill({ response, json: body });
  });
  await open(page);
  await search(page, "保温杯");
  await page.locator(".card h2 a").first().click();
  await page.locator("article.product").waitFor();
}

browse("a video from an allowed host is loaded when it is played", desk, async (page) => {
  const asked = [];
  page.on("request", (r) => r.resourceType() === "media" && asked.push(r.url()));
  await withVideo(page, `${goods}/video/1.mp4`);
  const video = page.locator("video");
  await video.waitFor();
  assert.deepEqual(asked, [], "it is loaded before it is wanted");
  await accessible(page);
  // The sandbox has no videos: what does not play gets a link.
  await video.evaluate((v) => v.play().catch(() => {}));
  await page.getByRole("link", { name: /Watch the video at/ }).waitFor();
  assert.deepEqual(asked, [`${goods}/video/1.mp4`]);
});

for (const [name, options] of Object.entries({ desk, deskChinese })) {
  browse(`a video from elsewhere gets a link and is not loaded, ${name}`, options, async (page) => {
    await withVideo(page, "https://video.example.com/1.mp4");
    const link = page.getByRole("link", { name: /video\.example\.com/ });
    assert.equal(await link.getAttribute("href"), "https://video.example.com/1.mp4");
    assert.equal(await link.getAttribute("rel"), "noreferrer");
    assert.equal(await page.locator("video").count(), 0);
    await accessible(page);
  });
}

browse("a video that is no address is not shown", desk, async (page) => {
  await withVideo(page, "javascript:alert(1)");
  assert.equal(await page.locator("video").count(), 0);
  assert.equal(await page.getByRole("link", { name: /Watch the video/ }).count(), 0);
});
