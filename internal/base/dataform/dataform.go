// Package dataform refuses stored data whose form only a newer version of the program knows. To read it as if it were known could lose
// what the newer version keeps in it. Each store numbers its forms itself, from 1; the package knows none of them.
package dataform

import "fmt"

// NewerError says that data have a form of a newer version.
type NewerError struct {
	// Found is the number of the form that was found, Known the highest that this version knows.
	Found, Known int64
}

// Error implements error. The sentence goes on from the name of the file or database.
func (e *NewerError) Error() string {
	return fmt.Sprintf("it was written by a newer version of zhaohuo (form %d, this version knows up to %d): start that version, "+
		"or restore a backup of before the upgrade: see docs/UPGRADING.md", e.Found, e.Known)
}

// Check returns a [NewerError] if found is higher than known.
func Check(found, known int64) error {
	if found > known {
		return &NewerError{Found: found, Known: known}
	}
	return nil
}
