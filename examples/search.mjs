#!/usr/bin/env node
// Searches goods by words, or by a photo, over REST: Node's own fetch is enough.
//
//   examples/search.mjs http://127.0.0.1:8080 蓝牙耳机
//   examples/search.mjs http://127.0.0.1:8080 --photo photo.jpg

import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

// Sends a request. Waits and repeats exactly where the server says that this is useful.
async function ask(url, options, attempts = 3) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, options);
    const body = await response.json();
    if (response.ok) return body;
    const after = response.headers.get('retry-after');
    if (after === null || attempt === attempts) {
      const info = body.details.find((d) => d['@type'].endsWith('ErrorInfo'));
      const fields = body.details.flatMap((d) => d.fieldViolations ?? []).map((v) => v.field);
      console.error(`${info.reason} ${fields.join(' ')}: ${body.message}`);
      process.exit(1);
    }
    await wait(Number(after) * 1000);
  }
}

// Money as text, exactly: it is units and billionths, never a float.
function yuan(price) {
  if (!price) return 'price on request';
  return `¥${price.units ?? '0'}.${String(Math.floor((price.nanos ?? 0) / 1e7)).padStart(2, '0')}`;
}

const [base, first, ...more] = process.argv.slice(2);
let answer;
if (first === '--photo') {
  const form = new FormData();
  form.append('image', new Blob([await readFile(more[0])]), 'photo');
  answer = (await ask(`${base}/v1/products:uploadImageSearch`, { method: 'POST', body: form })).response;
} else {
  const query = new URLSearchParams({ keyword: [first, ...more].join(' '), pageSize: '5' });
  answer = await ask(`${base}/v1/products:keywordSearch?${query}`);
}
console.log(answer.meta.source);
for (const product of answer.products.slice(0, 5)) {
  console.log(product.id, yuan(product.price), product.title);
}
