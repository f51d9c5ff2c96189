// The package on a page of another origin, in a real browser, without a bundler. PAGE, REST and GRPC are the addresses.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { Client } from "zhaohuo";
import { launch } from "../../../../test/page/testdata/browser/browser.mjs";

const [page, baseUrl, address] = [process.env.PAGE, process.env.REST, process.env.GRPC];
const KEYWORD = "蓝牙耳机";

let browser;
let client;

before(async () => {
  browser = await launch();
  client = new Client({ address });
});
after(async () => {
  client.close();
  await browser.close();
});

/** inPage runs a function in a page that loaded the package. */
async function inPage(run, argument, at = page) {
  const context = await browser.newContext();
  try {
    const opened = await context.newPage();
    await opened.goto(at);
    await opened.waitForFunction(() => globalThis.zhaohuo);
    return await opened.evaluate(run, argument);
  } finally {
    await context.close();
  }
}

const ids = (products) => products.map((p) => p.id);

test("searches by words", async () => {
  const found = await inPage(
    async ({ baseUrl, keyword }) => {
      const client = new globalThis.zhaohuo.RestClient({ baseUrl });
      const params = { query: { keyword, pageSize: 5 } };
      const one = await client.answer(client.api.GET("/v1/products:keywordSearch", { params }));
      const many = [];
      for await (const product of client.products({ keyword, pageSize: 10 }, { limit: 25 })) {
        many.push(product.id);
      }
      return { one: one.products.map((p) => p.id), many };
    },
    { baseUrl, keyword: KEYWORD },
  );
  const { products } = await client.search.keywordSearch({ keyword: KEYWORD, pageSize: 50 });
  assert.deepEqual(found, { one: ids(products).slice(0, 5), many: ids(products).slice(0, 25) });
});

test("reads an error", async () => {
  const read = await inPage(
    async ({ baseUrl, keyword }) => {
      const { RestClient, InvalidRequestError } = globalThis.zhaohuo;
      const client = new RestClient({ baseUrl, language: "zh-CN" });
      try {
        await client.api.GET("/v1/products:keywordSearch", { params: { query: { keyword, pageSize: -1 } } });
      } catch (error) {
        const { code, reason, fields, retryAfterMs, requestId, text } = error;
        return { typed: error instanceof InvalidRequestError, code, reason, fields, retryAfterMs, requestId, text };
      }
      return undefined;
    },
    { baseUrl, keyword: KEYWORD },
  );
  assert.equal(read.typed, true);
  assert.equal(read.code, "INVALID_ARGUMENT");
  assert.equal(read.reason, "INVALID_FIELD");
  assert.equal(read.fields[0].field, "page_size");
  assert.match(read.fields[0].description, /\p{Script=Han}/u);
  assert.equal(read.retryAfterMs, undefined);
  assert.notEqual(read.requestId, "");
});

test("uploads a photo", async () => {
  const found = await inPage(
    async ({ baseUrl }) => {
      const photo = await (await fetch("/photo.jpg")).blob();
      const answer = await new globalThis.zhaohuo.RestClient({ baseUrl }).uploadImageSearch(photo, { pageSize: 5 });
      return answer.products.map((p) => p.id);
    },
    { baseUrl },
  );
  assert.equal(found.length, 5);
  assert.equal(found[0], "738122029258");
});

test("reads a batch, and goes on where it left off", async () => {
  const keywords = [KEYWORD, "手机壳", "保温杯"];
  const found = await inPage(
    async ({ baseUrl, keywords }) => {
      const client = new globalThis.zhaohuo.RestClient({ baseUrl });
      const found = [];
      let resumeToken;
      for (const most of [1, keywords.length]) {
        for await (const message of client.batchKeywordSearch({ keywords, pageSize: 3, resumeToken })) {
          resumeToken = message.resumeToken;
          if (message.result) {
            found.push([message.result.keyword, message.result.response.products.length]);
          }
          if (found.length === most) {
            break;
          }
        }
      }
      return found;
    },
    { baseUrl, keywords },
  );
  assert.deepEqual(found.toSorted(), keywords.map((keyword) => [keyword, 3]).toSorted());
});

test("a page of an origin that is not allowed reads nothing", async () => {
  const thrown = await inPage(
    async ({ baseUrl, keyword }) => {
      const client = new globalThis.zhaohuo.RestClient({ baseUrl });
      return client.api.GET("/v1/products:keywordSearch", { params: { query: { keyword } } }).then(
        () => "an answer",
        (error) => `${error.name} ${error.code}`,
      );
    },
    { baseUrl, keyword: KEYWORD },
    page.replace("127.0.0.1", "localhost"),
  );
  assert.equal(thrown, "ConnectionLostError UNAVAILABLE");
});
