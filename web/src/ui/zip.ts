// ZIP files of a few texts. The browser compresses them.

const encoder = new TextEncoder();

/** zip is a file with the texts by name. The names are plain ASCII. */
export async function zip(texts: Record<string, string>, type: string): Promise<Blob> {
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  const listing: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(texts)) {
    const plain = encoder.encode(text);
    const packed = await deflated(plain);
    const title = encoder.encode(name);
    // Version 2.0, no flags, deflate, midnight of 1980-01-01: the same text always gives the same file.
    const common = [
      2,
      20,
      2,
      0,
      2,
      8,
      2,
      0,
      2,
      0x21,
      4,
      crc32(plain),
      4,
      packed.length,
      4,
      plain.length,
      2,
      title.length,
      2,
      0,
    ];
    bodies.push(fields(4, 0x04034b50, ...common), title, packed);
    listing.push(fields(4, 0x02014b50, 2, 20, ...common, 2, 0, 2, 0, 2, 0, 4, 0, 4, at), title);
    at += 30 + title.length + packed.length;
  }
  const size = listing.reduce((sum, part) => sum + part.length, 0);
  const n = listing.length / 2;
  const end = fields(4, 0x06054b50, 2, 0, 2, 0, 2, n, 2, n, 4, size, 4, at, 2, 0);
  return new Blob([...bodies, ...listing, end], { type });
}

/** fields writes numbers, each after its size in bytes, with the smallest byte first. */
function fields(...pairs: number[]): Uint8Array<ArrayBuffer> {
  const all: number[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    for (let byte = 0; byte < (pairs[i] ?? 0); byte++) {
      all.push(((pairs[i + 1] ?? 0) >>> (8 * byte)) & 255);
    }
  }
  return new Uint8Array(all);
}

async function deflated(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([plain]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) {
    c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c = (c >>> 8) ^ (table[(c ^ byte) & 255] ?? 0);
  }
  return ~c >>> 0;
}
