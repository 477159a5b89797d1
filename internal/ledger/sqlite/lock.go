package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
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
	stop    context.CancelFunc
	stopped chan struct{} // closed when the heartbeat has stopped
	once    sync.Once
	queue   queue
}

// locks are the runs that this process has locked.
type locks struct {
	db   *db
	mu   sync.Mutex
	held map[int64]*runLock
}

func newLocks(d *db) locks { return locks{db: d, held: map[int64]*runLock{}} }

// Acquire locks a run for this process.
func (l *Ledger) Acquire(ctx context.Context, run int64, owner string) (release func(), err error) {
	k := &runLock{db: l.db, run: run, token: rand.Text(), stopped: make(chan struct{})}
	doing := "locking run " + decimal(run)
	if err := l.checkpoint(ctx); err != nil {
		return nil, wrap(doing, err)
	}
	err = l.write(ctx, doing, func(t *tx) error {
		var other ledger.Run
		var since, beat int64
		err := t.get(`SELECT owner, owner_since, owner_beat FROM run WHERE id = $1`, []any{run}, &other.Owner, &since, &beat)
		if err != nil {
			return err
		}
		if other.OwnerBeat = fromMillis(beat); other.Busy() {
			return &ledger.OwnedError{Run: run, Owner: other.Owner, Since: fromMillis(since)}
		}
		_, err = t.exec(`UPDATE run SET owner = $1, owner_token = $2, owner_since = $3, owner_beat = $3, asked = '' WHERE id = $4`,
			owner, k.token, millis(time.Now()), run)
		return err
	})
	if err != nil {
		return nil, err
	}
	beating, stop := context.WithCancel(context.Background())
	k.stop = stop
	l.locks.mu.Lock()
	l.locks.held[run] = k
	l.locks.mu.Unlock()
	go k.beat(beating)
	return func() { l.locks.release(k) }, nil
}

// beat writes a heartbeat until release. One that can't be written is no reason to stop: Advance
// checks the token and fails when another process has locked the run.
func (k *runLock) beat(ctx context.Context) {
	defer close(k.stopped)
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = k.db.write(ctx, "writing the heartbeat of run "+decimal(k.run), func(t *tx) error {
				_, err := t.exec(`UPDATE run SET owner_beat = $1 WHERE id = $2 AND owner_token = $3`, millis(time.Now()), k.run, k.token)
				return err
			})
		}
	}
}

func (s *locks) release(k *runLock) {
	k.once.Do(func() {
		k.stop()
		<-k.stopped
		// If this fails, the lock expires by itself.
		_ = s.db.write(context.Background(), "unlocking run "+decimal(k.run), func(t *tx) error {
			_, err := t.exec(`UPDATE run SET owner = '', owner_token = '' WHERE id = $1 AND owner_token = $2`, k.run, k.token)
			return err
		})
		s.mu.Lock()
		if s.held[k.run] == k {
			delete(s.held, k.run)
		}
		s.mu.Unlock()
	})
}

func (s *locks) releaseAll() {
	s.mu.Lock()
	held := make([]*runLock, 0, len(s.held))
	for _, k := range s.held {
		held = append(held, k)
	}
	s.mu.Unlock()
	for _, k := range held {
		s.release(k)
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

// check fails, inside a transaction, when the run is no longer ours. It returns the run's state and
// the pending request.
func (k *runLock) check(t *tx) (state ledger.RunState, asked string, err error) {
	var token string
	err = t.get(`SELECT state, asked, owner_token FROM run WHERE id = $1`, []any{k.run}, &state, &asked, &token)
	if err == nil && token != k.token {
		err = errors.Join(ledger.ErrNotHeld, errors.New("another process locked it while this one was silent"))
	}
	return state, asked, err
}
