-- The tables of a new ledger. migrations/ brings older ledgers to the same tables; a test compares.
--
-- Times are milliseconds since 1970 in UTC, 0 for none. An order's id is its run * 2^32 + its seq,
-- so that the orders of a run are stored in the order in which they are claimed. A block is a
-- checksum and compressed content: see package block.

CREATE TABLE run (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: order_key outlives runs
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
    options       BLOB,                              -- JSON
    rows_read     INTEGER NOT NULL,
    rows_used     INTEGER NOT NULL,
    rows_blank    INTEGER NOT NULL,
    rows_ignored  INTEGER NOT NULL,
    rows_invalid  INTEGER NOT NULL,
    orders        INTEGER NOT NULL,
    stats         BLOB,                              -- JSON
    plan_hash     TEXT    NOT NULL,
    owner         TEXT    NOT NULL DEFAULT '',       -- pid@host of the process that works on it
    owner_token   TEXT    NOT NULL DEFAULT '',       -- tells it from a later one with the same pid
    owner_since   INTEGER NOT NULL DEFAULT 0,
    owner_beat    INTEGER NOT NULL DEFAULT 0,        -- its last heartbeat
    asked         TEXT    NOT NULL DEFAULT ''        -- stop, pause
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
    left_out   TEXT    NOT NULL, -- why
    header_row INTEGER NOT NULL,
    rows_read  INTEGER NOT NULL,
    facts      BLOB,             -- JSON: date system, number formats, merged cells, header texts
    columns    BLOB,             -- JSON: what each column was bound to
    PRIMARY KEY (run, n)
);

CREATE TABLE spool (
    run       INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    last_row  INTEGER NOT NULL,
    data      BLOB    NOT NULL, -- a block of rows, or of an export's answers
    PRIMARY KEY (run, source, first_row)
);

-- An order, as far as claiming and settling change it.
CREATE TABLE planned_order (
    id              INTEGER PRIMARY KEY,
    number          TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    lookups         INTEGER NOT NULL DEFAULT 0,
    claimed         INTEGER NOT NULL DEFAULT 0,
    last_byte       INTEGER NOT NULL DEFAULT 0,
    next_lookup     INTEGER NOT NULL DEFAULT 0,
    http_status     INTEGER NOT NULL DEFAULT 0,
    api_id          INTEGER NOT NULL DEFAULT 0,
    confirmed_total TEXT    NOT NULL DEFAULT ''
);

CREATE INDEX planned_order_unresolved ON planned_order (next_lookup) WHERE state = 'unresolved';

-- The rest of an order, which never changes.
CREATE TABLE plan_block (
    id   INTEGER PRIMARY KEY, -- planned_order.id of its first order
    data BLOB NOT NULL        -- a block of payloads with the rows they came from
);

CREATE TABLE change (
    id   INTEGER PRIMARY KEY, -- planned_order.id
    data BLOB NOT NULL        -- a block: JSON of the change to an existing order
);

CREATE TABLE problem (
    id           INTEGER PRIMARY KEY, -- run * 2^32 + a rising number
    order_id     INTEGER NOT NULL,    -- planned_order.id; run * 2^32 for the run itself
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
    hint         TEXT    NOT NULL,
    remedies     TEXT    NOT NULL DEFAULT '' -- a JSON list; empty for none
);

CREATE INDEX problem_order ON problem (order_id);

CREATE TABLE key_scope (
    id      INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    kind    TEXT NOT NULL,
    UNIQUE (account, kind)
);

CREATE TABLE order_key (
    scope       INTEGER NOT NULL,            -- key_scope.id
    number      TEXT    NOT NULL,
    claim_run   INTEGER NOT NULL,            -- the run that has it now; 0 for none
    claim_seq   INTEGER NOT NULL,
    claimed     INTEGER NOT NULL,
    run         INTEGER NOT NULL DEFAULT 0,  -- the run that led to outcome
    seq         INTEGER NOT NULL DEFAULT 0,
    outcome     TEXT    NOT NULL DEFAULT '',
    api_id      INTEGER NOT NULL DEFAULT 0,
    fingerprint BLOB,
    at          INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, number)
) WITHOUT ROWID;

CREATE TABLE export (
    run      INTEGER PRIMARY KEY, -- run.id: that row has the account, the kind and the options
    name     TEXT NOT NULL,
    open     INTEGER NOT NULL,    -- 1 until it was published or given up
    progress BLOB                 -- JSON: how far it has read; written together with the answers
);

CREATE INDEX export_open ON export (name) WHERE open;

CREATE TABLE watermark (
    account TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    mark    TEXT    NOT NULL, -- the end of the published time range, as the server wrote it
    filters TEXT    NOT NULL, -- what the export left out: the mark says nothing about that
    run     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, kind, name)
) WITHOUT ROWID;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- As goose makes it: the migrations that these tables already include.
CREATE TABLE goose_db_version (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL,
    is_applied INTEGER NOT NULL,
    tstamp     TIMESTAMP DEFAULT (datetime('now'))
);

INSERT INTO goose_db_version (version_id, is_applied)
VALUES (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1);
