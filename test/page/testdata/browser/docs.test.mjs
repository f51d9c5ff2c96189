// The description of the API for people.
import assert from "node:assert/strict";
import { after } from "node:test";
import { browse, close, desk, service } from "./rig.mjs";

after(close);

browse("the description shows the operations and calls this server", desk, async (page) => {
  await page.goto(`${service}/docs`);
  await page.getByText("/v1/products:keywordSearch").first().waitFor();
  assert.equal(await page.title(), "zhaohuo API");
});
