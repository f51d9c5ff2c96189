// The trap of clients that are made at run time from a set of descriptors (buf build, server reflection): field names stay as the contract
// writes them, and @grpc/grpc-js drops every other name in silence.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { credentials, loadPackageDefinition } from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import descriptors from "protobufjs/ext/descriptor/index.js";
import { given } from "./rig.mjs";

const { FileDescriptorSet } = descriptors;

/** asker makes a function that searches, and returns how many goods there are on the page. */
function asker(t, definition) {
  const { zhaohuo } = loadPackageDefinition(definition);
  const search = new zhaohuo.v1.SearchService(given("ZHAOHUO_GRPC_ADDR"), credentials.createInsecure());
  t.after(() => search.close());
  return (question) =>
    new Promise((answered, refused) =>
      search.KeywordSearch(question, (error, answer) => (error ? refused(error) : answered(answer.products.length))),
    );
}

/** camelCased gives the fields of a set of descriptors their JSON names. */
function camelCased(set) {
  const rename = (message) => {
    for (const field of message.field) {
      field.name = field.jsonName;
    }
    message.nestedType.forEach(rename);
  };
  for (const file of set.file) {
    file.messageType.forEach(rename);
  }
  return set;
}

test("B17 a set of descriptors drops pageSize, and its setting", async (t) => {
  const set = await readFile(given("ZHAOHUO_TEST_DESCRIPTORS"));
  const trapped = asker(t, loader.loadFileDescriptorSetFromBuffer(set));
  assert.equal(await trapped({ keyword: "蓝牙耳机", pageSize: 2 }), 20, "pageSize is dropped in silence");
  assert.equal(await trapped({ keyword: "蓝牙耳机", page_size: 2 }), 2);
  const cured = asker(t, loader.loadFileDescriptorSetFromObject(camelCased(FileDescriptorSet.decode(set))));
  assert.equal(await cured({ keyword: "蓝牙耳机", pageSize: 2 }), 2);
});

test("B17 proto files take pageSize unless keepCase is set", async (t) => {
  const load = (keepCase) =>
    asker(
      t,
      loader.loadSync("zhaohuo/v1/search_service.proto", { includeDirs: [given("ZHAOHUO_TEST_PROTOS")], keepCase }),
    );
  assert.equal(await load(false)({ keyword: "蓝牙耳机", pageSize: 2 }), 2);
  assert.equal(await load(true)({ keyword: "蓝牙耳机", pageSize: 2 }), 20, "pageSize is dropped in silence");
  assert.equal(await load(true)({ keyword: "蓝牙耳机", page_size: 2 }), 2);
});
