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
	release func()

	mu    sync.Mutex // one transaction of a run at a time; guards the rest
	queue queue
	state ledger.RunState // of the run, as of this transaction
	asked string          // the pending request of another process
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
		l.unlockRun(k)
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[run] = k
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

func (l *Ledger) unlockRun(k *runLock) {
	// If this fails, the lock expires by itself.
	_ = l.execute(context.Background(), "unlocking run "+decimal(k.run),
		`UPDATE run SET owner = '', owner_token = '' WHERE id = ? AND owner_token = ?`, k.run, k.token)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[k.run] == k {
		delete(l.held, k.run)
	}
}

// writeHeld runs fn in a transaction of a run that this process has locked.
func (l *Ledger) writeHeld(ctx context.Context, run int64, doing string, fn func(*tx, *runLock) error) error {
	l.mu.Lock()
	k := l.held[run]
	l.mu.Unlock()
	if k == nil {
		return wrap(doing, ledger.ErrNotHeld)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	err := l.write(ctx, doing, func(t *tx) error {
		var token string
		err := t.get(`SELECT state, asked, owner_token FROM run WHERE id = ?`, []any{run}, &k.state, &k.asked, &token)
		if err != nil {
			return err
		}
		if token != k.token {
			return errors.Join(ledger.ErrNotHeld, errors.New("another process locked it while this one was silent"))
		}
		return fn(t, k)
	})
	if err != nil {
		k.queue.rewind()
	}
	return err
}
