// Writes the types of a client for an OpenAPI description. Usage: generate.mjs FILE TO
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const [file, to] = process.argv.slice(2);
const bytes = ts.factory.createTypeReferenceNode(ts.factory.createIdentifier("Blob"));
const tree = await openapiTS(pathToFileURL(file), {
  // Bytes as they are, and not as text.
  transform: (schema) => (schema.contentMediaType ? bytes : undefined),
});
writeFileSync(to, astToString(tree));
