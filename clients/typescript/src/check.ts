// Refuses fields that a message of the contract does not have. JavaScript would drop them in silence: a search with `page_size` in place
// of `pageSize` would be answered with 20 goods, as if it had asked for them.
import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** checkFields throws a TypeError that names the first field of `init` that the message does not have. */
export function checkFields(message: DescMessage, init: unknown): void {
  if (typeof init !== "object" || init === null || message.typeName.startsWith("google.protobuf.")) {
    return;
  }
  for (const [name, value] of Object.entries(init)) {
    if (name.startsWith("$") || value === undefined) {
      continue;
    }
    const oneof = message.oneofs.find((o) => o.localName === name);
    if (oneof) {
      checkOneof(message, oneof.fields, name, value);
      continue;
    }
    const field = message.fields.find((f) => f.localName === name && !f.oneof);
    if (!field) {
      throw unknownField(message, name);
    }
    checkValue(field, value);
  }
}

function checkOneof(message: DescMessage, fields: readonly DescField[], name: string, value: unknown): void {
  const { case: chosen, value: inner } = value as { case?: string; value?: unknown };
  if (chosen === undefined) {
    return;
  }
  const field = fields.find((f) => f.localName === chosen);
  if (!field) {
    throw unknownField(message, `${name}.${chosen}`);
  }
  checkValue(field, inner);
}

function checkValue(field: DescField, value: unknown): void {
  if (field.fieldKind === "message") {
    checkFields(field.message, value);
  } else if (field.fieldKind === "list" && field.listKind === "message" && Array.isArray(value)) {
    for (const each of value) {
      checkFields(field.message, each);
    }
  } else if (field.fieldKind === "map" && field.mapKind === "message") {
    for (const each of Object.values(value as object)) {
      checkFields(field.message, each);
    }
  }
}

function unknownField(message: DescMessage, name: string): TypeError {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const near = message.fields.find((f) => plain(f.localName) === plain(name));
  const hint = near
    ? near.oneof
      ? `: write ${near.oneof.localName}: { case: "${near.localName}", value: … }`
      : `: write ${near.localName}`
    : "";
  return new TypeError(`${message.name} has no field ${name}${hint}`);
}
