package contract

// An upload's header carries this key and value as soon as its options are found good and there is room for a photo.
// Who waits for the header need not send a photo that would be refused. A header without it comes with a refusal.
const (
	UploadKey      = "x-zhaohuo-upload"
	UploadAccepted = "accepted"
)

// ChunkBytes is the largest chunk of a picture that this project's own clients send. The message around it fits into 32 KiB,
// which is the largest buffer below 1 MiB that gRPC keeps by itself.
const ChunkBytes = 32<<10 - 512
