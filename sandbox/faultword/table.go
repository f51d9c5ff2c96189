package faultword

// The words that code elsewhere names.
const (
	ThrottleBan   = "throttle-ban"
	GatewayCode   = "gw"
	TOPCode       = "top"
	Slow          = "slow"
	Hang          = "hang"
	Reset         = "reset"
	Truncated     = "truncated"
	Huge          = "huge"
	Drip          = "drip"
	HTML200       = "html200"
	HTML502       = "502-html"
	Status        = "status"
	Server500     = "500"
	NotJSON       = "not-json"
	EmptyBody     = "empty-body"
	Flaky         = "flaky"
	NullResult    = "null-result"
	BareNull      = "null"
	Empty         = "empty"
	SamePage      = "same-page"
	CapPage       = "cap-page"
	OddPrices     = "odd-prices"
	OddSold       = "odd-sold"
	TextIDs       = "text-ids"
	NoTotals      = "no-totals"
	TwiceInPage   = "duplicates"
	Beside        = "refusal-beside-result"
	DespiteOK     = "error-despite-success"
	RefusedInside = "refusal-inside"
	Delisted      = "delisted"
	NotCurated    = "not-curated"
	In200         = "error-in-200"
	CamelError    = "camel-error"
	TextCode      = "text-code"
	XML           = "xml"
	TOPShape      = "shape"
	ForgetImage   = "image-forgotten"
	RefuseImage   = "image-refused"
	TotalZero     = "total-zero"
	BareList      = "bare-list"
)

