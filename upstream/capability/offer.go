package capability

import (
	"fmt"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Offer is how far a dialect offers one field.
type Offer struct {
	support zhaohuov1.FieldSupport
	// values are the offered values of a partial offer, in their JSON form.
	values []string
	note   string
	// most is how many values of a list are offered at once; 0 is no bound.
	most int
}

// Full offers every value of a field.
func Full() Offer { return Offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL} }

// None offers no value of a field.
func None() Offer { return Offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE} }

// Only offers these values of a field, in their JSON form.
func Only(values ...string) Offer {
	return Offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_PARTIAL, values: values}
}

// AtMost offers every value of a list, but at most so many of them at a time.
func AtMost(most int) Offer {
	o := Full().Noted(fmt.Sprintf("At most %d at a time.", most))
	o.most = most
	return o
}

// Noted adds a sentence for the reader.
func (o Offer) Noted(note string) Offer {
	o.note = strings.TrimSpace(o.note + " " + note)
	return o
}

// none reports that no value is offered.
func (o Offer) none() bool { return o.support == zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE }
