#!/usr/bin/env bash
# Runs a test command beside real Kafka, Elasticsearch and PostgreSQL when they can be had, and says so loudly when
# not. With HUIYING_TEST_SERVERS=required it fails without them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if "$here/tools.sh" servers; then
  exec "$here/servers/servers.sh" run "$@"
fi
if [ "${HUIYING_TEST_SERVERS:-}" = required ]; then
  echo "real servers are required and cannot be had here" >&2
  exit 1
fi
cat >&2 <<'W'
****************************************************************************
 The tests on real Kafka, Elasticsearch and PostgreSQL are NOT RUN:
 the tools named above are missing. Only the embedded parts are tested.
****************************************************************************
W
exec "$@"
