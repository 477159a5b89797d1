-- Nothing wrote this table.

-- +goose Up
DROP TABLE attempt;
