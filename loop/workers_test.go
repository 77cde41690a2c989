package loop

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// task is work for a test.
type task func()

func (t task) Run() { t() }

func TestWorkersHaveACap(t *testing.T) {
	w := NewWorkers(WorkersOptions{Max: 2})
	release := make(chan struct{})
	wait := task(func() { <-release })
	for range 2 {
		if !w.Execute(wait) {
			t.Fatal("refused below the cap")
		}
	}
	if w.Execute(wait) {
		t.Fatal("executed above the cap")
	}
	close(release)
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.Execute(wait) {
		t.Fatal("executed after Close")
	}
}

func TestWorkersEndWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWorkers(WorkersOptions{Linger: time.Second})
		for range 5 {
			w.Execute(task(func() { time.Sleep(time.Millisecond) }))
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if all, idle := w.Count(); all != 5 || idle != 5 {
			t.Errorf("%d goroutines, %d of them idle", all, idle)
		}
		w.Execute(task(func() {})) // keeps one of them
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		if all, idle := w.Count(); all != 1 || idle != 1 {
			t.Errorf("%d goroutines, %d of them idle, after they could have ended", all, idle)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if all, _ := w.Count(); all != 0 {
			t.Errorf("%d goroutines at the end", all)
		}
	})
}

func TestWorkersCloseWaits(t *testing.T) {
	w := NewWorkers(WorkersOptions{})
	release := make(chan struct{})
	w.Execute(task(func() { <-release }))
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if err := w.Close(ctx); err != enough {
		t.Errorf("Close returned %v while a task runs", err)
	}
	close(release)
	if err := w.Close(t.Context()); err != nil {
		t.Errorf("Close returned %v", err)
	}
}

func TestWorkersDoNotAllocate(t *testing.T) {
	w := NewWorkers(WorkersOptions{})
	defer w.Close(t.Context())
	done := make(chan struct{})
	one := &signal{done}
	w.Execute(one)
	<-done
	if n := testing.AllocsPerRun(1000, func() {
		w.Execute(one)
		<-done
	}); n > 0 {
		t.Errorf("%v allocations a task", n)
	}
}

type signal struct{ done chan struct{} }

func (s *signal) Run() { s.done <- struct{}{} }

func TestWorkersByManyGoroutines(t *testing.T) {
	w := NewWorkers(WorkersOptions{Linger: time.Microsecond})
	var ran, wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				ran.Add(1)
				if !w.Execute(task(ran.Done)) {
					t.Error("refused")
					ran.Done()
				}
			}
		})
	}
	wg.Wait()
	ran.Wait()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
