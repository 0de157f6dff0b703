//go:build js

package browser

import (
	"strings"
	"syscall/js"
)

// remember and recall use localStorage; where it is forbidden they do nothing
// and return "".

func remember(key, value string) {
	s := global("localStorage")
	if !s.Truthy() {
		return
	}
	if value == "" {
		call(s, "removeItem", key)
		return
	}
	call(s, "setItem", key, value)
}

func recall(key string) string {
	s := global("localStorage")
	if !s.Truthy() {
		return ""
	}
	v, err := call(s, "getItem", key)
	if err != nil {
		return ""
	}
	return text(v)
}

func hasCookie(name, value string) bool {
	v, err := try(func() js.Value { return global("document", "cookie") })
	if err != nil {
		return false
	}
	for c := range strings.SplitSeq(text(v), ";") {
		if strings.TrimSpace(c) == name+"="+value {
			return true
		}
	}
	return false
}
