package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"ordersheet/internal/ledger"
)

// freezer is what freezing a plan needs of the ledger.
type freezer interface {
	OrderReader
	GetRun(ctx context.Context, id int64) (ledger.Run, error)
	UpdateRun(ctx context.Context, id int64, change func(*ledger.Run)) error
}

// Freeze keeps the hash of a plan with its run, so that VerifyPlan can tell whether the plan
// changed: what was read (files and mapping), what each order is to become, and what existed when
// it was compared.
func Freeze(ctx context.Context, l freezer, run int64) error {
	sum, err := planHash(ctx, l, run)
	if err != nil {
		return err
	}
	return l.UpdateRun(ctx, run, func(r *ledger.Run) { r.PlanHash = sum })
}

// VerifyPlan fails with ErrPlanChanged when the plan of a run changed since it was frozen.
func VerifyPlan(ctx context.Context, l freezer, run ledger.Run) error {
	sum, err := planHash(ctx, l, run.ID)
	if err == nil && sum != run.PlanHash {
		err = fmt.Errorf("run %d: %w", run.ID, ErrPlanChanged)
	}
	return err
}

func planHash(ctx context.Context, l freezer, id int64) (string, error) {
	run, err := l.GetRun(ctx, id)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	out := json.NewEncoder(h)
	err = out.Encode([]any{
		"1", run.Kind, run.Account, run.Mode, run.InputHash, run.MappingHash, run.Mapping, run.Options,
	})
	if err != nil {
		return "", fmt.Errorf("hashing the plan: %w", err)
	}
	err = l.Orders(ctx, id, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		state := o.State
		if state == ledger.Invalid {
			state = "refused" // its name when older plans were frozen, which must still verify
		}
		return out.Encode([]any{o.Seq, o.Number, o.Numbers, o.Action, o.Recreate, state, o.ID, string(o.Payload), o.Change})
	})
	if err != nil {
		return "", fmt.Errorf("hashing the plan: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
