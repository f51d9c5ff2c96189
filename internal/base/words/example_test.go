package words_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/words"
)

// Full-width letters become ASCII, and white space becomes one space.
func ExampleNormalize() {
	fmt.Printf("%q\n", words.Normalize("　Ｔ恤　 男 "))
	fmt.Printf("%q\n", words.Normalize("\u200b"))
	// Output:
	// "T恤 男"
	// ""
}
