// Answers that come in pages. The contract numbers pages where 1688 does, and has tokens for its own lists.
import type { CallOptions } from "@connectrpc/connect";

/** PageQuestion is a request that names its page in one of the contract's three ways. */
export interface PageQuestion {
  page?: number | undefined;
  pageToken?: string | undefined;
  afterEventId?: string | undefined;
  image?: unknown;
}

interface PageAnswer {
  nextPage?: number;
  nextPageToken?: string;
  nextAfterEventId?: string;
  more?: boolean;
  imageId?: string;
}

/** pages asks for one page after the other until there are no more. */
export async function* pages<Q extends PageQuestion, A extends object>(
  call: (request: Q, options?: CallOptions) => Promise<A>,
  request: Q,
  options?: CallOptions,
): AsyncGenerator<A, void, undefined> {
  for (let question: Q | undefined = request; question; ) {
    const answer: A = await call(question, options);
    yield answer;
    question = next(question, answer);
  }
}

/** next is the question for the page after an answer; undefined after the last one. */
function next<Q extends PageQuestion>(question: Q, answer: PageAnswer): Q | undefined {
  if (answer.nextPage) {
    // A photo is sent once: from then on its id names it.
    const image = answer.imageId ? { source: { case: "id", value: answer.imageId } } : question.image;
    return { ...question, ...(image === undefined ? {} : { image }), page: answer.nextPage };
  }
  if (answer.nextPageToken) {
    return { ...question, pageToken: answer.nextPageToken };
  }
  if (answer.more && answer.nextAfterEventId) {
    return { ...question, afterEventId: answer.nextAfterEventId };
  }
  return undefined;
}
