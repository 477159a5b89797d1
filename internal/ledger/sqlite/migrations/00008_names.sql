-- Columns get the names that the program uses.

-- +goose Up
ALTER TABLE run RENAME COLUMN sealed TO plan_hash;
ALTER TABLE planned_order RENAME COLUMN looks TO lookups;
ALTER TABLE planned_order RENAME COLUMN next_look TO next_lookup;
