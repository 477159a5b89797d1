package ledger

// pump writes what was gathered in the background, so that whoever reads or maps doesn't wait for the disk. One piece is on its way while
// the next is gathered; put waits when two are.
type pump[T any] struct {
	pieces chan T
	done   chan struct{}
	failed chan struct{} // closed with the first error
	err    error         // read only after failed or done is closed
}

func startPump[T any](work func(T) error) *pump[T] {
	p := &pump[T]{pieces: make(chan T, 1), done: make(chan struct{}), failed: make(chan struct{})}
	go func() {
		defer close(p.done)
		for piece := range p.pieces {
			if p.err != nil {
				continue
			}
			if p.err = work(piece); p.err != nil {
				close(p.failed)
			}
		}
	}()
	return p
}

// put hands a piece over, or returns the error of an earlier one.
func (p *pump[T]) put(piece T) error {
	select {
	case <-p.failed:
		return p.err
	case p.pieces <- piece:
		return nil
	}
}

// close waits until all is written.
func (p *pump[T]) close() error {
	close(p.pieces)
	<-p.done
	return p.err
}
