// Package photo receives, prepares and stores callers' photos: from the first received byte until the photo expires.
//
// Three bounds apply to all photos together:
//
//   - Memory, by the [Budget]: received bytes are held in memory up to a small size and on disk beyond it ([Spool]). A photo
//     is decoded only when its memory is reserved. Callers wait a short time for memory and are then refused.
//   - Disk, by the [Shelf]: prepared photos are stored under an opaque id, in files without names, so that nothing is left
//     behind however the process ends.
//   - Time: a stored photo expires after its time to live.
//
// The package knows neither who sends photos nor who searches with them. Package photo/fetch downloads pictures. Package
// imaging decides which pictures are acceptable.
package photo
