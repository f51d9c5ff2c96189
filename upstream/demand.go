package upstream

import "context"

// Class is how urgent a call is. The lower class waits for the higher one.
type Class uint8

const (
	// Interactive is when a human waits for the answer. It is the zero value, so that a call nobody classed is not held back.
	Interactive Class = iota
	// Batch is when a list is worked off; what matters is that it ends.
	Batch
)

// String is the class's name in metrics and messages.
func (c Class) String() string {
	if c == Batch {
		return "batch"
	}
	return "interactive"
}

// Demand says who asks for a turn, and how urgently. The zero value is an interactive call of a nameless caller of
// weight one.
type Demand struct {
	Class Class
	// Caller is whom turns are shared between: the name of an API key, or an address without its port.
	Caller string
	// Weight is the caller's share against other callers of its class; 0 counts as 1.
	Weight float64
}

// Lowered is the demand in class c, or in its own where that is the lower one: nobody raises a class.
func (d Demand) Lowered(c Class) Demand {
	d.Class = max(d.Class, c)
	return d
}

type demandKey struct{}

// WithDemand says on whose behalf upstream calls under ctx are made.
func WithDemand(ctx context.Context, d Demand) context.Context {
	return context.WithValue(ctx, demandKey{}, d)
}

// DemandOf is what [WithDemand] said; the zero Demand where nobody did.
func DemandOf(ctx context.Context) Demand {
	d, _ := ctx.Value(demandKey{}).(Demand)
	return d
}
