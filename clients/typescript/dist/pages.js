/** pages asks for one page after the other until there are no more. */
export async function* pages(call, request, options) {
    for (let question = request; question;) {
        const answer = await call(question, options);
        yield answer;
        question = next(question, answer);
    }
}
/** next is the question for the page after an answer; undefined after the last one. */
function next(question, answer) {
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
