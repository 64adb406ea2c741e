#!/usr/bin/env bash
# Says which tools are missing, and how to get them: tools.sh build | servers | browser
set -euo pipefail
missing=0
need() { # command, what it is for, how to get it
  command -v "$1" >/dev/null && return
  echo "missing: $1 ($2). $3" >&2
  missing=1
}
case "${1:-build}" in
build)
  need go "compiles the product" "Install Go 1.26 or later from https://go.dev/dl/"
  need g++ "compiles the word segmenter" "apt-get install g++"
  need node "builds the pages" "Install Node.js 20 or later: apt-get install nodejs npm"
  need npm "builds the pages" "apt-get install npm"
  need git "names the version" "apt-get install git"
  ;;
servers)
  need java "runs Kafka and Elasticsearch" "apt-get install openjdk-17-jdk-headless"
  need javac "starts Elasticsearch" "apt-get install openjdk-17-jdk-headless"
  need mvn "fetches Kafka and Elasticsearch" "apt-get install maven"
  need curl "asks whether they are ready" "apt-get install curl"
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need postgres "is the store" "apt-get install postgresql"
  ;;
browser)
  need chromium "opens the pages" "apt-get install chromium"
  ;;
*)
  echo "tools.sh build | servers | browser" >&2
  exit 2
  ;;
esac
exit "$missing"
