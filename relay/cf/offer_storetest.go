//go:build js && wasm && storetest

package cf

// Offer lets the JavaScript of a test call f.
func Offer(name string, f func() (any, error)) { offer(name, f) }

// TestURL is where a test wants Post to post.
func TestURL() string { return host.Get("binding").Get("url").String() }
