// What the tests are given, and clients of it.
import { Client } from "zhaohuo";

/** given is the value of a variable that the test in Go sets. */
export function given(variable) {
  const value = process.env[variable];
  if (!value) {
    throw new Error(`${variable} is not set: run make test PKGS=./test/clients`);
  }
  return value;
}

/** client makes a client that is closed when the test ends. */
export function client(t, options = {}) {
  const made = new Client({ address: given("ZHAOHUO_GRPC_ADDR"), ...options });
  t.after(() => made.close());
  return made;
}

/** guarded are the options of the server with TLS and keys. */
export function guarded(options = {}) {
  return {
    address: given("ZHAOHUO_TEST_TLS_ADDR"),
    ca: given("ZHAOHUO_TEST_CA"),
    key: given("ZHAOHUO_TEST_KEY"),
    ...options,
  };
}

/** cut cuts all connections through the proxy now or, once, the one that has brought so many more bytes. */
export async function cut(after) {
  const answer = await fetch(`${given("ZHAOHUO_TEST_CUT_URL")}/cut${after ? `?after=${after}` : ""}`, {
    method: "POST",
  });
  if (!answer.ok) {
    throw new Error(`cut: HTTP ${answer.status}`);
  }
  await answer.arrayBuffer();
}

/** all reads an iteration. */
export async function all(iteration) {
  const read = [];
  for await (const each of iteration) {
    read.push(each);
  }
  return read;
}

/** ids are those of goods. */
export const ids = (products) => products.map((p) => p.id);
