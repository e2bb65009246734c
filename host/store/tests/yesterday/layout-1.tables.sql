-- The layout as version 1 was released. Never changed.
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    post TEXT NOT NULL,
    last_sequence INTEGER NOT NULL CHECK (last_sequence >= 0),
    officer_key BLOB NOT NULL CHECK (length(officer_key) = 32)
) STRICT;
CREATE TABLE ledger (
    line INTEGER PRIMARY KEY CHECK (line >= 1),
    sequence INTEGER UNIQUE,
    body BLOB NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER ledger_is_never_altered BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is never altered'); END;
CREATE TRIGGER ledger_is_never_shortened BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END;
CREATE TABLE encounters (
    sequence INTEGER PRIMARY KEY REFERENCES ledger (sequence),
    lane TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    advice TEXT NOT NULL,
    decision TEXT,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    record BLOB NOT NULL
) STRICT;
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY REFERENCES ledger (sequence),
    kind TEXT NOT NULL,
    made_at TEXT NOT NULL,
    parcel BLOB NOT NULL
) STRICT;
CREATE TABLE receipts (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    up_to INTEGER NOT NULL,
    at TEXT NOT NULL,
    receipt BLOB NOT NULL
) STRICT;
PRAGMA user_version = 1;
