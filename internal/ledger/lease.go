package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	beatEvery = 5 * time.Second
	// lapse is how long a silent process keeps its run: six missed beats, so that a machine under load isn't taken for a dead one.
	lapse = 30 * time.Second
)

// hold is this process's hold on a run, and what Advance remembers between two calls.
type hold struct {
	l      *Ledger
	run    int64
	token  string
	stop   context.CancelFunc
	beaten chan struct{} // closed when the heart has stopped
	once   sync.Once
	queue  queue
}

// Acquire takes a run for this process, which names itself pid@host. As long as that process lives, any other gets an *OwnedError; one that
// was killed loses the run at once on its own host and after 30 s of silence elsewhere. release lets the run go and may be called twice.
func (l *Ledger) Acquire(ctx context.Context, run int64, owner string) (release func(), err error) {
	h := &hold{l: l, run: run, token: rand.Text(), beaten: make(chan struct{})}
	if err := l.fold(ctx); err != nil {
		return nil, explain("taking run "+decimal(run), err)
	}
	err = l.write(ctx, "taking run "+decimal(run), func(t *tx) error {
		var now, since, beat int64 = millis(time.Now()), 0, 0
		var other string
		if err := t.get(`SELECT owner, owner_since, owner_beat FROM run WHERE id = $1`, []any{run}, &other, &since, &beat); err != nil {
			return err
		}
		if other != "" && l.alive(run, other, moment(beat)) {
			return &OwnedError{Run: run, Owner: other, Since: moment(since)}
		}
		_, err := t.exec(`UPDATE run SET owner = $1, owner_token = $2, owner_since = $3, owner_beat = $3, asked = '' WHERE id = $4`,
			owner, h.token, now, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	beating, stop := context.WithCancel(context.Background())
	h.stop = stop
	l.mu.Lock()
	l.held[run] = h
	l.mu.Unlock()
	go h.beat(beating)
	return h.release, nil
}

// fold puts what is in the log into the file, as far as nobody reads it, so that a run's commits write over what planning has left of the log
// instead of lengthening it.
func (l *Ledger) fold(ctx context.Context) error {
	if err := l.take(ctx); err != nil {
		return err
	}
	defer l.give()
	if l.broken != nil {
		return l.broken
	}
	var busy, frames, folded int64
	err := (&tx{l}).get("PRAGMA wal_checkpoint(PASSIVE)", nil, &busy, &frames, &folded)
	if ioFailed(err) {
		l.broken = explain("trusting the disk", err)
	}
	return err
}

// alive says whether the process that has a run is still there.
func (l *Ledger) alive(run int64, owner string, beat time.Time) bool {
	if time.Since(beat).Abs() >= lapse {
		return false
	}
	l.mu.Lock()
	_, ours := l.held[run]
	l.mu.Unlock()
	if ours {
		return true
	}
	digits, host, _ := strings.Cut(owner, "@")
	here, err := os.Hostname()
	pid, bad := strconv.Atoi(digits)
	if err != nil || bad != nil || host != here {
		return true
	}
	return processLives(pid)
}

// Busy says whether the process that took a run, by what the run's record says, is still there.
func (l *Ledger) Busy(r Run) bool {
	return r.Owner != "" && l.alive(r.ID, r.Owner, r.OwnerBeat)
}

// beat shows that this process lives, until release. A beat that can't be written is no reason to stop: Advance looks at the token and fails
// when another process has taken the run.
func (h *hold) beat(ctx context.Context) {
	defer close(h.beaten)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = h.l.write(ctx, "showing that run "+decimal(h.run)+" lives", func(t *tx) error {
				_, err := t.exec(`UPDATE run SET owner_beat = $1 WHERE id = $2 AND owner_token = $3`, millis(time.Now()), h.run, h.token)
				return err
			})
		}
	}
}

func (h *hold) release() {
	h.once.Do(func() {
		h.stop()
		<-h.beaten
		// When this fails the lease lapses by itself.
		_ = h.l.write(context.Background(), "letting run "+decimal(h.run)+" go", func(t *tx) error {
			_, err := t.exec(`UPDATE run SET owner = '', owner_token = '' WHERE id = $1 AND owner_token = $2`, h.run, h.token)
			return err
		})
		h.l.mu.Lock()
		if h.l.held[h.run] == h {
			delete(h.l.held, h.run)
		}
		h.l.mu.Unlock()
	})
}

// holdOf returns this process's hold on a run.
func (l *Ledger) holdOf(run int64) (*hold, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.held[run]; ok {
		return h, nil
	}
	return nil, ErrNotHeld
}

// check makes sure, inside a transaction, that the run is still ours, and returns its state and what was asked of it.
func (h *hold) check(t *tx) (state RunState, asked string, err error) {
	var token string
	err = t.get(`SELECT state, asked, owner_token FROM run WHERE id = $1`, []any{h.run}, &state, &asked, &token)
	if err == nil && token != h.token {
		err = errors.Join(ErrNotHeld, errors.New("another process took it while this one was silent"))
	}
	return state, asked, err
}
