// Package parallel runs numbered jobs on a bounded number of workers.
package parallel

import "sync"

// Each calls do for 0 to n-1 on at most width workers, and returns when all calls have ended. If a call panics, Each
// panics with the same value in the caller's goroutine, where it can be recovered; jobs that have not started by then are
// skipped.
func Each(n, width int, do func(int)) {
	var (
		workers  sync.WaitGroup
		next     = make(chan int)
		panicked = make(chan any, min(n, width))
	)
	for range min(n, width) {
		workers.Go(func() {
			defer func() {
				if why := recover(); why != nil {
					panicked <- why
					for range next {
						continue // Drain, so that the sender below is not blocked.
					}
				}
			}()
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
	select {
	case why := <-panicked:
		panic(why)
	default:
	}
}
