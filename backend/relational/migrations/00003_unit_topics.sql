-- Topics that units keep for themselves. What a topic says is JSON text, because nothing but
-- the whole of it is ever asked for.

-- +goose Up
CREATE TABLE unit_topics (
  id         TEXT NOT NULL PRIMARY KEY,
  unit       TEXT NOT NULL,
  name       TEXT NOT NULL,
  content    TEXT NOT NULL,
  active     INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  revision   INTEGER NOT NULL
);
CREATE INDEX unit_topics_unit ON unit_topics (unit, active, updated_at, id);
