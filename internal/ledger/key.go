package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ordersheet/internal/order"
)

// keysAtOnce is how many order numbers one query asks for.
const keysAtOnce = 128

const selectKey = `SELECT number, run, seq, outcome, api_id, fingerprint, at, claim_run, claim_seq, claimed FROM order_key `

func scanKey(rows *sql.Rows) (k KeyRecord, err error) {
	var print []byte
	var at, claimed int64
	err = rows.Scan(&k.Number, &k.Run, &k.Seq, &k.Outcome, &k.ID, &print, &at, &k.ClaimRun, &k.ClaimSeq, &claimed)
	k.Fingerprint, k.At, k.ClaimedAt = unpackPrint(print), moment(at), moment(claimed)
	return k, err
}

// KeyInfo returns what the ledger remembers of these order numbers of an account; numbers that it doesn't know are left out.
func (l *Ledger) KeyInfo(ctx context.Context, account string, kind order.Kind, numbers []string) (map[string]KeyRecord, error) {
	known := map[string]KeyRecord{}
	scope := int64(0)
	err := l.read(ctx, `SELECT id FROM key_scope WHERE account = $1 AND kind = $2`, []any{account, string(kind)}, func(rows *sql.Rows) error {
		return rows.Scan(&scope)
	})
	query := keyQuery()
	args := make([]any, keysAtOnce+1)
	args[0] = scope
	for len(numbers) > 0 && err == nil && scope != 0 {
		for i := range keysAtOnce {
			args[i+1] = numbers[min(i, len(numbers)-1)]
		}
		numbers = numbers[min(keysAtOnce, len(numbers)):]
		err = l.read(ctx, query, args, func(rows *sql.Rows) error {
			k, err := scanKey(rows)
			known[k.Number] = k
			return err
		})
	}
	return known, explain("looking up order numbers", err)
}

func keyQuery() string {
	q := selectKey + `WHERE scope = $1 AND number IN (`
	for i := range keysAtOnce {
		if i > 0 {
			q += ", "
		}
		q += "$" + decimal(int64(i)+2)
	}
	return q + ")"
}

// keyScope returns the number of an account's orders of one kind.
func (t *tx) keyScope(account string, kind order.Kind) (id int64, err error) {
	const find = `SELECT id FROM key_scope WHERE account = $1 AND kind = $2`
	err = t.get(find, []any{account, string(kind)}, &id)
	if errors.Is(err, ErrNotFound) {
		if _, err = t.exec(`INSERT INTO key_scope (account, kind) VALUES ($1, $2)`, account, string(kind)); err == nil {
			err = t.get(find, []any{account, string(kind)}, &id)
		}
	}
	return id, err
}

// claimKeys takes all numbers of an order for its run. When one of them can't be had it takes none and returns its record.
func (t *tx) claimKeys(scope, run int64, o *Order, now int64) (taken *KeyRecord, err error) {
	over := o.Recreate || o.Action != "create"
	for i, number := range o.Keys() {
		n, err := t.changed(`INSERT INTO order_key (scope, number, claim_run, claim_seq, claimed) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (scope, number) DO UPDATE SET claim_run = excluded.claim_run, claim_seq = excluded.claim_seq,
			claimed = excluded.claimed
			WHERE (order_key.claim_run = 0 OR (order_key.claim_run = excluded.claim_run AND order_key.claim_seq = excluded.claim_seq))
			AND ($6 OR order_key.outcome NOT IN ('created', 'updated', 'unchanged'))`, scope, number, run, o.Seq, now, over)
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

func (t *tx) key(scope int64, number string) (*KeyRecord, error) {
	var k KeyRecord
	err := t.each(selectKey+`WHERE scope = $1 AND number = $2`, []any{scope, number}, func(rows *sql.Rows) (err error) {
		k, err = scanKey(rows)
		return err
	})
	return &k, err
}

// freeKeys lets numbers go that this order has claimed.
func (t *tx) freeKeys(scope, run, seq int64, numbers []string) error {
	for _, number := range numbers {
		if _, err := t.exec(`UPDATE order_key SET claim_run = 0, claim_seq = 0, claimed = 0 WHERE scope = $1 AND number = $2
			AND claim_run = $3 AND claim_seq = $4`, scope, number, run, seq); err != nil {
			return err
		}
	}
	return nil
}

// settleKeys records what a claimed order has come to. What it finds already standing is remembered as the run that made it left it.
func (t *tx) settleKeys(scope, run int64, s *Settlement, who claimant, now int64) error {
	switch s.State {
	case Unresolved, Unknown: // still ours: nobody else may send it
		return nil
	case Created, Updated, Deleted, Unchanged:
	default:
		return t.freeKeys(scope, run, s.Seq, who.numbers)
	}
	for _, number := range who.numbers {
		if _, err := t.exec(`UPDATE order_key SET claim_run = 0, claim_seq = 0, claimed = 0, run = claim_run, seq = claim_seq, outcome = $5,
			api_id = coalesce(nullif($6, 0), api_id), fingerprint = $7, at = $8
			WHERE scope = $1 AND number = $2 AND claim_run = $3 AND claim_seq = $4
			AND NOT ($5 = 'unchanged' AND outcome IN ('created', 'updated'))`,
			scope, number, run, s.Seq, string(s.State), s.ID, who.print, now); err != nil {
			return err
		}
	}
	if s.State == Unchanged {
		return t.freeKeys(scope, run, s.Seq, who.numbers)
	}
	return nil
}

// Keys are the numbers by which an order is known to the API.
func (o *Order) Keys() []string {
	if len(o.Numbers) > 0 {
		return o.Numbers
	}
	return []string{o.Number}
}

// conflict says in one sentence why an order can't be claimed.
func conflict(kind order.Kind, run int64, k *KeyRecord) string {
	day := func(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
	switch {
	case k.ClaimRun == run:
		return fmt.Sprintf("%s %s stands twice in this run (the other is order %d of it)", kind.Word(), k.Number, k.ClaimSeq)
	case k.ClaimRun != 0:
		return fmt.Sprintf("%s %s is in the hands of run %d since %s, and what came of it isn't known yet: resume that run first", kind.Word(),
			k.Number, k.ClaimRun, day(k.ClaimedAt))
	case k.Run == run:
		return fmt.Sprintf("%s %s was %s already by this run (order %d of it)", kind.Word(), k.Number, k.Outcome, k.Seq)
	case k.Outcome == Unchanged:
		return fmt.Sprintf("%s %s stands already as id %d (seen by run %d on %s)", kind.Word(), k.Number, k.ID, k.Run, day(k.At))
	}
	return fmt.Sprintf("%s %s was %s by run %d on %s as id %d", kind.Word(), k.Number, k.Outcome, k.Run, day(k.At), k.ID)
}
