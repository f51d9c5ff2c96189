// Links to products of 1688.

/** productIdIn is the id in a link to a product: the web page, the mobile page, or the sandbox's page. Undefined: it is no such link. */
export function productIdIn(text: string): string | undefined {
  const link = text.match(/https?:\/\/[^\s"'<>，。]+/)?.[0];
  if (!link || !URL.canParse(link)) {
    return undefined;
  }
  const url = new URL(link);
  const inPath = url.pathname.match(/\/offer\/([1-9]\d{5,17})\.html?$/)?.[1];
  const inQuery = url.searchParams.get("offerId") ?? url.searchParams.get("offer_id");
  const id = inPath ?? (inQuery && /^[1-9]\d{5,17}$/.test(inQuery) ? inQuery : undefined);
  const known = /(^|\.)1688\.com$/.test(url.hostname) || ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  return known ? id : undefined;
}

/** productIdsIn are the ids in a list of ids and links. What is neither is kept, so that the server can say what is wrong. */
export function productIdsIn(text: string): string[] {
  return text
    .split(/[\s,，;；]+/)
    .filter(Boolean)
    .map((part) => productIdIn(part) ?? part);
}
