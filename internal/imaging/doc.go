// Package imaging is what a photo goes through before it is sent upstream.
//
// A photo is sniffed by content, bounded by bytes and by pixels, checked for being whole, freed of metadata and, only
// when it must be, decoded, turned upright, flattened onto white, cropped or shrunk and encoded again as JPEG.
// [Inspect] does everything that costs no decoding; [Picture.Prepare] gives the bytes to send.
//
// What is decided here, and why:
//
//   - A photo that need not be decoded is sent as it came, minus cut ranges: no second copy in memory, no loss.
//   - Everything after the end of the picture is cut, not passed on and not an error: phones append motion
//     clips, and a polyglot (a picture with an archive or a script behind it) leaves as a plain picture.
//   - Metadata is kept by a list of what may stay, never by a list of what must go. Colour profiles stay, because
//     colours change without them; of JFIF and Adobe segments only the fixed fields stay.
//   - Of GIF the first frame is taken, of APNG the still picture. Animated WebP is refused by name.
//   - HEIC and AVIF are decoded by WebAssembly in a bounded memory (package wasm) and always sent as JPEG.
//   - The structure is checked to the end (PNG checksums, JPEG markers, RIFF sizes, GIF blocks), so a truncated
//     photo never costs an upstream call. That the compressed pixels mean anything is only known when they are decoded.
//
// The package reads an io.ReaderAt and keeps nothing: whoever spools uploads, counts memory against a budget or
// fetches addresses does so elsewhere, asking [Picture.DecodeCost] before [Picture.Prepare]. Likeness of pictures is
// the package likeness below this one.
package imaging
