import assert from "node:assert/strict";
import { execFile as execFileWith } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import {
  Client,
  ConnectionLostError,
  DeadlineError,
  InvalidRequestError,
  isSandbox,
  LimitError,
  NotAllowedError,
  NotFoundError,
  ServerMode,
} from "zhaohuo";
import { all, client, given, guarded, ids } from "./rig.mjs";

const execFile = promisify(execFileWith);
const KEYWORD = "蓝牙耳机";

test("B01 connects from the environment", async (t) => {
  const made = Client.fromEnvironment({}, { ZHAOHUO_GRPC_ADDR: given("ZHAOHUO_GRPC_ADDR") });
  t.after(() => made.close());
  const answer = await made.search.keywordSearch({ keyword: KEYWORD });
  assert.equal(answer.products.length, 20);
  for (const address of ["http://x", "x:0"]) {
    assert.throws(() => Client.fromEnvironment({}, { ZHAOHUO_GRPC_ADDR: address }), /ZHAOHUO_GRPC_ADDR/);
  }
  assert.throws(() => Client.fromEnvironment({}, { ZHAOHUO_TLS: "perhaps" }), /ZHAOHUO_TLS/);
});

test("B02 sends the key", async (t) => {
  await client(t, guarded()).search.keywordSearch({ keyword: KEYWORD });
  await assert.rejects(client(t, guarded({ key: "" })).search.keywordSearch({ keyword: KEYWORD }), (error) => {
    assert.ok(error instanceof NotAllowedError);
    assert.equal(error.reason, "CALLER_UNAUTHENTICATED");
    return true;
  });
  assert.throws(
    () => new Client(guarded({ key: "a\nb" })),
    (error) => {
      assert.match(error.message, /^key: /);
      assert.doesNotMatch(error.message, /a\nb/);
      return true;
    },
  );
});

test("B03 verifies TLS with a file of authorities", async (t) => {
  const environ = {
    ZHAOHUO_GRPC_ADDR: given("ZHAOHUO_TEST_TLS_ADDR"),
    ZHAOHUO_CA: given("ZHAOHUO_TEST_CA"),
    ZHAOHUO_API_KEY: given("ZHAOHUO_TEST_KEY"),
  };
  const made = Client.fromEnvironment({}, environ);
  t.after(() => made.close());
  assert.equal((await made.serverInfo()).mode, ServerMode.SANDBOX);
  for (const options of [
    guarded({ ca: given("ZHAOHUO_TEST_OTHER_CA") }),
    { address: given("ZHAOHUO_TEST_TLS_ADDR") },
  ]) {
    await assert.rejects(client(t, options).serverInfo(), ConnectionLostError);
  }
});

test("B04 keeps the deadline", async (t) => {
  const asked = client(t, { timeoutMs: 500 }).search.keywordSearch({ keyword: `${KEYWORD} sandbox:hang` });
  await assert.rejects(asked, DeadlineError);
});

test("B05 gives the details of errors", async (t) => {
  const made = client(t);
  await assert.rejects(made.search.keywordSearch({ keyword: KEYWORD, pageSize: -1 }), (error) => {
    assert.ok(error instanceof InvalidRequestError);
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.equal(error.reason, "INVALID_FIELD");
    assert.equal(error.fields[0].field, "page_size");
    assert.notEqual(error.fields[0].description, "");
    assert.notEqual(error.requestId, "");
    assert.equal(error.retryAfterMs, undefined);
    assert.match(error.message, /^INVALID_FIELD page_size: /);
    return true;
  });
  await assert.rejects(made.product.getProduct({ id: "123456789012" }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.reason, "PRODUCT_NOT_FOUND");
    assert.equal(error.subject, "123456789012");
    return true;
  });
});

test("B06 speaks the caller's language", async (t) => {
  await assert.rejects(
    client(t, { language: "zh-CN" }).search.keywordSearch({ keyword: KEYWORD, pageSize: -1 }),
    (error) => {
      assert.match(error.text, /\p{Script=Han}/u);
      assert.match(error.fields[0].description, /\p{Script=Han}/u);
      assert.doesNotMatch(error.detail, /\p{Script=Han}/u);
      return true;
    },
  );
});

