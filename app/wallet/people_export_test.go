package wallet

// What the tests see of the formats that last.
var (
	OpenPhoto = openPhoto
	PackPhoto = packPhoto
	BareJPEG  = bareJPEG
)
