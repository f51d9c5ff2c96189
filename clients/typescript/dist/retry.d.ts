/** Repeating says how often a call is repeated. */
export interface Repeating {
    /** The most attempts in all, the first included. */
    attempts: number;
    /** Milliseconds that all attempts together may take. 0: without end. */
    timeoutMs: number;
    signal?: AbortSignal | undefined;
}
/**
 * repeated calls until an attempt succeeds. It repeats only what fails with a wait of the server (RetryInfo), waits at least so long,
 * and gives up at once if the wait would end after the deadline.
 */
export declare function repeated<T>(call: (leftMs: number) => Promise<T>, options: Repeating): Promise<T>;
/** pause waits. It throws when the signal ends the wait. */
export declare function pause(ms: number, signal?: AbortSignal): Promise<void>;
/** Resuming says how a stream is resumed. */
export interface Resuming {
    /** The most attempts without a message in between. */
    attempts: number;
    /** The first wait between two attempts, and the longest: it doubles. Milliseconds. */
    resumeWaitMs: readonly [first: number, longest: number];
    /** Milliseconds without a message after which the connection counts as lost. 0: never. */
    silenceMs: number;
    /** An end without an error is a cut: the stream has no end of its own. */
    endless: boolean;
    signal?: AbortSignal | undefined;
}
/**
 * resumed yields the messages of a stream, over as many connections as needed. `open` opens it where the last message left off, which
 * its caller remembers. Whatever is no lost connection and has no wait of the server ends it.
 */
export declare function resumed<M>(open: (signal: AbortSignal) => AsyncIterable<M>, options: Resuming): AsyncGenerator<M, void, undefined>;
