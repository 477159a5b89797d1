package importer_test

import (
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// disk is what lies under the files of one folder, as SQLite sees it: it counts writes and syncs,
// lets one of them fail, and knows at any time what a power cut would leave. All SQLite files of
// the test program are opened through it, those outside of a disk's folder untouched.
type disk struct {
	dir string

	mu     sync.Mutex
	files  map[string]*platter
	op     string // what fails: write or sync
	at     int    // which one of them, from 1; 0 is none
	dead   bool   // after it nothing works any more
	code   int32  // SQLite's word for the failure
	calls  map[string]int
	failed bool
}

// platter is what is on the disk of a file.
type platter struct {
	synced []byte   // what a power cut leaves for certain
	later  []change // what may be there or not
}

// change is a write, or a truncation when data is nil.
type change struct {
	off  int64
	data []byte
}

// opened is one open file.
type opened struct {
	*disk
	platter *platter
	plain   *sqlite3.Tsqlite3_io_methods // what the file did before we came in between
	ours    uintptr
}

// The files that are open on disks, by SQLite's handle, and the disks themselves. SQLite calls us
// with nothing else to tell them by.
var (
	handles sync.Map // uintptr -> *opened
	disks   sync.Map // folder -> *disk
	system  sqlite3.Tsqlite3_vfs
	mounted = sync.OnceFunc(mount)
)

// newDisk puts a disk under a folder. Files that are opened there from now on lie on it.
func newDisk(t testing.TB, dir string) *disk {
	t.Helper()
	mounted()
	d := &disk{dir: dir + string(filepath.Separator), files: map[string]*platter{}, calls: map[string]int{}}
	disks.Store(d.dir, d)
	t.Cleanup(func() { disks.Delete(d.dir) })
	return d
}

// fail lets the nth write or sync from now on fail, and all after it when the disk dies.
func (d *disk) fail(op string, n int, code int32, dead bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.op, d.at, d.code, d.dead, d.failed = op, n, code, dead, false
	clear(d.calls)
}

// count is how many writes or syncs there were since fail.
func (d *disk) count(op string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[op]
}

// hasFailed says whether the failure has come.
func (d *disk) hasFailed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// next counts a call and says how it fails, 0 for not at all. It is called with the lock held.
func (d *disk) next(op string) int32 {
	d.calls[op]++
	if d.at > 0 && op == d.op && d.calls[op] == d.at || d.failed && d.dead {
		d.failed = true
		return d.code
	}
	return 0
}

// powerCut copies the folder's SQLite files as a power cut leaves them: what was synced, and of
// what came later a part drawn by seed; partly is how many in a hundred of the writes get there,
// some of them only by half.
func (d *disk) powerCut(t testing.TB, to string, reach int, seed uint64) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, 1))
	for path, p := range d.files {
		image := slices.Clone(p.synced)
		for _, c := range p.later {
			if rng.IntN(100) >= reach {
				continue
			}
			if len(c.data) > 1 && rng.IntN(4) == 0 && reach < 100 {
				c.data = c.data[:len(c.data)/2]
			}
			image = c.on(image)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), image, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// on makes a change to a file's content.
func (c change) on(b []byte) []byte {
	if c.data == nil {
		return append(b[:min(int64(len(b)), c.off)], make([]byte, max(0, c.off-int64(len(b))))...)
	}
	if end := c.off + int64(len(c.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[c.off:], c.data)
	return b
}

// mount makes SQLite open its files through us.
func mount() {
	tls := libc.NewTLS()
	system = *(*sqlite3.Tsqlite3_vfs)(at(sqlite3.Xsqlite3_vfs_find(tls, 0)))
	name, err := libc.CString("disk")
	ours := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(system)))
	if err != nil || ours == 0 {
		panic("there is no memory for a disk")
	}
	v := (*sqlite3.Tsqlite3_vfs)(at(ours))
	*v = system
	v.FpNext, v.FzName, v.FxOpen = 0, name, pointer(open)
	if rc := sqlite3.Xsqlite3_vfs_register(tls, ours, 1); rc != sqlite3.SQLITE_OK {
		panic("SQLite doesn't take the disk")
	}
}

