//go:build !js

package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// pieceSize is how much of the wallet one of its pieces holds, before it is compressed.
// No browser goes on with a compressed file where its download was cut (Chromium keeps
// none whose answer has a Content-Encoding), so what is lost by a cut is one piece: a
// megabyte at the most, as it travels. Smaller ones cost more on every first visit than
// they save on one that is cut: in pieces of half this size it is 4 % larger, by brotli.
const pieceSize = 8 << 20

// What the pieces of the wallet's first part begin with, and those of its rest (divide).
const (
	firstPrefix = "web/app-"
	restPrefix  = "web/rest-"
)

// pieces cuts a part of the wallet. The names hold the hashes of the bytes: a page never joins
// pieces of two releases, whatever the server changes while they come.
func pieces(prefix string, program []byte, size int) tree {
	out := tree{}
	for i := 1; len(program) > 0; i++ {
		piece := program[:min(size, len(program))]
		program = program[len(piece):]
		sum := sha256.Sum256(piece)
		out[fmt.Sprintf("%s%02d-%x.wasm", prefix, i, sum[:6])] = piece
	}
	return out
}

// piecesOf lists the pieces of a part in site by their addresses, with the bytes of each.
func piecesOf(site tree, prefix string) (addresses, sizes string) {
	var names, lengths []string
	for _, name := range site.names() {
		if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, ".wasm") {
			names = append(names, "/"+name)
			lengths = append(lengths, fmt.Sprint(len(site[name])))
		}
	}
	return strings.Join(names, " "), strings.Join(lengths, " ")
}
