package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"potli/app/message"
)

// usageError is a command that cannot be understood.
type usageError string

func (e usageError) Error() string { return string(e) }

func usage(format string, a ...any) error { return usageError(fmt.Sprintf(format, a...)) }

// parse reads flags wherever they stand among the words, as people write them, and
// returns the words. What follows "--" is words. An error says nothing of what was
// typed, which may be a secret.
func (p program) parse(f *flag.FlagSet, least, most int) ([]string, error) {
	f.SetOutput(io.Discard)
	args, rest := p.args, []string(nil)
	if i := slices.Index(args, "--"); i >= 0 {
		args, rest = args[:i], args[i+1:]
	}
	var list []string
	for len(args) > 0 {
		if err := f.Parse(args); err == flag.ErrHelp {
			help(nil, p)
			return nil, err
		} else if err != nil {
			return nil, usage("a flag cannot be understood; potli-clinic help is the manual")
		}
		if args = f.Args(); len(args) > 0 {
			list, args = append(list, args[0]), args[1:]
		}
	}
	if list = append(list, rest...); len(list) < least || len(list) > most {
		return nil, usage("there are too few words, or too many; potli-clinic help is the manual")
	}
	return list, nil
}

// senderFlags are who the person is told it is from.
type senderFlags struct {
	message.Sender
}

func (s *senderFlags) add(f *flag.FlagSet) {
	f.StringVar(&s.Name, "name", "", "")
	f.StringVar(&s.Origin, "origin", "", "")
	f.Func("id", "", func(v string) error {
		i := strings.LastIndexByte(v, '=')
		if i < 0 {
			return usageError("system=value")
		}
		s.IDs = append(s.IDs, message.Identifier{System: v[:i], Value: v[i+1:]})
		return nil
	})
}
