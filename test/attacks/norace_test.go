//go:build !race

package attacks_test

// raceDetector tells that this program, and so the service that it starts, has the race detector in it.
const raceDetector = false
