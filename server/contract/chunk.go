package contract

// UploadChunk is how many bytes of a photo are sent in one message. The whole message, with the bytes before the photo's
// own, fits into a buffer of 32 KiB: for a larger one, grpc-go's pool of buffers takes 1 MiB.
const UploadChunk = 32<<10 - 64
