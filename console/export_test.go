package console

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Document gives the tests the document as huma keeps it, to check answers against.
func Document() *huma.OpenAPI { return (&server{}).register(http.NewServeMux()).OpenAPI() }

// CatalogueReasons lists the messages that exist.
func CatalogueReasons() map[string][2]string { return catalogue }

// NobodysHash is what unknown users are compared with.
const NobodysHash = nobodysHash

// PasswordCost is the cost of new hashes.
const PasswordCost = passwordCost
