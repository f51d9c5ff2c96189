package contract

// An upload's header has this key and value as soon as its options are accepted and there is memory for a photo. A
// caller who waits for it never sends a photo that would be refused. A header without it comes with a refusal.
const (
	UploadKey      = "x-zhaohuo-upload"
	UploadAccepted = "accepted"
)

// ChunkBytes is the largest chunk of an image that this project's clients send. Its message fits 32 KiB, the largest
// buffer below 1 MiB in gRPC's default pool.
const ChunkBytes = 32<<10 - 512
