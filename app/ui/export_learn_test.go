package ui

// What the tests of help, explanations and tour see of the inside.

var TopicOf = topicOf

// Everywhere are the paths of all routes, with a name where one has a name.
func Everywhere() (paths []string) {
	paths = append(paths, fixed...)
	for _, prefix := range named {
		paths = append(paths, prefix+"x")
	}
	return paths
}

// Explanations are the names of the cards.
func Explanations() (names []string) {
	for _, x := range explanations {
		names = append(names, x.name)
	}
	return names
}

// Stop is one of the tour: its name, its page, what it points at and what is written on that.
type Stop struct{ Name, Page, At, Called string }

func Stops() (list []Stop) {
	for _, s := range stops {
		list = append(list, Stop{s.name, s.page, s.at, s.called})
	}
	return list
}
