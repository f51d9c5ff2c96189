// The five stories of ../README.md with the package "zhaohuo":
//
//   npm install && npx -p typescript tsc && node stories.js photo.jpg
import { Client, errorOf, type Product, ZhaohuoError } from "zhaohuo";

const KEYWORD = "蓝牙耳机";

const print = (heading: string, lines: readonly string[]) => console.log([`# ${heading}`, ...lines].join("\n"));
const ids = (products: readonly Product[]) => products.map((p) => p.id);

/** keyword searches by words. */
async function keyword(client: Client) {
  const { products } = await client.search.keywordSearch({ keyword: KEYWORD, pageSize: 5 });
  print("keyword", ids(products));
}

/** photo sends a photo in chunks and searches by it. */
async function photo(client: Client, path: string) {
  const { products } = await client.uploadImageSearch(path, { pageSize: 5 });
  print("photo", ids(products));
}

/** batch searches by many keywords, leaves after the first result, and resumes. */
async function batch(client: Client) {
  const request = { keywords: [KEYWORD, "手机壳", "保温杯"], pageSize: 3 };
  const found = new Map<string, string[]>();
  let resumeToken = "";
  for (const most of [1, request.keywords.length]) {
    for await (const message of client.batchKeywordSearch({ ...request, resumeToken })) {
      resumeToken = message.resumeToken;
      if (message.event.case !== "result") {
        continue; // A report of progress.
      }
      const { keyword, outcome } = message.event.value;
      if (outcome.case === "error") {
        throw errorOf(outcome.value);
      }
      if (found.has(keyword)) {
        throw new Error(`the page of ${keyword} came twice`);
      }
      found.set(keyword, ids(outcome.value?.products ?? []));
      if (found.size === most) {
        break; // Leaving the loop ends the stream.
      }
    }
  }
  print("batch", request.keywords.flatMap((keyword) => found.get(keyword) ?? []));
}

/** refused asks for nothing and reads why that is refused. */
async function refused(client: Client) {
  try {
    await client.search.keywordSearch({ keyword: " " });
  } catch (error) {
    if (!(error instanceof ZhaohuoError)) {
      throw error;
    }
    print("error", [`${error.reason} ${error.fields[0]?.field}`]);
  }
}

/** strategy compares prices at a quantity. */
async function strategy(client: Client) {
  const { similar } = await client.combo.comparePrices({ keyword: KEYWORD, quantity: 10n });
  print("strategy", (similar?.offers ?? []).slice(0, 5).map((offer) => offer.product?.id ?? ""));
}

const path = process.argv[2];
if (!path) {
  console.error("usage: node stories.js PHOTO");
  process.exit(2);
}
const client = Client.fromEnvironment();
try {
  await keyword(client);
  await photo(client, path);
  await batch(client);
  await refused(client);
  await strategy(client);
} finally {
  client.close();
}
