-- +goose Up
CREATE TABLE change (
    id   INTEGER PRIMARY KEY, -- planned_order.id
    data BLOB NOT NULL        -- a sealed block: JSON of what is to be done to a standing order
);
