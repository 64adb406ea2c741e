#!/usr/bin/env bash
# Drives a browser against a fresh installation with demonstration data. Without Chromium it says loudly that the tests
# are not run; with HUIYING_TEST_SERVERS=required it fails then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! deploy/tools.sh browser; then
  [ "${HUIYING_TEST_SERVERS:-}" = required ] && exit 1
  cat >&2 <<'W'
****************************************************************************
 The browser tests are NOT RUN: Chromium is missing.
****************************************************************************
W
  exit 0
fi

dir=$(mktemp -d)
bin/huiying serve --data "$dir/data" --listen 127.0.0.1:0 --demo >"$dir/out" 2>"$dir/err" &
server=$!
stop() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap stop EXIT
for _ in $(seq 1 300); do
  grep -q 'chengguanwei' "$dir/out" && break # the accounts are printed last
  kill -0 "$server" 2>/dev/null || { cat "$dir/err" >&2; echo "browser.sh: the server ended" >&2; exit 1; }
  sleep 0.2
done
account() { awk -v name="$1" '$1 == name { print $1 ":" $2 }' "$dir/out"; }

HUIYING_E2E_URL=$(sed -n 's/^ready //p' "$dir/out")
HUIYING_E2E_STAFF=$(account staff)
HUIYING_E2E_LEADER=$(account leader)
HUIYING_E2E_ADMIN=$(account admin)
HUIYING_E2E_UNIT=$(account chengguanwei)
HUIYING_E2E_CHROMIUM=$(command -v chromium)
export HUIYING_E2E_URL HUIYING_E2E_STAFF HUIYING_E2E_LEADER HUIYING_E2E_ADMIN HUIYING_E2E_UNIT HUIYING_E2E_CHROMIUM
cd console/web && npm run --silent e2e
