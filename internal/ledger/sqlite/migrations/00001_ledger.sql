-- The first tables. schema.sql has those of today and says what they hold.

-- +goose Up
CREATE TABLE run (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    mode          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    started       INTEGER NOT NULL,
    ended         INTEGER NOT NULL,
    input_hash    TEXT    NOT NULL,
    mapping_hash  TEXT    NOT NULL,
    mapping       BLOB,
    options       BLOB,
    rows_read     INTEGER NOT NULL,
    rows_used     INTEGER NOT NULL,
    rows_blank    INTEGER NOT NULL,
    rows_ignored  INTEGER NOT NULL,
    rows_refused  INTEGER NOT NULL,
    orders        INTEGER NOT NULL,
    stats         BLOB,
    sealed        TEXT    NOT NULL,
    owner         TEXT    NOT NULL DEFAULT '',
    owner_token   TEXT    NOT NULL DEFAULT '',
    owner_since   INTEGER NOT NULL DEFAULT 0,
    owner_beat    INTEGER NOT NULL DEFAULT 0,
    asked         TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE source (
    run        INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    file       TEXT    NOT NULL,
    sheet      TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    hash       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    container  TEXT    NOT NULL,
    left_out   TEXT    NOT NULL,
    header_row INTEGER NOT NULL,
    rows_read  INTEGER NOT NULL,
    facts      BLOB,
    columns    BLOB,
    PRIMARY KEY (run, n)
);

CREATE TABLE spool (
    run       INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    last_row  INTEGER NOT NULL,
    data      BLOB    NOT NULL,
    PRIMARY KEY (run, source, first_row)
);

CREATE TABLE planned_order (
    id              INTEGER PRIMARY KEY,
    number          TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    looks           INTEGER NOT NULL DEFAULT 0,
    claimed         INTEGER NOT NULL DEFAULT 0,
    last_byte       INTEGER NOT NULL DEFAULT 0,
    next_look       INTEGER NOT NULL DEFAULT 0,
    http_status     INTEGER NOT NULL DEFAULT 0,
    api_id          INTEGER NOT NULL DEFAULT 0,
    confirmed_total TEXT    NOT NULL DEFAULT ''
);

CREATE INDEX planned_order_aside ON planned_order (next_look) WHERE state = 'aside';

CREATE TABLE plan_block (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);

CREATE TABLE key_scope (
    id      INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    kind    TEXT NOT NULL,
    UNIQUE (account, kind)
);

CREATE TABLE order_key (
    scope       INTEGER NOT NULL,
    number      TEXT    NOT NULL,
    claim_run   INTEGER NOT NULL,
    claim_seq   INTEGER NOT NULL,
    claimed     INTEGER NOT NULL,
    run         INTEGER NOT NULL DEFAULT 0,
    seq         INTEGER NOT NULL DEFAULT 0,
    outcome     TEXT    NOT NULL DEFAULT '',
    api_id      INTEGER NOT NULL DEFAULT 0,
    fingerprint BLOB,
    at          INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, number)
) WITHOUT ROWID;

CREATE TABLE attempt (
    id       INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    took     INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    status   INTEGER NOT NULL,
    message  TEXT    NOT NULL
);

CREATE INDEX attempt_order ON attempt (order_id);

CREATE TABLE problem (
    id           INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL,
    severity     TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    file         TEXT    NOT NULL,
    sheet        TEXT    NOT NULL,
    cell         TEXT    NOT NULL,
    header       TEXT    NOT NULL,
    field        TEXT    NOT NULL,
    order_number TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    expected     TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    hint         TEXT    NOT NULL
);

CREATE INDEX problem_order ON problem (order_id);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
