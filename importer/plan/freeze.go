package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"ordersheet/internal/ledger"
)

// ErrPlanChanged says that a plan isn't any more what it was when it was shown.
var ErrPlanChanged = errors.New("the plan isn't what it was when it was made")

// Freeze keeps with a planned run what its plan is, so that CheckSeal knows it again: what was read (files and mapping), what every order is to
// become, and what stood when it was compared.
func Freeze(ctx context.Context, l *ledger.Ledger, run int64) error {
	sum, err := planHash(ctx, l, run)
	if err != nil {
		return err
	}
	return l.UpdateRun(ctx, run, func(r *ledger.Run) { r.Sealed = sum })
}

// VerifyPlan says whether a planned run is still as it was sealed; ErrPlanChanged when it isn't.
func VerifyPlan(ctx context.Context, l *ledger.Ledger, run ledger.Run) error {
	sum, err := planHash(ctx, l, run.ID)
	if err == nil && sum != run.Sealed {
		err = fmt.Errorf("run %d: %w", run.ID, ErrPlanChanged)
	}
	return err
}

// planHash is the hash of a plan.
func planHash(ctx context.Context, l *ledger.Ledger, id int64) (string, error) {
	run, err := l.GetRun(ctx, id)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	out := json.NewEncoder(h)
	if err := out.Encode([]any{"1", run.Kind, run.Account, run.Mode, run.InputHash, run.MappingHash, run.Mapping, run.Options}); err != nil {
		return "", fmt.Errorf("sealing the plan: %w", err)
	}
	err = l.Orders(ctx, id, ledger.Filter{Full: true}, func(o *ledger.Order) error {
		return out.Encode([]any{o.Seq, o.Number, o.Numbers, o.Action, o.Again, o.State, o.ID, string(o.Payload), o.Change})
	})
	if err != nil {
		return "", fmt.Errorf("sealing the plan: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
