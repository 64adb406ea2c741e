// Package ingest takes rows from collectors and puts them on the log as posts:
// check, normalise, mask personal data, give the author a pseudonym, tell repeats,
// publish. Nothing is written anywhere before it is masked.
//
// The collectors are its children: file (exports in CSV, XLSX and JSON Lines) and
// push (HTTP). They know the Intake through an interface of their own.
package ingest
