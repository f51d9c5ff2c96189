package market

import "strconv"

// OddPrice is the price text of the i-th row when a fault word asks for odd prices; nil is JSON null.
func OddPrice(i int) *string {
	forms := []string{"面议", "", "¥12.50", "￥1,200", "1.50-3.20", "178.0", "10", "0.88", " 9.90 元"}
	i %= len(forms) + 1
	if i == len(forms) {
		return nil
	}
	return &forms[i]
}

// OddSold is the sold count of the i-th row when a fault word asks for odd counts.
func OddSold(i int) any {
	forms := []any{1213, "172", "800+", "1.2万+", "3万", "", nil, 0}
	return forms[i%len(forms)]
}

// TextID writes an id as text.
func TextID(id int64) string { return strconv.FormatInt(id, 10) }
