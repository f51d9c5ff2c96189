import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import test from "node:test";
import { CHUNK_BYTES, Client, errorOf, PreconditionError, PriceEventKind } from "zhaohuo";
import { all, client, cut, given } from "./rig.mjs";

const GOODS = "738122029258";

test("B11 uploads a file", async (t) => {
  const made = client(t);
  const answer = await made.uploadImageSearch(given("ZHAOHUO_TEST_PHOTO"), { pageSize: 5 });
  assert.equal(answer.products[0].id, GOODS);
  assert.equal(answer.products.length, 5);
  assert.notEqual(answer.imageId, "");
  await assert.rejects(made.uploadImageSearch("/nowhere.jpg"), { code: "ENOENT" });
  await assert.rejects(made.uploadImageSearch(new TextEncoder().encode("no photo")), { reason: "IMAGE_UNREADABLE" });
});

test("B12 uploads a stream", async (t) => {
  const large = given("ZHAOHUO_TEST_LARGE_PHOTO");
  const size = (await stat(large)).size;
  assert.ok(size > 3 << 20);
  let read = 0;
  let largest = 0;
  async function* source() {
    for await (const piece of createReadStream(large, { highWaterMark: 5 * CHUNK_BYTES })) {
      read += piece.length;
      largest = Math.max(largest, piece.length);
      yield piece;
    }
  }
  assert.equal((await client(t).uploadImageSearch(source())).products[0].id, GOODS);
  assert.equal(read, size);
  assert.ok(largest <= 1 << 20);
});

const keywords = Array.from({ length: 60 }, (_, i) => `蓝牙耳机 ${i}`);

/** outcomes are the results of a batch by keyword; a second result of a keyword is a mistake. */
function outcomes(messages) {
  const found = new Map();
  for (const { event } of messages) {
    if (event.case === "result") {
      assert.ok(!found.has(event.value.keyword), `${event.value.keyword} came twice`);
      const { outcome } = event.value;
      found.set(
        event.value.keyword,
        outcome.case === "response" ? outcome.value.products.map((p) => p.id) : outcome.case,
      );
    }
  }
  return found;
}

test("B13 resumes a batch", async (t) => {
  const request = { keywords, pageSize: 3 };
  const uncut = outcomes(await all(client(t).batchKeywordSearch(request)));
  assert.equal(uncut.size, keywords.length);
  let asked = 0;
  const counted = (next) => (call) => {
    asked++;
    return next(call);
  };
  const through = client(t, {
    address: given("ZHAOHUO_TEST_CUT_ADDR"),
    resumeWaitMs: [10, 100],
    interceptors: [counted],
  });
  await cut(20_000);
  const resumed = outcomes(await all(through.batchKeywordSearch(request)));
  assert.deepEqual(resumed, uncut);
  assert.ok(asked > 1, "the stream was not cut");
});

test("B14 a batch's failures are items", async (t) => {
  const refused = "耳机 sandbox:no-permission";
  const messages = await all(client(t).batchKeywordSearch({ keywords: ["手机壳", refused, "保温杯"], pageSize: 3 }));
  const results = messages.flatMap(({ event }) => (event.case === "result" ? [event.value] : []));
  assert.equal(results.length, 3);
  for (const { keyword, outcome } of results) {
    if (keyword === refused) {
      assert.equal(outcome.case, "error");
      const error = errorOf(outcome.value);
      assert.ok(error instanceof PreconditionError);
      assert.equal(error.reason, "UPSTREAM_PERMISSION_DENIED");
    } else {
      assert.equal(outcome.value.products.length, 3);
    }
  }
});

/** moving creates a watch whose prices move, which is deleted when the test ends. */
async function moving(t) {
  const made = new Client({ address: given("ZHAOHUO_TEST_MOVING_ADDR") });
  t.after(async () => {
    await made.priceWatch.deletePriceWatch({ id: priceWatch.id });
    made.close();
  });
  const { products } = await made.search.keywordSearch({ keyword: "蓝牙耳机", pageSize: 10 });
  const conditions = [{ kind: PriceEventKind.PRICE_FELL }, { kind: PriceEventKind.PRICE_ROSE }];
  const { priceWatch } = await made.priceWatch.createPriceWatch({
    priceWatch: {
      target: { case: "products", value: { ids: products.map((p) => p.id) } },
      interval: { seconds: 1n },
      conditions,
    },
  });
  return { made, watchId: priceWatch.id };
}

/** listed are the first events of a watch by the list. */
async function listed({ made, watchId }, count) {
  const events = [];
  for await (const page of made.pages(made.priceWatch.listPriceEvents, { watchId, pageSize: 3 })) {
    events.push(...page.events);
  }
  return events.slice(0, count).map((e) => e.id);
}

/** take reads so many events and leaves. */
async function take(events, count, after = async () => {}) {
  const taken = [];
  for await (const event of events) {
    taken.push(event.id);
    if (taken.length === count) {
      break;
    }
    await after(taken.length);
  }
  return taken;
}

test("B15 goes on with events", { timeout: 120_000 }, async (t) => {
  const watch = await moving(t);
  const through = client(t, { address: given("ZHAOHUO_TEST_MOVING_CUT_ADDR"), resumeWaitMs: [10, 100] });
  const events = through.priceEvents({ watchId: watch.watchId, afterEventId: "0" });
  const taken = await take(events, 12, async (n) => {
    if (n % 4 === 0) {
      await cut();
    }
  });
  assert.deepEqual(taken, await listed(watch, 12));
});

test("B16 a program resumes both itself", { timeout: 120_000 }, async (t) => {
  const watch = await moving(t);
  const { watchId } = watch;
  const first = await take(watch.made.priceEvents({ watchId, afterEventId: "0" }), 2);
  const other = client(t, { address: given("ZHAOHUO_TEST_MOVING_ADDR") });
  const then = await take(other.priceEvents({ watchId, afterEventId: first.at(-1) }), 2);
  assert.deepEqual([...first, ...then], await listed(watch, 4));

  const request = { keywords: keywords.slice(0, 6), pageSize: 3 };
  const begun = [];
  for await (const message of client(t).batchKeywordSearch(request)) {
    begun.push(message);
    if (message.event.case === "result") {
      break;
    }
  }
  const { resumeToken } = begun.at(-1);
  const rest = await all(client(t).batchKeywordSearch({ ...request, resumeToken }));
  assert.deepEqual(new Set(outcomes([...begun, ...rest]).keys()), new Set(request.keywords));
});

test("B16 the caller ends a stream", async (t) => {
  const end = new AbortController();
  const made = new Client({ address: given("ZHAOHUO_TEST_MOVING_ADDR") });
  t.after(() => made.close());
  const reading = all(made.priceEvents({}, { signal: end.signal }));
  end.abort(new Error("enough"));
  await assert.rejects(reading, { code: "CANCELED" });
});
