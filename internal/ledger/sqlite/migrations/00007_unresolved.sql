-- The state of an order whose outcome is still unknown was called aside.

-- +goose Up
DROP INDEX planned_order_aside;
UPDATE planned_order SET state = 'unresolved' WHERE state = 'aside';
CREATE INDEX planned_order_unresolved ON planned_order (next_look) WHERE state = 'unresolved';
