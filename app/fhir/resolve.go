package fhir

import "strings"

// references finds entries by what may be written in a reference.
type references map[string]int

// index notes every entry under its full URL, under Type/id, and under the
// Type/id its full URL ends in. The first of duplicates wins, as a reader of
// the printed document would take it.
func (f *File) index() references {
	refs := make(references, 2*len(f.Entries))
	note := func(key string, i int) {
		if _, taken := refs[key]; key != "" && !taken {
			refs[key] = i
		}
	}
	for i, e := range f.Entries {
		note(e.FullURL, i)
		if e.ID != "" {
			note(e.Type+"/"+e.ID, i)
		}
	}
	// Weaker names come after all strong ones, so that they never shadow one.
	for i, e := range f.Entries {
		note(tail(e.FullURL), i)
		if e.ID != "" {
			note("urn:uuid:"+strings.ToLower(e.ID), i)
		}
		if id := lastStep(e.ID); isUUID(id) {
			note("id:"+strings.ToLower(id), i)
		}
	}
	return refs
}

func lastStep(s string) string { return s[strings.LastIndexAny(s, "/:")+1:] }

func isUUID(s string) bool { return len(s) == 36 && s[8] == '-' && s[23] == '-' }

// base is what stands before the Type/id of an absolute URL.
func base(url string) string {
	t := tail(url)
	if t == "" || !strings.Contains(url, "://") {
		return ""
	}
	return url[:strings.Index(url, t)]
}

// tail is the Type/id at the end of an absolute URL, without a version.
func tail(url string) string {
	if at := strings.Index(url, "/_history/"); at >= 0 {
		url = url[:at]
	}
	parts := strings.Split(url, "/")
	if n := len(parts); n >= 2 && parts[n-2] != "" && parts[n-2][0] >= 'A' && parts[n-2][0] <= 'Z' {
		return parts[n-2] + "/" + parts[n-1]
	}
	return ""
}

// Resolve finds the entry a reference of entry from means: urn:uuid, Type/id,
// absolute, with or without a version, or a UUID alone. A fragment ("#a") is no entry: see
// Contained.
func (f *File) Resolve(from int, reference string) (int, bool) {
	if reference == "" || reference[0] == '#' {
		return 0, false
	}
	if i, ok := f.refs[reference]; ok {
		return i, true
	}
	// R4 §3.3.4: a relative reference is read against the base of the
	// fullUrl it stands under.
	if from >= 0 && from < len(f.Entries) && !strings.Contains(reference, ":") {
		if own := f.Entries[from].FullURL; own != "" {
			if t := tail(own); t != "" {
				if i, ok := f.refs[strings.TrimSuffix(own, t)+reference]; ok {
					return i, true
				}
			}
		}
	}
	if strings.HasPrefix(reference, "urn:uuid:") {
		if i, ok := f.refs[strings.ToLower(reference)]; ok {
			return i, true
		}
	}
	if t := tail(reference); t != "" {
		if i, ok := f.refs[t]; ok {
			// the same name on another server is another resource
			mine, theirs := base(f.Entries[i].FullURL), base(reference)
			return i, mine == "" || theirs == "" || mine == theirs
		}
	}
	// Seen in the field: a right id under a wrong type, or alone.
	if id := lastStep(reference); isUUID(id) {
		i, ok := f.refs["id:"+strings.ToLower(id)]
		return i, ok
	}
	return 0, false
}

// Contained returns the raw resource inside entry from that "#id" means.
func (f *File) Contained(from int, reference string) ([]byte, bool) {
	if from < 0 || from >= len(f.at) {
		return nil, false
	}
	e := f.contained(from, reference)
	if !e.ok() {
		return nil, false
	}
	return e.raw(), true
}

// contained finds what "#id" means inside entry from. The ids of an entry are
// noted the first time: a hostile file has as many of them as references.
func (f *File) contained(from int, reference string) element {
	id, ok := strings.CutPrefix(reference, "#")
	if !ok || id == "" {
		return element{}
	}
	f.memo.Lock()
	defer f.memo.Unlock()
	ids, ok := f.inside[from]
	if !ok {
		ids = map[string]element{}
		for _, c := range f.at[from].get("contained").items() {
			name := c.get("id").peek()
			if _, taken := ids[name]; !taken {
				ids[name] = c
			}
		}
		if f.inside == nil {
			f.inside = map[int]map[string]element{}
		}
		f.inside[from] = ids
	}
	return ids[id]
}

// target is what a Reference element means: a resource of the file (its index)
// or a contained one (-1); the zero element when it is not here.
func (f *File) target(from int, ref element) (element, int) {
	r := ref.get("reference").peek()
	if strings.HasPrefix(r, "#") {
		return f.contained(from, r), -1
	}
	if i, ok := f.Resolve(from, r); ok {
		return f.at[i], i
	}
	return element{}, -1
}
