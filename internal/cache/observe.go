package cache

// By is what a question was answered by.
type By string

// The ways to an answer.
const (
	// ByMemory is a kept answer, in this process.
	ByMemory By = "memory"
	// ByStore is a kept answer, from disk or Redis.
	ByStore By = "store"
	// ByUpstream is an answer that was asked for.
	ByUpstream By = "upstream"
	// ByTwin is an answer that another caller had asked for already, in this process or in another one.
	ByTwin By = "twin"
	// ByStale is a kept answer past its time, given because the upstream could not answer.
	ByStale By = "stale"
	// ByNobody is a failure.
	ByNobody By = "nobody"
)

// Ways are all ways to an answer.
func Ways() []By { return []By{ByMemory, ByStore, ByUpstream, ByTwin, ByStale, ByNobody} }

// Operations are those of the store that may fail.
func Operations() []string { return []string{"get", "put", "ping", "lease", "release", "report"} }

// Observer is told what the cache does, for metrics. Its methods must be quick and safe for concurrent use.
type Observer interface {
	// Answered is told once for every question.
	Answered(kind Kind, by By)
	// Refreshed is told of every answer that was renewed in the background, and of every failure to.
	Refreshed(kind Kind, err error)
	// Waited is told of every question that another process was found asking: it was answered by that, or had to be
	// asked after all, because the other failed, ended, or took too long.
	Waited(kind Kind, answered bool)
	// StoreFailed is told of every failure of the store, with one of [Operations].
	StoreFailed(operation string, err error)
	// Forgotten is told of every stored answer that is not used because its product was forgotten after it was stored.
	Forgotten(kind Kind)
	// Dropped is told of answers that will not be stored: the store fails, or cannot keep up.
	Dropped(answers int)
}

// Stats is how full the cache is.
type Stats struct {
	// MemoryBytes and MemoryAnswers are what is in memory; both are estimates.
	MemoryBytes   int64
	MemoryAnswers int
	// WaitingBytes are on their way to the store.
	WaitingBytes int
	// Asking is how many different questions the upstream is being asked, by this process or another one it waits for.
	Asking int
	// StoreDown: reads of the store are given up for the moment.
	StoreDown bool
	// Answered is how many questions were answered by what since the start.
	Answered map[By]int64
}

type unobserved struct{}

func (unobserved) Answered(Kind, By)         {}
func (unobserved) Refreshed(Kind, error)     {}
func (unobserved) Waited(Kind, bool)         {}
func (unobserved) StoreFailed(string, error) {}
func (unobserved) Forgotten(Kind)            {}
func (unobserved) Dropped(int)               {}