// at is the memory at one of SQLite's addresses, which no Go memory is.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// pointer is the address by which SQLite calls a function that has no closure.
func pointer(f any) uintptr { return (*[2]uintptr)(unsafe.Pointer(&f))[1] }

// call is the function at an address.
func call[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

type (
	openFunc  = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	closeFunc = func(tls *libc.TLS, file uintptr) int32
	writeFunc = func(tls *libc.TLS, file, buf uintptr, n int32, off int64) int32
	sizeFunc  = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc  = func(tls *libc.TLS, file uintptr, flags int32) int32
)

func open(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	rc := call[openFunc](system.FxOpen)(tls, vfs, name, file, flags, out)
	if rc != sqlite3.SQLITE_OK || name == 0 {
		return rc
	}
	path := libc.GoString(name)
	found, ok := disks.Load(filepath.Dir(path) + string(filepath.Separator))
	d, _ := found.(*disk)
	if !ok || strings.HasSuffix(path, "-shm") {
		return rc
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[path] == nil {
		content, err := os.ReadFile(path)
		if err != nil {
			return sqlite3.SQLITE_CANTOPEN
		}
		d.files[path] = &platter{synced: content}
	}
	f := (*sqlite3.Tsqlite3_file)(at(file))
	o := &opened{disk: d, platter: d.files[path], plain: (*sqlite3.Tsqlite3_io_methods)(at(f.FpMethods))}
	o.ours = libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*o.plain)))
	m := (*sqlite3.Tsqlite3_io_methods)(at(o.ours))
	*m = *o.plain
	m.FxClose, m.FxWrite, m.FxTruncate, m.FxSync = pointer(closeFile), pointer(write), pointer(truncate), pointer(syncFile)
	handles.Store(file, o)
	f.FpMethods = o.ours
	return rc
}

// handle is the open file that SQLite calls about.
func handle(file uintptr) *opened {
	found, _ := handles.Load(file)
	o, _ := found.(*opened)
	return o
}

func closeFile(tls *libc.TLS, file uintptr) int32 {
	o := handle(file)
	handles.Delete(file)
	libc.Xfree(tls, o.ours)
	return call[closeFunc](o.plain.FxClose)(tls, file)
}

func write(tls *libc.TLS, file, buf uintptr, n int32, off int64) int32 {
	o := handle(file)
	o.mu.Lock()
	defer o.mu.Unlock()
	rc := o.next("write")
	if rc != 0 {
		n /= 2 // what fails is often half done
	}
	o.platter.later = append(o.platter.later, change{off, slices.Clone(unsafe.Slice((*byte)(at(buf)), n))})
	return cmp.Or(rc, call[writeFunc](o.plain.FxWrite)(tls, file, buf, n, off))
}

func truncate(tls *libc.TLS, file uintptr, size int64) int32 {
	o := handle(file)
	o.mu.Lock()
	defer o.mu.Unlock()
	if rc := o.next("write"); rc != 0 {
		return rc
	}
	o.platter.later = append(o.platter.later, change{off: size})
	return call[sizeFunc](o.plain.FxTruncate)(tls, file, size)
}

// syncFile makes what came later certain. After one that failed, no later one does that for what
// was written before: that is how Linux has it.
func syncFile(tls *libc.TLS, file uintptr, flags int32) int32 {
	o := handle(file)
	o.mu.Lock()
	defer o.mu.Unlock()
	if rc := o.next("sync"); rc != 0 {
		o.platter.later = nil
		return rc
	}
	for _, c := range o.platter.later {
		o.platter.synced = c.on(o.platter.synced)
	}
	o.platter.later = nil
	return call[syncFunc](o.plain.FxSync)(tls, file, flags)
}
