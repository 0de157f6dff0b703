//go:build js

package browser

// Hear is Network.Socket with another time between pings.
var Hear = hear
