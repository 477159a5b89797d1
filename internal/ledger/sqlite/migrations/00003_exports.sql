-- +goose Up
CREATE TABLE export (
    run      INTEGER PRIMARY KEY, -- its row in run has the account, the kind, what was asked, the state and who works on it
    name     TEXT NOT NULL,
    open     INTEGER NOT NULL,    -- 1 until it was published or given up
    progress BLOB                 -- JSON, the caller's: how far the reading has come; written together with the answers
);

CREATE INDEX export_open ON export (name) WHERE open;

CREATE TABLE watermark (
    account TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    mark    TEXT    NOT NULL, -- the end of the window that was published, as the server wrote it
    filters TEXT    NOT NULL, -- what the export left out by filters; a mark says nothing about orders that they kept out
    run     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, kind, name)
) WITHOUT ROWID;
