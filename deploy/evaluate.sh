#!/usr/bin/env bash
# Measures the analyser on the labelled sets of HUIYING_SHARED/data and writes a report for each into docs/evaluation.
# The sets are public messages that we may not pass on: the reports name rows by their line and quote none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${HUIYING_SHARED:?names no folder with labelled sets (data/labels_dev.jsonl and so on)}"
data=$HUIYING_SHARED/data out=docs/evaluation
mkdir -p "$out"
summary=$(mktemp)
trap 'rm -f "$summary"' EXIT

# measure REPORT FILE [flags] evaluates one set and prints its row of the summary. The task is what stands before the
# hyphen of the report's name.
measure() {
  local report=$1 task=${1%%-*} file=$2
  shift 2
  bin/huiying eval --task "$task" --data "$data/$file" --report "$out/$report.md" --json "$@" | tail -1 |
    sed -E 's/^\{"task":"[^"]*","rows":([0-9]+),"labelled":[0-9]+,?(.*)\}$/\1 | \2/; s/"([a-z0-9_]+)":/\1 /g; s/(\.[0-9]{3})[0-9]+/\1/g; s/,/, /g; s/[a-z0-9_]+ null(, )?//g; s/, \$//' |
    sed "s#^#| [$report]($report.md) | $file | #; s#\$# |#"
}

{
  echo "# How well the analyser judges"
  echo
  echo "Written by \`make evaluation\`, at $(git describe --always --dirty). Each task has its report."
  echo
  echo "| task | data | rows | metrics |"
  echo "|---|---|---:|---|"
  measure topic7 topic7_valid921.jsonl
  measure topic31 labels_dev.jsonl
  measure risk labels_dev.jsonl
  measure kinds labels_dev.jsonl
  measure sentiment labels_dev.jsonl
  measure intent labels_dev.jsonl
  measure emotion emotion_dev.jsonl
  measure events messages_2019.jsonl --gold "$data/events_dev.jsonl" --lookalikes "$data/not_events_dev.jsonl"
  measure reply reply_labels_dev.jsonl
  measure reply-human replies_2011_2020.jsonl --gold "$data/reply_human_labels_60.jsonl"
  measure burst spread_2010_2014.jsonl
  measure mask messages_2019.jsonl
} >"$summary"
cp "$summary" "$out/README.md"
echo "see $out/README.md"
