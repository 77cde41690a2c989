package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"
)

// dirServer serves the files of a directory. It can't be left: neither by ..
// nor by a symbolic link.
type dirServer struct {
	files fs.FS
	now   func() time.Time
}

// openDir opens a directory to be served.
func openDir(path string) (*dirServer, *os.Root, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, nil, &usageError{fmt.Sprintf("--dir %s: it has to be a directory that can be read (%v)", path, errors.Unwrap(err))}
	}
	return &dirServer{root.FS(), time.Now}, root, nil
}

// ServeHTTP implements http.Handler.
func (d *dirServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "405 Method Not Allowed\n\nFiles are for GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	http.FileServerFS(&tagged{d, w}).ServeHTTP(w, r)
}

// tagged is the files for one response, which gets the entity tag of the file
// that is opened for it.
type tagged struct {
	*dirServer
	w http.ResponseWriter
}

// Open implements fs.FS. What can't be served isn't there: what leads out of
// the directory, and what is neither file nor directory, such as a pipe, which
// would never end.
func (t *tagged) Open(name string) (fs.File, error) {
	info, err := fs.Stat(t.files, name)
	if err == nil {
		err = servable(info) // before a pipe is opened, which waits
	}
	var file fs.File
	if err == nil {
		file, err = t.files.Open(name)
	}
	if err == nil {
		// The name may be another file's by now: what is said is of the one that is open.
		if info, err = file.Stat(); err == nil {
			err = servable(info)
		}
		if err != nil {
			_ = file.Close() // nothing was written to it
		}
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case info.Mode().IsRegular():
		t.w.Header().Set("ETag", entityTag(info, t.now()))
	}
	return file, nil
}

// servable is an error for what is neither file nor directory.
func servable(info fs.FileInfo) error {
	if info.IsDir() || info.Mode().IsRegular() {
		return nil
	}
	return fs.ErrNotExist
}

// entityTag is made of size and time of modification. A file that was changed
// just now may change again without that being seen: then the tag is weak
// (RFC 9110, Section 8.8.1).
func entityTag(info fs.FileInfo, now time.Time) string {
	modified := info.ModTime()
	tag := `"` + strconv.FormatInt(modified.UnixNano(), 36) + "-" + strconv.FormatInt(info.Size(), 36) + `"`
	if now.Sub(modified) < 2*time.Second {
		return "W/" + tag
	}
	return tag
}
