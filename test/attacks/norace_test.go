//go:build !race

package attacks_test

// raceDetector is whether this program, and so the service that it starts, is built with the race detector.
const raceDetector = false