test("B07 repeats when the server says so", async (t) => {
  const made = client(t, guarded({ key: given("ZHAOHUO_TEST_SLOW_KEY") }));
  for (let i = 0; i < 3; i++) {
    assert.notEqual((await made.search.keywordSearch({ keyword: KEYWORD })).products.length, 0);
  }
});

test("B08 repeats within the deadline only", async (t) => {
  const made = client(t, guarded({ key: given("ZHAOHUO_TEST_STOPPED_KEY"), timeoutMs: 5_000 }));
  await made.search.keywordSearch({ keyword: KEYWORD });
  const began = performance.now();
  await assert.rejects(made.search.keywordSearch({ keyword: KEYWORD }), (error) => {
    assert.ok(error instanceof LimitError);
    assert.equal(error.reason, "CALLER_RATE_LIMITED");
    assert.ok(error.retryAfterMs > 5_000);
    return true;
  });
  assert.ok(performance.now() - began < 5_000);
});

test("B09 repeats nothing else", async (t) => {
  const once = client(t, guarded({ key: given("ZHAOHUO_TEST_SLOW_KEY"), attempts: 1 }));
  await assert.rejects(async () => {
    for (;;) {
      await once.search.keywordSearch({ keyword: KEYWORD });
    }
  }, LimitError);
  let sent = 0;
  const counted = client(t, {
    interceptors: [
      (next) => (request) => {
        sent++;
        return next(request);
      },
    ],
  });
  await assert.rejects(counted.search.keywordSearch({ keyword: KEYWORD, pageSize: -1 }), InvalidRequestError);
  assert.equal(sent, 1);
});

test("B10 goes over all pages", async (t) => {
  const made = client(t);
  const request = { keyword: KEYWORD, pageSize: 50 };
  const paged = (await all(made.pages(made.search.keywordSearch, request))).flatMap((page) => ids(page.products));
  const each = ids(await all(made.products(request)));
  assert.deepEqual(each, [...new Set(paged)]);
  assert.ok(each.length > 50, `${each.length} goods`);
  const one = [];
  for (let page = 1; page; ) {
    const answer = await made.search.keywordSearch({ ...request, page });
    one.push(...ids(answer.products));
    page = answer.nextPage;
  }
  assert.deepEqual(paged, one);
  assert.deepEqual(ids(await all(made.products(request, { limit: 7 }))), each.slice(0, 7));
});

test("B17 refuses unknown fields", async (t) => {
  const made = client(t);
  await assert.rejects(
    made.search.keywordSearch({ keyword: KEYWORD, page_size: 5 }),
    /no field page_size: write pageSize/,
  );
  await assert.rejects(made.search.imageSearch({ image: { id: "x" } }), /no field id: write source: \{ case: "id"/);
  assert.throws(() => made.search.batchKeywordSearch({ words: [] }), TypeError);
  assert.equal((await made.search.keywordSearch({ keyword: KEYWORD, pageSize: 5 })).products.length, 5);
});

test("B18 shows the mark of the sandbox", async (t) => {
  const made = client(t);
  assert.equal(isSandbox(await made.search.keywordSearch({ keyword: KEYWORD })), true);
  assert.equal((await made.serverInfo()).mode, ServerMode.SANDBOX);
});

test("B19 ends", async () => {
  const made = new Client({ address: given("ZHAOHUO_GRPC_ADDR") });
  await made.serverInfo();
  await made[Symbol.asyncDispose]();
  await assert.rejects(made.serverInfo(), /the client is closed/);
  assert.throws(() => made.search.batchKeywordSearch({ keywords: [KEYWORD] }), /the client is closed/);
  // Nothing keeps a program alive: it ends by itself, long before a deadline or a ping.
  const program = `
    import { Client } from "zhaohuo";
    const client = Client.fromEnvironment();
    const { mode } = await client.serverInfo();
    client.close();
    await client.serverInfo().catch((error) => console.log(mode, error.message));
  `;
  const { stdout } = await execFile(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
  assert.equal(stdout, `${ServerMode.SANDBOX} the client is closed\n`);
});
