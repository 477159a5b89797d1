package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"ordersheet/internal/ledger"
	"ordersheet/internal/ledger/block"
	"ordersheet/internal/order"
)

const (
	// keysAtOnce is how many order numbers one query asks for.
	keysAtOnce = 128

	selectKey = `SELECT number, run, seq, outcome, api_id, fingerprint, at, claim_run, claim_seq, claimed FROM order_key `
	findScope = `SELECT id FROM key_scope WHERE account = ? AND kind = ?`
)

func scanKey(rows *sql.Rows) (k ledger.KeyRecord, err error) {
	var fingerprint []byte
	err = rows.Scan(&k.Number, &k.Run, &k.Seq, &k.Outcome, &k.ID, &fingerprint, storedTime{&k.At}, &k.ClaimRun, &k.ClaimSeq,
		storedTime{&k.ClaimedAt})
	k.Fingerprint = block.UnpackFingerprint(fingerprint)
	return k, err
}

// KeyInfo returns what the ledger remembers of these order numbers of an account.
func (l *Ledger) KeyInfo(ctx context.Context, account string, kind order.Kind, numbers []string) (map[string]ledger.KeyRecord, error) {
	known := map[string]ledger.KeyRecord{}
	scope := int64(0)
	err := l.readRow(ctx, findScope, []any{account, string(kind)}, &scope)
	for some := range slices.Chunk(numbers, keysAtOnce) {
		if err != nil || scope == 0 {
			break
		}
		args := []any{scope}
		for _, n := range some {
			args = append(args, n)
		}
		err = l.read(ctx, withRows(selectKey+`WHERE scope = ? AND number IN %s`, len(some), 1), args, func(rows *sql.Rows) error {
			k, err := scanKey(rows)
			known[k.Number] = k
			return err
		})
	}
	return known, wrap("looking up order numbers", err)
}

// LatestKey returns the order number under which an order of an account was last seen to exist.
func (l *Ledger) LatestKey(ctx context.Context, account string, kind order.Kind) (k ledger.KeyRecord, err error) {
	err = l.read(ctx, selectKey+`WHERE scope = (`+findScope+`) AND outcome IN ('created', 'updated', 'unchanged') ORDER BY at DESC LIMIT 1`,
		[]any{account, string(kind)}, func(rows *sql.Rows) error {
			k, err = scanKey(rows)
			return err
		})
	return k, wrap("looking for a known order number", err)
}

// keyScope returns the id of an account's orders of one kind.
func (t *tx) keyScope(account string, kind order.Kind) (id int64, err error) {
	err = t.get(findScope, []any{account, string(kind)}, &id)
	if errors.Is(err, ledger.ErrNotFound) {
		err = t.get(`INSERT INTO key_scope (account, kind) VALUES (?, ?) RETURNING id`, []any{account, string(kind)}, &id)
	}
	return id, err
}

// claimKeys claims all numbers of an order for its run. When one of them isn't free it claims none
// and returns its record.
func (t *tx) claimKeys(scope, run int64, o *ledger.Order, now int64) (conflict *ledger.KeyRecord, err error) {
	mayExist := o.Recreate || o.Action != "create"
	for i, number := range o.Keys() {
		n, err := t.changed(`INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (scope, number) DO UPDATE SET claim_run = excluded.claim_run, claim_seq = excluded.claim_seq,
			claimed = excluded.claimed
			WHERE (order_key.claim_run = 0 OR (order_key.claim_run = excluded.claim_run AND order_key.claim_seq = excluded.claim_seq))
			AND (? OR order_key.outcome NOT IN ('created', 'updated', 'unchanged'))`, scope, number, run, o.Seq, now, mayExist)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if err := t.freeKeys(scope, run, o.Seq, o.Keys()[:i]); err != nil {
				return nil, err
			}
			return t.key(scope, number)
		}
	}
	return nil, nil
}

func (t *tx) key(scope int64, number string) (*ledger.KeyRecord, error) {
	found, err := collect(t.each, nil, scanKey, selectKey+`WHERE scope = ? AND number = ?`, scope, number)
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// freeKeys frees numbers that this order has claimed.
func (t *tx) freeKeys(scope, run, seq int64, numbers []string) error {
	for _, number := range numbers {
		if _, err := t.exec(`UPDATE order_key SET claim_run = 0, claim_seq = 0, claimed = 0 WHERE scope = ? AND number = ?
			AND claim_run = ? AND claim_seq = ?`, scope, number, run, seq); err != nil {
			return err
		}
	}
	return nil
}

// conflictMessage says in one sentence why an order can't be claimed.
func conflictMessage(kind order.Kind, run int64, k *ledger.KeyRecord) string {
	day := func(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
	name := kind.Word() + " " + k.Number
	switch {
	case k.ClaimRun == run:
		return fmt.Sprintf("%s appears twice in this run (the other is order %d of it)", name, k.ClaimSeq)
	case k.ClaimRun != 0:
		return fmt.Sprintf("%s was claimed by run %d on %s and its outcome isn't known yet: resume that run first", name, k.ClaimRun,
			day(k.ClaimedAt))
	case k.Run == run:
		return fmt.Sprintf("%s was already %s by this run (order %d of it)", name, k.Outcome, k.Seq)
	case k.Outcome == ledger.Unchanged:
		return fmt.Sprintf("%s already exists as id %d (found by run %d on %s)", name, k.ID, k.Run, day(k.At))
	}
	return fmt.Sprintf("%s was %s by run %d on %s as id %d", name, k.Outcome, k.Run, day(k.At), k.ID)
}
