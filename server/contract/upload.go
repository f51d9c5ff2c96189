package contract

// An upload's header carries this key and value as soon as its options are found good and there is room for a photo.
// Who waits for the header need not send a photo that would be refused. A header without it comes with a refusal.
const (
	UploadKey      = "x-zhaohuo-upload"
	UploadAccepted = "accepted"
)
