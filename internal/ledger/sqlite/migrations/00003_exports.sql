-- +goose Up
CREATE TABLE export (
    run      INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    open     INTEGER NOT NULL,
    progress BLOB
);

CREATE INDEX export_open ON export (name) WHERE open;

CREATE TABLE watermark (
    account TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    mark    TEXT    NOT NULL,
    filters TEXT    NOT NULL,
    run     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, kind, name)
) WITHOUT ROWID;
