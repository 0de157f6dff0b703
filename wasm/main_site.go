//go:build !js

// Built for the browser, this package is the wallet (main_js.go). Built
// natively, it writes the folder that a static server sends to browsers:
//
//	index.html            the shell that is read before the program runs
//	boot.js, wasm_exec.js what runs beside the wasm
//	sw.js, worker.js      service worker; dedicated worker with wasm_exec.js before it
//	manifest.webmanifest  for installing
//	web/…                 the wallet and the reader of codes as wasm, made lean (site_lean.go), the wallet in what a start needs
//	                      and the rest (site_divide.go), each in pieces (site_pieces.go); styles, messages, icons, fonts
//	release.json          every file above but sw.js, with its SHA-256
//
// and *.br, *.gz beside whatever shrinks. The same input gives the same bytes,
// in any folder, at any time: nothing is dated and everything is sorted.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	var b build
	flag.StringVar(&b.web, "web", "web", "`folder` of the hand-written files")
	flag.StringVar(&b.wasm, "wasm", ".build/app.wasm", "the compiled wallet, a `file`")
	flag.StringVar(&b.scanner, "scanner", ".build/scanner.wasm", "the compiled reader of codes, a `file`")
	flag.StringVar(&b.names, "names", ".build/app.names", "`file` to write the names of the wallet's functions to, which a trace has by number; none: \"\"")
	flag.StringVar(&b.starts, "starts", "wasm/starts.txt", "`file` with the names of functions that a start needs: the others follow in the wallet's rest; all together: \"\"")
	flag.BoolVar(&b.watch, "watch", false, "let the wallet note which of its functions are called, for make starts")
	flag.StringVar(&b.fonts, "fonts", ".build/fonts/node_modules/@fontsource", "`folder` of the installed fonts")
	flag.StringVar(&b.app, "app", ".build/app", "`folder` to write the wallet's site to")
	flag.StringVar(&b.viewer, "viewer", ".build/viewer", "`folder` to write the clinic's page to")
	flag.StringVar(&b.cache, "cache", ".build/cache", "`folder` that remembers what was compressed")
	flag.IntVar(&b.piece, "piece", pieceSize, "`bytes` in each piece of the wallet")
	flag.IntVar(&b.quality, "quality", 11, "brotli `level`, 0 to 11")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the site:", err)
		os.Exit(1)
	}
}

// build is one run of the generator.
type build struct {
	web, wasm, scanner, names, starts, fonts, app, viewer, cache string
	quality, piece                                               int
	watch                                                        bool
}

func (b build) run() error {
	if b.quality < 0 || b.quality > 11 {
		return errors.New("-quality goes from 0 to 11")
	}
	if b.piece <= 0 {
		return errors.New("-piece is a number of bytes")
	}
	app, err := b.appSite()
	if err != nil {
		return err
	}
	viewer, err := readTree(filepath.Join(b.web, "viewer"))
	if err != nil {
		return err
	}
	if viewer, err = viewerSite(viewer, app); err != nil {
		return err
	}
	for dir, s := range map[string]tree{b.app: app, b.viewer: viewer} {
		if err := b.compress(s); err != nil {
			return err
		}
		if err := s.write(dir); err != nil {
			return err
		}
	}
	return nil
}

// viewerSite gathers the clinic's page. It has the reader of codes too, for days
// without network, and the list of its files stands before its service worker.
func viewerSite(sources, app tree) (tree, error) {
	out := withoutComments(sources)
	if out["sw.js"] == nil {
		return nil, errors.New("the clinic's page has no sw.js")
	}
	out["scanner.js"], out["scanner.wasm"] = app["worker.js"], app["web/scanner.wasm"]
	list := tree{}
	for name, body := range out {
		switch name {
		case "sw.js", "frame.html", "frame.js": // the frame is the wallet's, which needs the network for it
		case "index.html":
			list[""] = body
		default:
			list[name] = body
		}
	}
	out["sw.js"] = append(append([]byte("self.potliFiles = "), append(bytes.TrimSpace(release(list)), ";\n"...)...), out["sw.js"]...)
	return out, nil
}

// appSite gathers the wallet's site, without the compressed copies.
func (b build) appSite() (tree, error) {
	sources, err := readTree(b.web)
	if err != nil {
		return nil, err
	}
	wasm, err := os.ReadFile(b.wasm)
	if err != nil {
		return nil, fmt.Errorf("the wallet must be compiled first: %w", err)
	}
	scanner, err := os.ReadFile(b.scanner)
	if err != nil {
		return nil, fmt.Errorf("the reader of codes must be compiled first: %w", err)
	}
	out, err := b.program(wasm)
	if err != nil {
		return nil, err
	}
	if scanner, err = lean(scanner, io.Discard, os.Stderr); err != nil {
		return nil, err
	}
	exec, err := wasmExec()
	if err != nil {
		return nil, err
	}
	out["web/scanner.wasm"], out["wasm_exec.js"] = scanner, exec
	for name, body := range sources {
		switch {
		case strings.HasPrefix(name, "viewer/"), name == "shell.html", isSource(name):
		case name == "worker.js":
			out[name] = append(append([]byte{}, exec...), body...)
		case strings.Contains(name, "/"):
			out["web/"+name] = body
		default:
			out[name] = body
		}
	}
	fonts, err := letters(out["web/messages/languages.json"], b.fonts)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, fonts)
	for _, name := range []string{"boot.js", "sw.js", "worker.js", "manifest.webmanifest"} {
		if out[name] == nil {
			return nil, fmt.Errorf("%s has no %s", b.web, name)
		}
	}
	if out["index.html"], err = shell(sources["shell.html"], out); err != nil {
		return nil, err
	}
	out["release.json"] = release(out)
	return out, nil
}

// program makes the wallet lean, divides it and cuts it in pieces.
func (b build) program(wasm []byte) (tree, error) {
	var names bytes.Buffer
	wasm, err := lean(wasm, &names, os.Stderr)
	if err != nil {
		return nil, err
	}
	if b.names != "" {
		if err := os.WriteFile(b.names, names.Bytes(), 0o644); err != nil {
			return nil, err
		}
	}
	if b.watch {
		if wasm, err = watched(wasm, namesOf(names.String())); err != nil {
			return nil, err
		}
	}
	if b.watch || b.starts == "" {
		return pieces(firstPrefix, wasm, b.piece), nil
	}
	list, err := os.ReadFile(b.starts)
	if err != nil {
		return nil, err
	}
	first, rest, err := divide(wasm, namesOf(names.String()), among(string(list)))
	if errors.Is(err, errOtherGo) {
		fmt.Fprintln(os.Stderr, err, "- the program stays in one part")
		return pieces(firstPrefix, wasm, b.piece), nil
	}
	if err != nil {
		return nil, err
	}
	out := pieces(firstPrefix, first, b.piece)
	maps.Copy(out, pieces(restPrefix, rest, b.piece))
	return out, nil
}

// wasmExec is Go's own glue, of the very toolchain that compiles the wallet:
// another version's would not fit.
func wasmExec() ([]byte, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking go for its folder: %w", err)
	}
	return os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
}
