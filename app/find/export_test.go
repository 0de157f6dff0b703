package find

// For the tests, which look at what is compared.
var (
	Sounds     = sounds
	Slips      = slips
	Unfinished = unfinished
	Coarsen    = coarsen
	Latin1     = latin1
	Latin2     = latin2
)
