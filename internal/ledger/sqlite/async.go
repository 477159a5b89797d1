package sqlite

import (
	"cmp"
	"context"
)

// asyncWriter writes pieces in the background, so that whoever reads or maps doesn't wait for the
// disk. One piece is written while the next is filled; put waits when two are pending.
type asyncWriter[T any] struct {
	pieces chan T
	done   chan struct{} // closed after the last piece, or when one failed
	err    error         // read only after done is closed
}

func newAsyncWriter[T any](write func(T) error) *asyncWriter[T] {
	w := &asyncWriter[T]{pieces: make(chan T, 1), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for piece := range w.pieces {
			if w.err = write(piece); w.err != nil {
				return
			}
		}
	}()
	return w
}

// put hands a piece over, or returns the error of an earlier one.
func (w *asyncWriter[T]) put(piece T) error {
	select {
	case <-w.done:
		return w.err
	case w.pieces <- piece:
		return nil
	}
}

// close waits until all pieces are written. err is the caller's.
func (w *asyncWriter[T]) close(ctx context.Context, err error) error {
	close(w.pieces)
	<-w.done
	return cmp.Or(w.err, err, ctx.Err())
}
