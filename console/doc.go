// Package console is the product's HTTP API and the server of its pages. It lets staff
// search posts and judge answers, units sign and answer their cases, leaders see how
// units respond, and administrators manage users and push keys.
//
// The API is described by the OpenAPI 3.1 document at /openapi.json, which OpenAPI also
// returns without a server; the browser application generates its types from it. Who may
// call what is declared beside each operation and enforced in one place (see access.go);
// the Store checks every actor once more.
//
// No operation looks for authors: the product scores events, never people. Pseudonyms
// never leave the index.
package console
