// Calls every operation of the API with a client that was generated from its description, and prints which it called.
// Usage: drive.js ADDRESS PHOTO
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];

const [address = "", photoFile = ""] = process.argv.slice(2);
const photo = new Blob([readFileSync(photoFile)], { type: "image/jpeg" });
const called: string[] = [];
const client = createClient<paths>({ baseUrl: address });
client.use({
  onRequest({ schemaPath, request }) {
    called.push(`${request.method} ${schemaPath}`);
  },
});

/** The answer of a call that must succeed. */
function ok<T>(answer: { data?: T; error?: unknown; response: Response }): NonNullable<T> {
  if (answer.error !== undefined || answer.data === undefined || answer.data === null) {
    throw new Error(`${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** The lines of a stream in NDJSON. */
function lines<T>(text: string): T[] {
  return text.trim().split("\n").map((line) => JSON.parse(line) as T);
}

/** The results of a stream, which must not have ended early. */
function results<R>(all: ({ result: R } | { error: Schemas["Status"] })[]): R[] {
  return all.map((line) => {
    if ("error" in line) throw new Error(line.error.message);
    return line.result;
  });
}

async function searches(): Promise<string> {
  const query = { keyword: "蓝牙耳机", pageSize: 5 };
  const found = ok(await client.GET("/v1/products:keywordSearch", { params: { query } }));
  const posted = ok(await client.POST("/v1/products:keywordSearch", { body: query }));
  const ids = (page: Schemas["KeywordSearchResponse"]) => page.products.map((product) => product.id).join();
  must(found.products.length === 5 && ids(found) === ids(posted), "GET and POST find other goods");
  must(found.meta?.source === "ANSWER_SOURCE_SANDBOX", "the source is not told");

  const streamed = ok(await client.GET("/v1/products:streamKeywordSearch", {
    params: { query: { keyword: "保温杯", maxResults: 10 } }, parseAs: "text",
  }));
  const pages = results(lines<Schemas["StreamKeywordSearchLine"]>(streamed));
  must(pages.at(-1)?.endReason !== "STREAM_END_REASON_UNSPECIFIED", "the stream's last line says no end");

  const batch = ok(await client.POST("/v1/products:batchKeywordSearch", {
    body: { keywords: ["保温杯", "数据线"], pageSize: 5 }, parseAs: "text",
  }));
  must(results(lines<Schemas["BatchKeywordSearchLine"]>(batch)).some((step) => step.result?.response), "the batch found nothing");
  return found.products[0]?.id ?? "";
}

async function photos(): Promise<void> {
  const form = ok(await client.POST("/v1/products:uploadImageSearch", {
    body: { pageSize: 5, image: photo },
    bodySerializer: (body) => {
      const parts = new FormData();
      for (const [name, value] of Object.entries(body)) parts.append(name, value instanceof Blob ? value : String(value));
      return parts;
    },
  }));
  const raw = ok(await client.POST("/v1/products:uploadImageSearch", {
    params: { query: { pageSize: 5 } }, body: photo, bodySerializer: (body) => body as Blob,
    headers: { "Content-Type": "image/jpeg" },
  }));
  must(form.response?.products[0]?.id === raw.response?.products[0]?.id, "form and image find other goods");

  const image = { content: Buffer.from(await photo.arrayBuffer()).toString("base64") };
  const search = ok(await client.POST("/v1/products:imageSearch", { body: { image } }));
  must(search.products[0]?.id === form.response?.products[0]?.id, "the same image finds other goods");

  const batch = ok(await client.POST("/v1/products:batchImageSearch", {
    body: { options: { pageSize: 5 }, images: [{ tag: "a", image: { id: form.response?.imageId ?? "" } }] }, parseAs: "text",
  }));
  const steps = results(lines<Schemas["BatchImageSearchLine"]>(batch));
  must(steps.some((step) => step.result?.tag === "a" && step.result.response), "the batch of images found nothing");
}

async function products(id: string): Promise<void> {
  const { product } = ok(await client.GET("/v1/products/{id}", { params: { path: { id } } }));
  must(product?.summary?.id === id, "another product");
  const file = ok(await client.GET("/v1/products/{id}/pictures.zip", { params: { path: { id } }, parseAs: "arrayBuffer" })) as unknown;
  must(new TextDecoder().decode((file as ArrayBuffer).slice(0, 2)) === "PK", "the pictures are no ZIP file");
  const several = ok(await client.POST("/v1/products:batchGet", { body: { ids: [id, "999999999999999"] } }));
  must(several.results[0]?.product !== undefined && several.results[1]?.error !== undefined, "a batch's outcomes");
  const related = ok(await client.GET("/v1/products/{id}/related", { params: { path: { id } } }));
  must(related.page === 1, "related goods");
  const { freight } = ok(await client.POST("/v1/products/{id}:estimateFreight", {
    params: { path: { id } }, body: { quantity: "20", destination: { provinceCode: "330000", cityCode: "330100", districtCode: "330108" } },
  }));
  must(freight?.productId === id && freight.quantity === "20", "the freight of another product");
  const sellerId = product?.summary?.supplier?.id ?? "";
  const shop = ok(await client.GET("/v1/sellers/{sellerId}/products", { params: { path: { sellerId } } }));
  must(shop.products.length > 0, "the seller sells nothing");
  const { facets } = ok(await client.GET("/v1/searchFacets", { params: { query: { keyword: "耳机" } } }));
  must(facets.length > 0, "no facets");
  const top = ok(await client.GET("/v1/topKeywords", { params: { query: { categoryId: "152010" } } }));
  must(top.keywords.length > 0, "no top keywords");
  const ranking = ok(await client.GET("/v1/topProducts", { params: { query: { categoryId: "152010", limit: 5 } } }));
  must(ranking.products.length === 5 && ranking.products[0]?.rank === 1, "a ranking");
  const trends = ok(await client.GET("/v1/products/{id}/trends", {
    params: { path: { id }, query: { kinds: ["PRODUCT_TREND_KIND_SALES"] } },
  }));
  must(trends.trends[0]?.points[0]?.unitsSold !== undefined, "a trend");
  const found = ok(await client.GET("/v1/categories", { params: { query: { name: "保温杯" } } }));
  const category = ok(await client.GET("/v1/categories/{id}", { params: { path: { id: found.categories[0]?.id ?? "" } } }));
  const called = ok(await client.POST("/v1/platform:call", { body: { api: "com.alibaba.product:alibaba.category.get-1", parameters: { categoryID: "0" } } }));
  must(JSON.parse(called.json).succes === "true", "an API by its name");
  must(category.category?.leaf === true && category.children.length === 0, "a category that is a leaf");
}

async function combos(): Promise<void> {
  const image = { content: Buffer.from(await photo.arrayBuffer()).toString("base64") };
  const compared = ok(await client.POST("/v1/combo:comparePrices", { body: { keyword: "保温杯", quantity: "100", maxUpstreamCalls: 2 } }));
  must((compared.similar?.priced ?? 0) > 0, "nothing is priced");
  ok(await client.POST("/v1/combo:findSource", { body: { keyword: "保温杯", maxUpstreamCalls: 4 } }));
  ok(await client.POST("/v1/combo:analyzeCompetitors", { body: { image, maxUpstreamCalls: 4 } }));
  ok(await client.POST("/v1/combo:expandSelection", { body: { seeds: ["保温杯"], maxUpstreamCalls: 4 } }));

  const prices = ok(await client.POST("/v1/combo:streamComparePrices", {
    body: { keyword: "保温杯", quantity: "100", maxUpstreamCalls: 2 }, parseAs: "text",
  }));
  steps(results(lines<Schemas["StreamComparePricesLine"]>(prices)));
  const sources = ok(await client.POST("/v1/combo:streamFindSource", { body: { keyword: "保温杯", maxUpstreamCalls: 4 }, parseAs: "text" }));
  steps(results(lines<Schemas["StreamFindSourceLine"]>(sources)));
  const market = ok(await client.POST("/v1/combo:streamAnalyzeCompetitors", { body: { image, maxUpstreamCalls: 4 }, parseAs: "text" }));
  steps(results(lines<Schemas["StreamAnalyzeCompetitorsLine"]>(market)));
  const more = ok(await client.POST("/v1/combo:streamExpandSelection", { body: { seeds: ["保温杯"], maxUpstreamCalls: 4 }, parseAs: "text" }));
  steps(results(lines<Schemas["StreamExpandSelectionLine"]>(more)));
}

/** The messages of a strategy's stream: steps, and the answer at the end. */
function steps(all: { step?: unknown; answer?: unknown }[]): void {
  must(all.length > 1 && all.slice(0, -1).every((one) => one.step !== undefined), "a strategy has no steps");
  must(all.at(-1)?.answer !== undefined, "a strategy's stream ends without an answer");
}

async function watches(productId: string): Promise<void> {
  const { priceWatch: made } = ok(await client.POST("/v1/priceWatches", {
    body: { priceWatch: { displayName: "耳机", products: { ids: [productId] }, interval: "3600s", webhooks: [{ url: "https://hooks.example.com/prices" }] } },
  }));
  const path = { id: made?.id ?? "" };
  const { observation } = ok(await client.POST("/v1/priceWatches/{id}:run", { params: { path }, body: {} }));
  must(observation?.error === undefined && observation?.productCount === 1, "the product is not observed");
  must(ok(await client.GET("/v1/priceWatches")).priceWatches.some((one) => one.id === path.id), "the watch is not listed");
  const { priceWatch: read } = ok(await client.GET("/v1/priceWatches/{id}", { params: { path } }));
  must(read?.lastObservation?.productCount === 1, "the last observation is not there");
  const { priceWatch: changed } = ok(await client.PATCH("/v1/priceWatches/{id}", {
    params: { path }, body: { priceWatch: { displayName: "蓝牙耳机" }, updateMask: "displayName", etag: read?.etag ?? "" },
  }));
  must(changed?.displayName === "蓝牙耳机", "the name is not changed");
  must(ok(await client.POST("/v1/priceWatches/{id}:pause", { params: { path }, body: {} })).priceWatch?.state === "PRICE_WATCH_STATE_PAUSED", "not paused");
  ok(await client.POST("/v1/priceWatches/{id}:resume", { params: { path }, body: {} }));
  must(ok(await client.GET("/v1/priceWatches/{id}/observations", { params: { path } })).observations.length > 0, "no history");
  const trend = ok(await client.GET("/v1/priceWatches/{id}:queryTrend", { params: { path, query: { productIds: [productId], recordedProductIds: [productId] } } }));
  must(trend.recorded[0]?.productId === productId && trend.recorded[0].trends[0]?.error === undefined, "1688 recorded nothing of the product");
  must(trend.products[0]?.productId === productId && trend.watchDisplayName === "蓝牙耳机", "no trend of the product");
  const picture = ok(await client.GET("/v1/priceWatches/{id}/chart.svg", { params: { path }, parseAs: "text" }));
  must(picture.startsWith("<svg ") && picture.includes(">蓝牙耳机</text>"), "no picture of the trend");
  must(Array.isArray(ok(await client.GET("/v1/priceEvents", { params: { query: { watchId: path.id } } })).events), "no list of events");
  const stream = ok(await client.GET("/v1/priceEvents:stream", { params: { query: { watchId: path.id } }, parseAs: "stream" }));
  const reader = (stream as unknown as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  must(new TextDecoder().decode(value).includes("heartbeatAfterEventId"), "the stream of events does not begin with an id");
  await reader.cancel();
  const webhookId = made?.webhooks[0]?.id ?? "";
  ok(await client.POST("/v1/priceWatches/{id}/webhooks/{webhookId}:rotateSecret", { params: { path: { ...path, webhookId } }, body: {} }));
  ok(await client.GET("/v1/priceWatches/{id}/webhookDeliveries", { params: { path } }));
  const none = await client.POST("/v1/webhookDeliveries/{id}:redeliver", { params: { path: { id: "none" } }, body: {} });
  must(none.response.status === 404, `a delivery that is not there: ${none.response.status}`);
  ok(await client.DELETE("/v1/priceWatches/{id}", { params: { path } }));
}

async function server(): Promise<void> {
  const about = ok(await client.GET("/v1/info"));
  must(about.mode === "SERVER_MODE_SANDBOX", "the mode");
  const { findings } = ok(await client.POST("/v1/info:diagnose", { body: {} }));
  must(findings.length > 0, "no findings");
  must(ok(await client.GET("/healthz")).status === "ALIVE", "health");
  must(ok(await client.GET("/readyz")).status === "READY", "readiness");
  must("paths" in ok(await client.GET("/openapi.json")), "the description");
}

async function failures(): Promise<void> {
  const { error, response } = await client.GET("/v1/products:keywordSearch", { params: { query: { keyword: " " } } });
  const reason = error?.details.flatMap((detail) =>
    detail["@type"] === "type.googleapis.com/google.rpc.ErrorInfo" ? [detail.reason] : [])[0];
  must(response.status === 400 && reason === "INVALID_FIELD", `a blank keyword: ${response.status} ${reason}`);
}

const id = await searches();
await photos();
await products(id);
await combos();
await watches(id);
await server();
await failures();
console.log(JSON.stringify([...new Set(called)].sort()));
