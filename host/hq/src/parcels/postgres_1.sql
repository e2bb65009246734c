-- Layout 1 of headquarters' database on PostgreSQL. A layout that has been released is never changed.
CREATE TABLE filed (
    post text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    received_at timestamptz NOT NULL,
    digest bytea NOT NULL,          -- SHA-256 of the parcel as it came
    ledger_line bigint NOT NULL,    -- the post's ledger head that the header carries
    ledger_hash bytea NOT NULL,
    PRIMARY KEY (post, sequence)
) PARTITION BY HASH (post);
CREATE TABLE parcel (
    post text NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    made_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    sealed bytea NOT NULL,          -- the parcel as it came
    PRIMARY KEY (post, sequence, received_at)
) PARTITION BY RANGE (received_at);
-- Sealed bytes do not shrink: the server need not try.
ALTER TABLE parcel ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- All parcels of a post up to a number are here: what its next receipt says.
CREATE TABLE progress (
    post text PRIMARY KEY,
    up_to bigint NOT NULL,
    ledger_line bigint NOT NULL,
    ledger_hash bytea NOT NULL
) WITH (fillfactor = 50);
-- Parcels that came under a number that another parcel has.
CREATE TABLE refusal (
    post text NOT NULL,
    sequence bigint NOT NULL,
    digest bytea NOT NULL,
    first_at timestamptz NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (post, sequence, digest)
);
CREATE TABLE checkpoint (
    post text NOT NULL,
    ledger_line bigint NOT NULL,
    ledger_hash bytea NOT NULL,
    signed bytea NOT NULL,          -- the box's word as it came
    received_at timestamptz NOT NULL,
    disputed boolean NOT NULL,      -- it does not go on from the one before
    PRIMARY KEY (post, ledger_line, ledger_hash)
);
CREATE TABLE contact (
    post text PRIMARY KEY,
    seen_at timestamptz NOT NULL,
    lease_until timestamptz NOT NULL
);
CREATE TABLE erased (
    post text NOT NULL,
    sequence bigint NOT NULL,
    digest bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    by_order text NOT NULL,
    PRIMARY KEY (post, sequence)
);
