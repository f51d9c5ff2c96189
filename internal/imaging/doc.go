// Package imaging validates and prepares a photo before it is sent upstream.
//
// It detects the format by content, bounds bytes and pixels, checks that the file is complete, and removes metadata. Only
// when necessary it decodes the photo, turns it upright, flattens it onto white, crops or shrinks it, and encodes it as
// JPEG. [Inspect] does everything that needs no decoding; [Picture.Prepare] returns the bytes to send.
//
// Decisions, and why:
//
//   - A photo that need not be decoded is sent as received, minus cut ranges: no second copy in memory, no loss.
//   - Everything after the end of the picture is cut, not passed on and not an error: phones append motion
//     clips, and a polyglot (a picture with an archive or a script behind it) leaves as a plain picture.
//   - Metadata is filtered by an allow list. Colour profiles stay, because colours change without them; of JFIF and Adobe
//     segments only the fixed fields stay.
//   - Of GIF the first frame is taken, of APNG the still picture. Animated WebP is refused by name.
//   - WebP, GIF, HEIC and AVIF are always sent as JPEG. HEIC and AVIF are decoded by WebAssembly in a bounded memory
//     (package wasm).
//   - The structure is checked to the end (PNG checksums, JPEG markers, RIFF sizes, GIF blocks), so a truncated
//     photo never costs an upstream call. That the compressed pixels mean anything is only known when they are decoded.
//
// The package reads an io.ReaderAt and stores nothing. Spooling uploads, memory budgets and downloads are elsewhere; a
// caller reserves [Picture.DecodeCost] before [Picture.Prepare]. Package likeness compares pictures.
package imaging
