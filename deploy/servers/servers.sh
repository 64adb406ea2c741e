#!/usr/bin/env bash
# Real Kafka 4.1.1, Elasticsearch 8.19.9 and PostgreSQL on loopback, from ordinary packages and without
# containers, for tests and trials.
#
#   servers.sh fetch                 download the jars once (about 85 MB) and check their sums
#   servers.sh up DIR [NAME…]        start kafka, elastic and postgres (or those named) with their data in DIR,
#                                    each on a free port; the addresses are then in DIR/env
#   servers.sh down DIR              stop what `up DIR` started, and nothing else
#   servers.sh run COMMAND…          up in a new directory, COMMAND with the addresses in its environment, down
#
# HUIYING_CACHE is where the jars are kept (default ~/.cache/huiying). Needs java ≥ 17, javac, mvn and Debian's
# postgresql package. Every process is told from others by its id and start time, so that a server that
# somebody else started is left alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${HUIYING_CACHE:-$HOME/.cache/huiying}/servers
all=(kafka elastic postgres)

die() { echo "servers.sh: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is missing: apt-get install $2"; }

fetch() {
  need java openjdk-17-jdk-headless; need javac openjdk-17-jdk-headless; need mvn maven
  mkdir -p "$cache"
  exec 9>"$cache/lock"; flock 9 # two test runs at once share one download
  for s in kafka elastic; do
    [ -e "$cache/$s/verified" ] && continue
    echo "servers.sh: fetching $s" >&2
    rm -rf "${cache:?}/$s"
    mvn -q -B -f "$here/$s/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/$s" -DincludeScope=runtime >&2
    (cd "$cache/$s" && sha256sum --quiet --strict -c "$here/$s/jars.sha256") || die "$s: a jar differs from $here/$s/jars.sha256"
    touch "$cache/$s/verified"
  done
  if [ ! -e "$cache/elastic-node/OneNode.class" ]; then
    mkdir -p "$cache/elastic-node" "$cache/elastic-module"
    mv "$cache"/elastic/transport-netty4*.jar "$cache"/elastic/netty-*.jar "$cache/elastic-module/"
    javac -cp "$cache/elastic/*" -d "$cache/elastic-node" "$here/elastic/OneNode.java"
  fi
  exec 9>&-
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { # a port p with p and p+1 unused
  local p
  for _ in $(seq 1 200); do
    p=$((20000 + (RANDOM * 32768 + RANDOM) % 20000))
    listening "$p" || listening $((p + 1)) || { echo "$p"; return; }
  done
  die "no free port between 20000 and 40000"
}
started() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; } # start time in clock ticks, with the id it names one process
remember() { echo "$2 $(started "$2")" >"$1/pid"; }
running() { local id at; { read -r id at <"$1/pid"; } 2>/dev/null && [ -n "$at" ] && [ "$(started "$id")" = "$at" ]; }
await() { # dir name test…
  local dir=$1 name=$2; shift 2
  for _ in $(seq 1 480); do
    "$@" >/dev/null 2>&1 && return 0
    running "$dir" || { tail -n 20 "$dir/out" >&2; die "$name ended while it started (log: $dir/out)"; }
    sleep 0.25
  done
  die "$name did not answer within two minutes (log: $dir/out)"
}

up_kafka() {
  local dir=$1 port id
  port=$(free_port)
  cat >"$dir/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
P
  if [ ! -e "$dir/log/meta.properties" ]; then
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | head -c 22)
    java -cp "$cache/kafka/*" kafka.tools.StorageTool format -t "$id" -c "$dir/server.properties" >"$dir/format.out" 2>&1 ||
      { cat "$dir/format.out" >&2; die "kafka: format failed"; }
  fi
  nohup java -Xmx512m -cp "$cache/kafka/*" kafka.Kafka "$dir/server.properties" >"$dir/out" 2>&1 &
  remember "$dir" $!
  await "$dir" kafka listening "$port"
  echo "HUIYING_TEST_KAFKA=127.0.0.1:$port"
}

