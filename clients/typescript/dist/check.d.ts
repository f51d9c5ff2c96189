import type { DescMessage } from "@bufbuild/protobuf";
/** checkFields throws a TypeError that names the first field of `init` that the message does not have. */
export declare function checkFields(message: DescMessage, init: unknown): void;
