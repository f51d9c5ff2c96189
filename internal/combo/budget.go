package combo

// wish is how many upstream calls a step asks of the budget.
type wish struct {
	// need is what it costs when nothing fails; without so many it is left out.
	need int
	// most is what it can use, its retries included.
	most int
}

// retries is how many times over a step may cost what it needs.
const retries = 3

// once is the wish of a step that needs so many calls.
func once(calls int) wish { return wish{need: calls, most: retries * calls} }

// allot shares a budget out before anything is asked, so that what is asked depends on no answer's time. In their order
// all wishes get what they need, as long as it is there; what is left goes round, a call at a time, to those who have a
// share. A share of 0 leaves a step out.
func allot(budget int, wishes ...wish) []int {
	shares := make([]int, len(wishes))
	for i, w := range wishes {
		if w.need <= budget {
			shares[i] = w.need
			budget -= w.need
		}
	}
	for given := true; given && budget > 0; {
		given = false
		for i, w := range wishes {
			if budget > 0 && shares[i] > 0 && shares[i] < w.most {
				shares[i]++
				budget--
				given = true
			}
		}
	}
	return shares
}
