package shape

// For tests of what only the checks call.
var (
	LooksRandom = looksRandom
	PlainOfJWE  = plainOfJWE
	PlainOfAge  = plainOfAge
)
