package sandbox

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
)

// FaultWord is one row of the table of fault words, for documents and tests.
type FaultWord struct {
	// Word is what is written in a search text, with the form of its value: "sandbox:slow=DURATION".
	Word string
	// Class is the step at which it acts: refusal, business, transport, content, shape or modifier.
	Class   string
	Meaning string
	// AOP and TOP are the error that each dialect answers with; empty where the word makes no error in that dialect.
	AOP, TOP string
	// OfferID has the same effect where an API takes an id and no text.
	OfferID int64
}

// FaultWords lists all fault words. Write one or several into a keyword; the rest of the keyword is searched.
func FaultWords() []FaultWord {
	table := faultword.Table()
	words := make([]FaultWord, 0, len(table))
	for _, w := range table {
		row := FaultWord{Word: "sandbox:" + w.Name + w.Argument, Class: string(w.Class), Meaning: w.Meaning, OfferID: w.OfferID}
		if code, status := aopwire.Refusal(w.Name); code != "" {
			row.AOP = fmt.Sprintf("%s (HTTP %d)", code, status)
		}
		if code, sub := topwire.Refusal(w.Name); code != 0 {
			row.TOP = fmt.Sprintf("%d %s", code, sub)
		}
		words = append(words, row)
	}
	return words
}

// APIs lists the ids of all AOP APIs ("namespace:name") and the names of all TOP methods that the sandbox serves.
func APIs() []string {
	return append(aopwire.APIs(), topwire.Methods()...)
}
