// Package photo holds callers' photos while they are in the service's keeping: from the first byte that arrives, over
// making them fit to be sent, until they are no longer asked for.
//
// Three bounds hold for all photos together, whatever their number:
//
//   - Memory, by the [Budget]: what arrives is held in memory up to a small bound and on disk beyond it ([Spool]), and a
//     photo is decoded only when there is room for its pixels. Who finds no room waits a little and is then refused.
//   - Disk, by the [Shelf]: photos that are ready to be sent are kept there under an opaque id, for a time, in files that
//     have no names, so that nothing is left behind however the process ends.
//   - Time: a kept photo is gone when its time is up.
//
// The package knows neither who sends photos nor who searches with them, and fetches nothing: photo/fetch does. What a
// photo has to be, imaging decides.
package photo
