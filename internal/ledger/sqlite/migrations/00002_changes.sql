-- +goose Up
CREATE TABLE change (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);
