//go:build unix

// Package postgres starts a real PostgreSQL server for tests: the programs of
// Debian's package, in a temporary folder, on a socket in that folder and on no
// network. It has no driver; tests bring their own.
package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is one PostgreSQL server.
type Server struct {
	bin, dir string
	cred     *syscall.Credential // who runs it; nil when we are not root
	cmd      *exec.Cmd
	out      *os.File
	made     int // databases so far
}

const (
	// A slow machine under load takes its time; nothing waits longer than it must.
	pause = 20 * time.Millisecond
	tries = 3000
)

// Start starts a server and stops it when the test ends. Where the programs are
// missing it skips the test, and fails it where CI or POTLI_ALL is set.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := folder()
	if bin == "" {
		missing(t, "PostgreSQL is not installed (Debian: apt-get install postgresql): not tested on it")
	}
	s := &Server{bin: bin}
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	if err := s.init(); err != nil {
		t.Fatal(err)
	}
	s.Run(t)
	return s
}

func missing(t testing.TB, text string) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("POTLI_ALL") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}

// folder is where the newest server's programs are, or "".
func folder() string {
	all, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(all, func(a, b string) int { return version(b) - version(a) })
	if len(all) > 0 {
		return filepath.Dir(all[0])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// prepare makes the folder. The server refuses to run as root, so that root lets
// another user run it. The path is short: a socket's may have 107 bytes.
func (s *Server) prepare() (err error) {
	if s.dir, err = os.MkdirTemp("/tmp", "potli-pg-"); err != nil {
		return err
	}
	if s.out, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(s.dir, uid, gid)
	}
	return errors.New("there is no user to run PostgreSQL as")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	return cmd
}

func (s *Server) init() error {
	cmd := s.command("initdb", "-D", s.data(), "-U", "potli", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// Run starts the server, also again after Kill, and waits until it answers.
func (s *Server) Run(t testing.TB, settings ...string) {
	t.Helper()
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	for _, set := range settings {
		args = append(args, "-c", set)
	}
	for range tries {
		cmd := s.command("postgres", args...)
		cmd.Stdout, cmd.Stderr = s.out, s.out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.cmd = cmd
		// After a kill it refuses to start as long as one of its children lives.
		if s.answers() {
			return
		}
		s.stop(syscall.SIGKILL)
		time.Sleep(pause)
	}
	log, _ := os.ReadFile(s.out.Name())
	t.Fatalf("PostgreSQL does not start:\n%s", log)
}

// answers waits until the server does, or has ended.
func (s *Server) answers() bool {
	for range tries {
		if s.sql("SELECT 1") == nil {
			return true
		}
		var st syscall.WaitStatus
		if pid, err := syscall.Wait4(s.cmd.Process.Pid, &st, syscall.WNOHANG, nil); pid != 0 || err != nil {
			return false
		}
		time.Sleep(pause)
	}
	return false
}

func (s *Server) sql(text string) error {
	cmd := s.command("psql", "-X", "-q", "-h", s.dir, "-U", "potli", "-d", "postgres", "-c", text)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql: %w %s", err, out.String())
	}
	return nil
}

// Database makes an empty database and returns its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	s.made++
	name := "potli" + strconv.Itoa(s.made)
	if err := s.sql("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

// Copy makes a database with all that is in another, which nobody may be using:
// what a backup put back would be.
func (s *Server) Copy(t testing.TB, of string) string {
	t.Helper()
	s.made++
	name := "potli" + strconv.Itoa(s.made)
	base, _, _ := strings.Cut(strings.TrimPrefix(of, "postgres:///"), "?")
	if err := s.sql("CREATE DATABASE " + name + " TEMPLATE " + base); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

func (s *Server) url(name string) string {
	return "postgres:///" + name + "?host=" + s.dir + "&user=potli&sslmode=disable"
}

// PID is the server's first process; the others are its children.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Kill ends the server and all its processes as a power cut does.
func (s *Server) Kill() {
	pid := s.cmd.Process.Pid
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	s.stop(syscall.SIGKILL)
	for _, field := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(field); err == nil {
			syscall.Kill(child, syscall.SIGKILL)
		}
	}
}

func (s *Server) stop(with syscall.Signal) {
	s.cmd.Process.Signal(with)
	s.cmd.Wait()
}

func (s *Server) remove() {
	if s.cmd != nil {
		s.stop(syscall.SIGQUIT)
	}
	s.out.Close()
	os.RemoveAll(s.dir)
}