// Table lists all fault words. Every call returns a new slice.
func Table() []Word {
	words := []Word{
		// Refusals. The dialects hold the error of each.
		{Name: "throttle", Class: Refusal, Meaning: "The app's rate is exceeded."},
		{Name: "throttle-api", Class: Refusal, Meaning: "The API's rate is exceeded."},
		{Name: ThrottleBan, Class: Refusal, Argument: "=SECONDS", Default: "7", Meaning: "A throttle with a ban of this many seconds. AOP cannot say the length."},
		{Name: "package-used-up", Class: Refusal, Meaning: "The paid package, or the day's calls, are used up."},
		{Name: "no-permission", Class: Refusal, Meaning: "The app may not call this API."},
		{Name: "no-such-api", Class: Refusal, Meaning: "The API does not exist."},
		{Name: "ip", Class: Refusal, Meaning: "The caller's address is not on the app's whitelist."},
		{Name: "bad-token", Class: Refusal, Meaning: "The user token is invalid or expired."},
		{Name: "no-token", Class: Refusal, Meaning: "The user token is absent."},
		{Name: "bad-signature", Class: Refusal, Meaning: "The signature is wrong."},
		{Name: "no-signature", Class: Refusal, Meaning: "The signature is absent."},
		{Name: "no-app-key", Class: Refusal, Meaning: "The app key is absent."},
		{Name: "bad-app-key", Class: Refusal, Meaning: "Nobody registered the app key."},
		{Name: "clock", Class: Refusal, Meaning: "The timestamp is too far from the platform's clock. AOP's code for this is not published; this one is made up."},
		{Name: "bad-param", Class: Refusal, Meaning: "An argument is missing or wrong."},
		{Name: "isp", Class: Refusal, Meaning: "The backend failed."},
		{Name: "isp-connect", Class: Refusal, Meaning: "The backend could not be reached."},
		{Name: "isp-timeout", Class: Refusal, Meaning: "The backend timed out."},
		{Name: "unknown-gw-code", Class: Refusal, Meaning: "An undocumented error code."},
		{Name: GatewayCode, Class: Refusal, Argument: "=CODE", Default: "gw.ISPInvokeError", Meaning: "Any error_code of AOP, with HTTP 400; TOP ignores the word."},
		{Name: TOPCode, Class: Refusal, Argument: "=CODE[,SUB_CODE]", Default: "15,isp.remote-service-error", Meaning: "Any code and sub_code of TOP; AOP ignores the word."},

		// Business answers that are not successes.
		{Name: RefusedInside, Class: Business, Meaning: "The envelope itself says success is false. Combine with eN for other envelopes."},
		{Name: Beside, Class: Business, Meaning: "The refusal comes together with an empty result."},
		{Name: DespiteOK, Class: Business, Meaning: "An error message in an envelope that claims success."},
		{Name: Delisted, Class: Business, Meaning: "The offer is no longer sold."},
		{Name: NotCurated, Class: Business, Meaning: "The offer is not in the curated pool."},

		// Transport.
		{Name: Slow, Class: Transport, Argument: "=DURATION", Default: "300ms", Meaning: "The answer is correct but late."},
		{Name: Drip, Class: Transport, Argument: "=DURATION", Default: "20ms", Meaning: "The answer is correct, but its body comes in 16 pieces with pauses."},
		{Name: Hang, Class: Transport, Meaning: "No answer, until the caller leaves or the sandbox closes."},
		{Name: Reset, Class: Transport, Meaning: "The connection is reset before any answer."},
		{Name: Truncated, Class: Transport, Meaning: "Half of the body is sent, then the connection ends."},
		{Name: Huge, Class: Transport, Meaning: "A JSON body without end."},
		{Name: Server500, Class: Transport, Meaning: "HTTP 500 with a line of text."},
		{Name: HTML502, Class: Transport, Meaning: "HTTP 502 with an HTML page."},
		{Name: HTML200, Class: Transport, Meaning: "HTTP 200 with an HTML page."},
		{Name: Status, Class: Transport, Argument: "=STATUS", Default: "503", Meaning: "This HTTP status with an empty body."},
		{Name: NotJSON, Class: Transport, Meaning: "HTTP 200, JSON content type, a body that is not JSON."},
		{Name: EmptyBody, Class: Transport, Meaning: "HTTP 200 without a body."},
		{Name: Flaky, Class: Transport, Argument: "=TIMES", Default: "2", Meaning: "HTTP 503 this many times for this search text, then correct answers."},

		// Content.
		{Name: Empty, Class: Content, Meaning: "A correct answer without goods."},
		{Name: NullResult, Class: Content, Meaning: "Success with result null."},
		{Name: BareNull, Class: Content, Meaning: "The whole body is null."},
		{Name: SamePage, Class: Content, Meaning: "Every page is page one."},
		{Name: CapPage, Class: Content, Argument: "=ROWS", Default: "20", Meaning: "The page size is silently capped."},
		{Name: OddPrices, Class: Content, Meaning: "Prices in every form seen: negotiable, empty, null, decorated, a range."},
		{Name: OddSold, Class: Content, Meaning: "Sold counts in every form seen: number, text, lower bound, 万."},
		{Name: TextIDs, Class: Content, Meaning: "Offer ids as text where numbers are usual."},
		{Name: NoTotals, Class: Content, Meaning: "totalRecords and totalPage are absent."},
		{Name: TwiceInPage, Class: Content, Meaning: "The first offer of the page comes twice."},

		// How errors are written.
		{Name: In200, Class: Modifier, Meaning: "Gateway errors come with HTTP 200. Without another word: a throttle with HTTP 200."},
		{Name: CamelError, Class: Modifier, Meaning: "AOP errors are written with errorCode and errorMessage. Without another word: a throttle written so."},
		{Name: TextCode, Class: Modifier, Meaning: "TOP errors have the text of sub_code in code, where the tutorial reads it. Without another word: a throttle written so."},
		{Name: XML, Class: Modifier, Meaning: "TOP answers in XML, even if the request asks for JSON. AOP ignores the word."},
		{Name: TOPShape, Class: Shape, Argument: "=wrapped|bare|search-response|products", Default: "bare", Meaning: "The TOP answer's outer shape; AOP ignores the word."},
	}
	for _, shape := range []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9", "e10", "e11", "e12", "e13", "e14", "e15", "e16", "e17"} {
		words = append(words, Word{Name: shape, Class: Shape, Meaning: "The AOP answer in the envelope with this number in PROTOCOL.md, section 2.7. TOP ignores the word."})
	}
	// New words come last, so that the offer ids of the others do not change.
	words = append(words,
		Word{Name: ForgetImage, Class: Content, Argument: "=TIMES", Default: "1", Meaning: "A search by image id answers this many times for this search text that the image does not exist, and the id stays forgotten. Then correct answers. AOP only."},
		Word{Name: RefuseImage, Class: Content, Meaning: "An uploaded image gets the id 0. Put the word into outMemberId of product.image.upload, because an upload has no search text. TOP answers with code 3, Upload Fail."},
		Word{Name: TotalZero, Class: Content, Meaning: "Nothing is found, and the answer says so by a total of 0 alone: it has no list."},
		Word{Name: BareList, Class: Content, Argument: "=MEMBER", Default: "result", Meaning: "The whole body is one empty list under this name, without a total, a flag or an envelope."},
	)
	for i := range words {
		words[i].OfferID = firstOfferID + int64(i) + 1
	}
	return words
}
