//go:build js

package browser

// NameOf is what a device with such a user agent is called.
var NameOf = nameOf
