//go:build js

package browser

import (
	"strings"
	"syscall/js"
)

// What user agents say, and what people call it. The first that is found counts:
// most browsers claim to be others too.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
)

// DeviceName is what this device is called until its owner calls it otherwise:
// browser and system, "Chrome, Android", which are called so in every language. ""
// where the user agent names neither.
func DeviceName() string { return nameOf(js.Global().Get("navigator").Get("userAgent").String()) }

func nameOf(agent string) string {
	var parts []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, known := range list {
			if strings.Contains(agent, known[0]) {
				parts = append(parts, known[1])
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}
