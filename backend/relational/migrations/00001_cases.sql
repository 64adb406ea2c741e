-- The truth of the product: cases, their steps and deliveries, users, keys, ledger.
-- Both SQLite and PostgreSQL read this file. Instants are nanoseconds since 1970 UTC,
-- lists and reasons are JSON text. What only one database can say stands in dialect.go.

-- +goose Up
CREATE TABLE counters (
  name  TEXT NOT NULL PRIMARY KEY, -- 'ledger' or 'case/<year>'
  value BIGINT NOT NULL            -- the number given last; its row is the lock
);

CREATE TABLE cases (
  id               TEXT NOT NULL PRIMARY KEY,
  number           TEXT NOT NULL UNIQUE,
  event_id         TEXT NOT NULL UNIQUE,
  post_id          TEXT NOT NULL,
  source           TEXT NOT NULL,
  channel          TEXT NOT NULL,
  url              TEXT NOT NULL,
  title            TEXT NOT NULL,
  text             TEXT NOT NULL,
  topic            TEXT NOT NULL,
  risk             INTEGER NOT NULL,
  score            DOUBLE PRECISION NOT NULL,
  level            TEXT NOT NULL,
  state            TEXT NOT NULL,
  lead_unit        TEXT NOT NULL,
  co_units         TEXT NOT NULL,
  assessment       TEXT NOT NULL,
  reasons          TEXT NOT NULL,
  deadlines        TEXT NOT NULL,
  next_due         BIGINT, -- the earliest unmet deadline
  received_at      BIGINT NOT NULL,
  opened_at        BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  policy_version   TEXT NOT NULL,
  calendar_version TEXT NOT NULL,
  model_version    TEXT NOT NULL,
  revision         INTEGER NOT NULL
);
CREATE INDEX cases_opened ON cases (opened_at, id);
CREATE INDEX cases_state ON cases (state, opened_at, id);
CREATE INDEX cases_topic ON cases (topic, opened_at, id);
CREATE INDEX cases_level ON cases (level, opened_at, id);
-- All that the overdue lists and counts need, for the few cases that are not closed.
CREATE INDEX cases_due ON cases (next_due, opened_at, id, lead_unit, topic, state, level) WHERE next_due IS NOT NULL;

-- Which units take part in which case, with the columns that their lists filter by.
CREATE TABLE case_units (
  unit      TEXT NOT NULL,
  case_id   TEXT NOT NULL REFERENCES cases (id),
  state     TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  next_due  BIGINT,
  PRIMARY KEY (case_id, unit)
);
CREATE INDEX case_units_opened ON case_units (unit, opened_at, case_id);
CREATE INDEX case_units_state ON case_units (unit, state, opened_at, case_id);
CREATE INDEX case_units_due ON case_units (unit, next_due, state, opened_at, case_id) WHERE next_due IS NOT NULL;

-- How many cases there are, kept by every change so that no list has to count them.
CREATE TABLE tallies (
  unit  TEXT NOT NULL,
  lead  INTEGER NOT NULL, -- 1 when the unit leads, 0 when it helps
  topic TEXT NOT NULL,
  level TEXT NOT NULL,
  state TEXT NOT NULL,
  n     BIGINT NOT NULL,
  PRIMARY KEY (unit, lead, topic, level, state)
);

CREATE TABLE steps (
  case_id TEXT NOT NULL REFERENCES cases (id),
  seq     INTEGER NOT NULL,
  action  TEXT NOT NULL,
  before  TEXT NOT NULL,
  after   TEXT NOT NULL,
  actor   TEXT NOT NULL,
  role    TEXT NOT NULL,
  unit    TEXT NOT NULL,
  text    TEXT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (case_id, seq)
);

CREATE TABLE deliveries (
  id         TEXT NOT NULL PRIMARY KEY,
  case_id    TEXT NOT NULL REFERENCES cases (id),
  place      INTEGER NOT NULL, -- its place among the deliveries of the case
  unit       TEXT NOT NULL,
  channel    TEXT NOT NULL,
  target     TEXT NOT NULL,
  state      TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  error      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at    BIGINT,
  next_at    BIGINT NOT NULL, -- when it may be tried; while it is tried, when its lease ends
  claim      TEXT NOT NULL    -- who tries it now
);
CREATE INDEX deliveries_case ON deliveries (case_id, place);
CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 'pending';

CREATE TABLE users (
  name          TEXT NOT NULL PRIMARY KEY,
  role          TEXT NOT NULL,
  unit          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled      INTEGER NOT NULL,
  created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  user_name  TEXT NOT NULL REFERENCES users (name),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_name);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE push_keys (
  id          TEXT NOT NULL PRIMARY KEY,
  source      TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at  BIGINT NOT NULL,
  revoked_at  BIGINT
);

CREATE TABLE ledger (
  seq    BIGINT NOT NULL PRIMARY KEY,
  at     BIGINT NOT NULL,
  actor  TEXT NOT NULL,
  role   TEXT NOT NULL,
  action TEXT NOT NULL,
  kind   TEXT NOT NULL, -- the part of object before the colon
  object TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX ledger_object ON ledger (object, seq);
CREATE INDEX ledger_kind ON ledger (kind, seq);

CREATE TABLE secrets (
  name       TEXT NOT NULL PRIMARY KEY,
  value      TEXT NOT NULL, -- hex
  created_at BIGINT NOT NULL
);

CREATE TABLE progress (
  job        TEXT NOT NULL PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