up_elastic() {
  local dir=$1 port module=$1/modules/transport-netty4
  port=$(free_port)
  mkdir -p "$dir/config" "$dir/plugins" "$module"
  cp -n "$cache"/elastic-module/*.jar "$module/"
  cat >"$module/plugin-descriptor.properties" <<P
description=transport
version=8.19.9
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=17
elasticsearch.version=8.19.9
modulename=org.elasticsearch.transport.netty4
extended.plugins=
has.native.controller=false
P
  cat >"$dir/config/elasticsearch.yml" <<P
cluster.name: huiying-test
node.name: node-1
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: $((port + 1))
cluster.routing.allocation.disk.threshold_enabled: false
P
  (cd "$cache/elastic-node" && exec nohup java -Xmx512m --module-path "$cache/elastic" \
    --add-modules=jdk.net,jdk.management.agent,ALL-MODULE-PATH -cp . OneNode "$dir" >"$dir/out" 2>&1) &
  remember "$dir" $!
  await "$dir" elasticsearch curl -fs "http://127.0.0.1:$port/_cluster/health?wait_for_status=yellow&timeout=1s"
  echo "HUIYING_TEST_ELASTIC=http://127.0.0.1:$port"
}

up_postgres() {
  local dir=$1 port bin as=()
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$bin" ] || bin=$(dirname "$(command -v postgres || die "postgres is missing: apt-get install postgresql")")
  port=$(free_port)
  if [ "$(id -u)" = 0 ]; then # initdb refuses root
    chown postgres "$dir"; as=(setpriv --reuid postgres --regid postgres --init-groups)
  fi
  [ -e "$dir/db/PG_VERSION" ] || (cd / && "${as[@]}" "$bin/initdb" -D "$dir/db" -U postgres -A trust -E UTF8 --locale=C.UTF-8) >"$dir/initdb.out" 2>&1 ||
    { cat "$dir/initdb.out" >&2; die "postgres: initdb failed; can the user postgres reach $dir?"; }
  (cd / && exec "${as[@]}" nohup "$bin/postgres" -D "$dir/db" -h 127.0.0.1 -p "$port" -k "$dir" -c max_connections=200) >"$dir/out" 2>&1 &
  remember "$dir" $!
  await "$dir" postgres "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"
  echo "HUIYING_TEST_POSTGRES=postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"
}

up() {
  local dir=$1 s; shift
  [ $# -gt 0 ] || set -- "${all[@]}"
  mkdir -p "$dir"; dir=$(cd "$dir" && pwd); chmod a+rx "$dir"
  fetch
  : >"$dir/env.new"
  for s in "$@"; do
    mkdir -p "$dir/$s"
    running "$dir/$s" && die "$s runs already with its data in $dir; stop it first: servers.sh down $dir"
    "up_$s" "$dir/$s" >>"$dir/env.new"
  done
  mv "$dir/env.new" "$dir/env"
}

down() {
  local dir=$1 s id _
  for s in "${all[@]}"; do
    running "$dir/$s" || { rm -f "$dir/$s/pid"; continue; }
    read -r id _ <"$dir/$s/pid"
    if [ "$s" = postgres ]; then kill -INT "$id"; else kill "$id"; fi
    for _ in $(seq 1 80); do running "$dir/$s" || break; sleep 0.25; done
    running "$dir/$s" && kill -KILL "$id"
    rm -f "$dir/$s/pid"
  done
}

run() {
  local code=0
  run_dir=$(mktemp -d)
  trap 'down "$run_dir"; rm -rf "$run_dir"' EXIT
  up "$run_dir"
  set -a; . "$run_dir/env"; set +a
  "$@" || code=$?
  return "$code"
}

case "${1:-}" in
fetch) fetch ;;
up) [ $# -ge 2 ] || die "up needs a directory"; shift; up "$@" ;;
down) [ $# -eq 2 ] || die "down needs a directory"; down "$2" ;;
run) [ $# -ge 2 ] || die "run needs a command"; shift; run "$@" ;;
*) sed -n '2,/^set/p' "${BASH_SOURCE[0]}" | sed -n 's/^# \{0,1\}//p'; exit 2 ;;
esac
