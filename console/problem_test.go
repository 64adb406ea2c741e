package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// What the framework finds wrong inside the server tells the outside nothing.
func TestInternalErrorsStayInside(t *testing.T) {
	b, err := json.Marshal(huma.NewError(500, "dial 10.1.2.3", errors.New("dial 10.1.2.3: refused")))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("10.1.2.3")) || !bytes.Contains(b, []byte(`"code":"internal"`)) {
		t.Errorf("the answer is %s", b)
	}
}
