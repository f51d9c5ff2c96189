package contract

// UploadChunk is how many bytes of a photo one message has. With its framing the message fits a buffer of 32 KiB: for
// larger ones grpc-go's buffer pool uses 1 MiB.
const UploadChunk = 32<<10 - 64
