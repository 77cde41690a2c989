package main

import (
	"io/fs"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"
)

// What is neither file nor directory isn't opened: a pipe would never end.
func TestDirServesFilesOnly(t *testing.T) {
	d := &dirServer{fstest.MapFS{
		"file":   {Data: []byte("text")},
		"pipe":   {Mode: fs.ModeNamedPipe},
		"device": {Mode: fs.ModeDevice | fs.ModeCharDevice},
		"socket": {Mode: fs.ModeSocket},
	}, time.Now}
	for path, want := range map[string]int{"/file": 200, "/pipe": 404, "/device": 404, "/socket": 404, "/": 200, "/none": 404} {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if (w.Header().Get("ETag") != "") != (path == "/file") {
			t.Errorf("%s: ETag %q", path, w.Header().Get("ETag"))
		}
	}
}

// A tag changes with size and time, and is weak as long as a change may have
// left both as they were.
func TestEntityTag(t *testing.T) {
	at := time.Unix(1_000_000_000, 0)
	tag := func(size int, modified, now time.Time) string {
		files := fstest.MapFS{"a": {Data: make([]byte, size), ModTime: modified}}
		info, err := fs.Stat(files, "a")
		if err != nil {
			t.Fatal(err)
		}
		return entityTag(info, now)
	}
	later := at.Add(time.Hour)
	strong := tag(1, at, later)
	if again := tag(1, at, later.Add(time.Hour)); again != strong || strong[0] != '"' {
		t.Errorf("%s, then %s", strong, again)
	}
	if larger, newer := tag(2, at, later), tag(1, at.Add(1), later); larger == strong || newer == strong {
		t.Errorf("%s, larger %s, newer %s", strong, larger, newer)
	}
	if fresh := tag(1, at, at.Add(time.Second)); fresh != "W/"+strong {
		t.Errorf("just changed: %s", fresh)
	}
	if future := tag(1, at, at.Add(-time.Hour)); future != "W/"+strong {
		t.Errorf("changed in the future: %s", future)
	}
}

// swapped is files of which one becomes another between two looks at its name.
type swapped struct {
	before, after fstest.MapFS
}

func (s swapped) Stat(name string) (fs.FileInfo, error) { return s.before.Stat(name) }
func (s swapped) Open(name string) (fs.File, error)     { return s.after.Open(name) }

// The tag is of the file that is open, and so is what it is.
func TestDirFilesReplaced(t *testing.T) {
	at := time.Unix(1_000_000_000, 0)
	d := &dirServer{swapped{
		before: fstest.MapFS{"a": {Data: []byte("old"), ModTime: at}, "b": {}},
		after:  fstest.MapFS{"a": {Data: []byte("newer"), ModTime: at}, "b": {Mode: fs.ModeNamedPipe}},
	}, time.Now}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", "/a", nil))
	info, err := d.files.(swapped).after.Stat("a")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("ETag"); w.Body.String() != "newer" || got != entityTag(info, time.Now()) {
		t.Errorf("%q with the tag %s", w.Body, got)
	}
	w = httptest.NewRecorder()
	if d.ServeHTTP(w, httptest.NewRequest("GET", "/b", nil)); w.Code != 404 {
		t.Errorf("a pipe: %d", w.Code)
	}
}
