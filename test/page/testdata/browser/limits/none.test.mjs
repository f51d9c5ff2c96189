// A server that keeps no price watches.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, browse, close, desk, deskChinese, open } from "../rig.mjs";

after(close);

for (const [name, options] of Object.entries({ desk, deskChinese })) {
  browse(`the view says that there are no watches, and offers no form, ${name}`, options, async (page) => {
    await open(page, "#/watches");
    await page.getByText(/^(This server keeps no price watches|此服务未启用价格监控)/).waitFor();
    assert.equal(await page.locator("form.strategy").count(), 0);
    await accessible(page);
  });
}
