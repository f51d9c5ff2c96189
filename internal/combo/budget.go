package combo

// callRequest is a step's request for upstream calls.
type callRequest struct {
	// need is the cost without failures. With fewer calls the step is skipped.
	need int
	// most is the cost with all retries.
	most int
}

// retries is how many times its need a step may cost.
const retries = 3

// once is the request of a step with this many calls.
func once(calls int) callRequest { return callRequest{need: calls, most: retries * calls} }

// allot divides a budget before the first call, so that the questions do not depend on how fast answers arrive. Requests
// get what they need in order, while the budget lasts. The rest goes round, one call at a time, to the requests that have
// a share. A share of 0 skips the step.
func allot(budget int, requests ...callRequest) []int {
	shares := make([]int, len(requests))
	for i, w := range requests {
		if w.need <= budget {
			shares[i] = w.need
			budget -= w.need
		}
	}
	for given := true; given && budget > 0; {
		given = false
		for i, w := range requests {
			if budget > 0 && shares[i] > 0 && shares[i] < w.most {
				shares[i]++
				budget--
				given = true
			}
		}
	}
	return shares
}
