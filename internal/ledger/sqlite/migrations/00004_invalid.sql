-- The outcome of an order that fails a check before sending was called refused.

-- +goose Up
UPDATE planned_order SET state = 'invalid' WHERE state = 'refused';
UPDATE order_key SET outcome = 'invalid' WHERE outcome = 'refused';
ALTER TABLE run RENAME COLUMN rows_refused TO rows_invalid;
