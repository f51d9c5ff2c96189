// Drives a server of the agents' protocol with the SDK for TypeScript: node drive.mjs http URL, or node drive.mjs stdio COMMAND ARGUMENT…
// It prints one line of JSON: what it saw.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [way, address, ...rest] = process.argv.slice(2);
const transport =
  way === "http"
    ? new StreamableHTTPClientTransport(new URL(address))
    : new StdioClientTransport({ command: address, args: rest, env: process.env, stderr: "inherit" });

const client = new Client({ name: "drive", version: "1" });
await client.connect(transport);

const tools = (await client.listTools()).tools.map((tool) => tool.name);
const found = await client.callTool({ name: "search_products", arguments: { keyword: "蓝牙耳机", page_size: 3 } });
const product = await client.callTool({ name: "get_product", arguments: { id: found.structuredContent.products[0].id } });
const refused = await client.callTool({ name: "search_products", arguments: { keyword: "x", colour: "red" } });
const resources = (await client.listResources()).resources.length;
const prompt = await client.getPrompt({ name: "find_source", arguments: { goods: "保温杯" } });
let unknown = "";
try {
  await client.callTool({ name: "buy_everything", arguments: {} });
} catch (error) {
  unknown = error.message;
}

console.log(
  JSON.stringify({
    tools,
    ids: found.structuredContent.products.map((product) => product.id),
    source: found.structuredContent.source,
    marked: found.content[0].text.startsWith("SANDBOX: "),
    product: product.structuredContent.product.id,
    refused: refused.isError === true && refused.structuredContent.error.reason,
    resources,
    prompt: prompt.messages[0].content.text.includes("保温杯"),
    unknown,
  }),
);
await client.close();
