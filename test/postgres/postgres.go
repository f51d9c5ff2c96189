//go:build unix

// Package postgres gives tests a real PostgreSQL: one cluster a test binary, one database a test. The cluster listens on a Unix
// socket only, so that no two of them ever want one port. It ends and its files go when the test binary ends, however that ends.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// startTimeout bounds the wait for a server; no test has an outcome that depends on it.
const (
	startTimeout = time.Minute
	startPoll    = 10 * time.Millisecond
	// port is part of the socket's name and nothing else.
	port = "5432"
	// socketMax is the longest name of a Unix socket on Linux, in bytes. Elsewhere PostgreSQL itself may refuse a shorter one.
	socketMax = 107
)

// guard starts the server and ends it when a line or the end comes from the test binary. After a line the files stay. The test
// binary's end closes the pipe, however it ends.
const guard = `
dir=$1; shift
trap '' INT TERM HUP
"$@" </dev/null >>"$dir/log" 2>&1 &
server=$!
if read -r line; then remove=no; else remove=yes; fi
kill -QUIT "$server"
wait "$server"
[ "$remove" = no ] || rm -rf "$dir"
exit 0
`

// Cluster is a PostgreSQL server with its files. It is safe for concurrent use.
type Cluster struct {
	dir string
	bin string
	as  *syscall.SysProcAttr

	mu        sync.Mutex
	databases int
	server    *exec.Cmd // nil: it is stopped
	pipe      io.WriteCloser
	// more are further arguments of the server.
	more []string
}

// Run starts a cluster, runs the tests of a test binary with it, and removes it. Its result is that of run, for [os.Exit].
func Run(run func(*Cluster) int) (code int, err error) {
	c, err := start()
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, c.remove()) }()
	return run(c), nil
}

func start() (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	// Not in the test's own directory: the server's user must get there, and the name of the socket must be short.
	dir, err := os.MkdirTemp("", "zhaohuo-postgres-")
	if err != nil {
		return nil, err
	}
	if socket := filepath.Join(dir, ".s.PGSQL."+port); len(socket) > socketMax {
		err := fmt.Errorf("the name of the socket, %s, is longer than %d bytes: set TMPDIR to a folder with a short name", socket, socketMax)
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &Cluster{dir: dir, bin: bin, as: &syscall.SysProcAttr{Setpgid: true}}
	if err := errors.Join(c.serverUser(), c.create()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.begin(); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// programs is the directory of the newest PostgreSQL that is installed.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		path, err := exec.LookPath("postgres")
		if err != nil {
			return "", fmt.Errorf("PostgreSQL is needed; tools/require.sh installs it: %w", err)
		}
		found = []string{path}
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is not named by a version.
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// ServerUser is the user that a server runs as: postgres if the tests run as root, because it refuses to run as root, and otherwise nil, the
// user of the tests.
func ServerUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	postgres, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, uidErr := strconv.ParseUint(postgres.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(postgres.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

// serverUser has the server run as that user.
func (c *Cluster) serverUser() error {
	as, err := ServerUser()
	if err != nil || as == nil {
		return err
	}
	c.as.Credential = as
	return os.Chown(c.dir, int(as.Uid), int(as.Gid))
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	//nolint:gosec // The programs are PostgreSQL's and the shell. They end with the test binary, not with a test.
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, c.as
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	return cmd
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) create() error {
	out, err := c.command(filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// begin starts the server and waits until it answers.
func (c *Cluster) begin() error {
	cmd := c.command("/bin/sh", "-c", guard, "sh", c.dir, filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.dir, "-p", port,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=200")
	cmd.Args = append(cmd.Args, c.more...)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.server, c.pipe = cmd, pipe
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := c.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		if !pause.For(ctx, startPoll) {
			log, _ := os.ReadFile(filepath.Join(c.dir, "log")) // Without it the error still says what failed.
			return fmt.Errorf("PostgreSQL does not answer: %w: %s", err, log)
		}
	}
}

// end stops the server at once, as a crash would, and removes its files unless they are kept.
func (c *Cluster) end(keep bool) error {
	if c.server == nil {
		return nil
	}
	var err error
	if keep {
		_, err = io.WriteString(c.pipe, "keep\n")
	}
	err = errors.Join(err, c.pipe.Close(), c.server.Wait())
	c.server = nil
	return err
}

func (c *Cluster) remove() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.end(false), os.RemoveAll(c.dir))
}

func (c *Cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(c.dir) + "&port=" + port
}

// exec runs a statement in a connection of its own.
func (c *Cluster) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Create creates an empty database and returns its address.
func (c *Cluster) Create(ctx context.Context) (url string, err error) {
	name := c.next()
	return c.url(name), c.exec(ctx, "CREATE DATABASE "+name)
}

// Database creates an empty database, which goes with the test, and returns its address.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	name := c.next()
	if err := c.exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return c.url(name)
}

// next is a name that no database has.
func (c *Cluster) next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.databases++
	return "test_" + strconv.Itoa(c.databases)
}

// Stop ends the server at once, as a crash would, until [Cluster.Start] or the end of the test. Tests that use the cluster must not run
// beside this one.
func (c *Cluster) Stop(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.end(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Start(t) })
}

// Start starts the server again after [Cluster.Stop], with all that was committed, and waits until it answers.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		return
	}
	if err := c.begin(); err != nil {
		t.Fatal(err)
	}
}

// ServeTLS restarts the server with TLS on an address of this machine, beside its socket, until the end of the test. The certificate and its
// key are PEM files; [Cluster.Present] has it present another one. Tests that use the cluster must not run beside this one. The result is
// the address for clients, HOST:PORT.
func (c *Cluster) ServeTLS(t testing.TB, host, certificate, key string) (address string) {
	t.Helper()
	c.Stop(t) // It is started with the usual arguments after the test.
	c.mu.Lock()
	c.more = []string{
		"-c", "listen_addresses=" + host, "-c", "ssl=on", "-c", "ssl_cert_file=" + c.file("server.crt"), "-c", "ssl_key_file=" + c.file("server.key"),
	}
	c.mu.Unlock()
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.more = nil
		if err := c.end(true); err != nil {
			t.Error(err)
		}
	})
	c.put(t, certificate, key)
	c.Start(t)
	return net.JoinHostPort(host, port)
}

// Present has the server present another certificate, soon after.
func (c *Cluster) Present(t testing.TB, certificate, key string) {
	t.Helper()
	c.put(t, certificate, key)
	if err := c.exec(t.Context(), "SELECT pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) file(name string) string { return filepath.Join(c.dir, name) }

// put copies a certificate and its key to where the server reads them: only its own user may read the key.
func (c *Cluster) put(t testing.TB, certificate, key string) {
	t.Helper()
	for name, from := range map[string]string{"server.crt": certificate, "server.key": key} {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(c.file(name), content, 0o600) //nolint:gosec // The cluster's own folder, and one of two names.
		}
		if as := c.as.Credential; err == nil && as != nil {
			err = os.Chown(c.file(name), int(as.Uid), int(as.Gid))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
