// The client of the REST API. Its types are generated from the API's description.
import createClient from "openapi-fetch";
import { apiKey, language } from "../state/session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Product = Schemas["Product"];

/** headers are those that every request has: the language of error texts, and the caller's key if there is one. */
export function headers(): Record<string, string> {
  const all: Record<string, string> = { "Accept-Language": language.value };
  if (apiKey.value) {
    all.Authorization = `Bearer ${apiKey.value}`;
  }
  return all;
}

export const api = createClient<paths>({ baseUrl: "" });

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) {
      request.headers.set(name, value);
    }
    return request;
  },
});
