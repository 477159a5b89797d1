package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"ordersheet/internal/ledger"
)

const heartbeat = ledger.OwnerTimeout / 6

// runLock is this process's lock on a run, and what Advance remembers between two calls.
type runLock struct {
	db      *db
	run     int64
	token   string // another process with the same pid is another
	release func()
	mu      sync.Mutex // guards queue: one Advance of a run at a time
	queue   queue
}

// locks are the runs that this process has locked.
type locks struct {
	mu   sync.Mutex
	held map[int64]*runLock
}

// Acquire locks a run for this process.
func (l *Ledger) Acquire(ctx context.Context, run int64, owner string) (release func(), err error) {
	k := &runLock{db: l.db, run: run, token: rand.Text()}
	doing := "locking run " + decimal(run)
	if err := l.checkpoint(ctx); err != nil {
		return nil, wrap(doing, err)
	}
	err = l.write(ctx, doing, func(t *tx) error {
		other, err := rowReader(t.each).run(run)
		if err != nil {
			return err
		}
		if other.Busy() {
			return &ledger.OwnedError{Run: run, Owner: other.Owner, Since: other.OwnerSince}
		}
		now := millis(time.Now())
		_, err = t.exec(`UPDATE run SET owner = ?, owner_token = ?, owner_since = ?, owner_beat = ?, asked = '' WHERE id = ?`,
			owner, k.token, now, now, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	beating, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		k.beat(beating)
	}()
	k.release = sync.OnceFunc(func() {
		stop()
		<-stopped
		l.locks.release(k)
	})
	l.locks.mu.Lock()
	l.locks.held[run] = k
	l.locks.mu.Unlock()
	return k.release, nil
}

// beat writes a heartbeat until release. One that can't be written is no reason to stop: Advance
// checks the token and fails when another process has locked the run.
func (k *runLock) beat(ctx context.Context) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = k.db.execute(ctx, "writing the heartbeat of run "+decimal(k.run),
				`UPDATE run SET owner_beat = ? WHERE id = ? AND owner_token = ?`, millis(time.Now()), k.run, k.token)
		}
	}
}

func (s *locks) release(k *runLock) {
	// If this fails, the lock expires by itself.
	_ = k.db.execute(context.Background(), "unlocking run "+decimal(k.run),
		`UPDATE run SET owner = '', owner_token = '' WHERE id = ? AND owner_token = ?`, k.run, k.token)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[k.run] == k {
		delete(s.held, k.run)
	}
}

func (s *locks) releaseAll() {
	s.mu.Lock()
	held := slices.Collect(maps.Values(s.held))
	s.mu.Unlock()
	for _, k := range held {
		k.release()
	}
}

// of returns this process's lock on a run.
func (s *locks) of(run int64) (*runLock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.held[run]; ok {
		return k, nil
	}
	return nil, ledger.ErrNotHeld
}

// writeHeld runs fn in a transaction of a run that this process has locked, one at a time. fn is
// given the state of the run and the pending request.
func (l *Ledger) writeHeld(ctx context.Context, run int64, doing string, fn func(t *tx, k *runLock, state ledger.RunState, asked string) error) error {
	k, err := l.locks.of(run)
	if err != nil {
		return wrap(doing, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	err = l.write(ctx, doing, func(t *tx) error {
		var state ledger.RunState
		var asked, token string
		err := t.get(`SELECT state, asked, owner_token FROM run WHERE id = ?`, []any{run}, &state, &asked, &token)
		if err != nil {
			return err
		}
		if token != k.token {
			return errors.Join(ledger.ErrNotHeld, errors.New("another process locked it while this one was silent"))
		}
		return fn(t, k, state, asked)
	})
	if err != nil {
		k.queue.rewind()
	}
	return err
}
