// Validates an OpenAPI description by its schema and its references. Usage: validate.mjs FILE
import SwaggerParser from "@apidevtools/swagger-parser";

const api = await SwaggerParser.validate(process.argv[2]);
console.log(`${api.info.title} ${api.info.version}: OpenAPI ${api.openapi}`);
