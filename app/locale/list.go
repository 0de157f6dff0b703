package locale

// List joins what belongs together as a person says it: "Asha, Ravi and Meera". The words and signs between are the
// catalogue's: Urdu has a comma of its own, and Malayalam says no "and".
func (l *Locale) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	case 2:
		return l.T("list.two", "first", items[0], "last", items[1])
	}
	last := len(items) - 1
	return l.T("list.end", "first", l.Comma(items[:last]), "last", items[last])
}

// Comma puts one thing after the other, without saying that there is no more: "1 tablet, after a meal".
func (l *Locale) Comma(items []string) string {
	said := ""
	for i, item := range items {
		if i == 0 {
			said = item
			continue
		}
		said = l.T("list.middle", "first", said, "next", item)
	}
	return said
}
