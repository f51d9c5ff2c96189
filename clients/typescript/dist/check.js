/** checkFields throws a TypeError that names the first field of `init` that the message does not have. */
export function checkFields(message, init) {
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
function checkOneof(message, fields, name, value) {
    const { case: chosen, value: inner } = value;
    if (chosen === undefined) {
        return;
    }
    const field = fields.find((f) => f.localName === chosen);
    if (!field) {
        throw unknownField(message, `${name}.${chosen}`);
    }
    checkValue(field, inner);
}
function checkValue(field, value) {
    if (field.fieldKind === "message") {
        checkFields(field.message, value);
    }
    else if (field.fieldKind === "list" && field.listKind === "message" && Array.isArray(value)) {
        for (const each of value) {
            checkFields(field.message, each);
        }
    }
    else if (field.fieldKind === "map" && field.mapKind === "message") {
        for (const each of Object.values(value)) {
            checkFields(field.message, each);
        }
    }
}
function unknownField(message, name) {
    const plain = (text) => text.replaceAll("_", "").toLowerCase();
    const near = message.fields.find((f) => plain(f.localName) === plain(name));
    const hint = near
        ? near.oneof
            ? `: write ${near.oneof.localName}: { case: "${near.localName}", value: … }`
            : `: write ${near.localName}`
        : "";
    return new TypeError(`${message.name} has no field ${name}${hint}`);
}
