package opinion

import (
	"errors"
	"fmt"
)

// Code is the fate of an error that a person or another program sees.
type Code string

// The codes. Ports return them wrapped in an *Error; everything else is internal.
const (
	CodeInvalid      Code = "invalid"      // the request can never succeed as it is
	CodeNotFound     Code = "not_found"    // no such thing, or not visible to the actor
	CodeConflict     Code = "conflict"     // it changed meanwhile, or exists already
	CodeForbidden    Code = "forbidden"    // the actor may not do this
	CodeUnauthorized Code = "unauthorized" // nobody is signed in, or the key is wrong
	CodeBusy         Code = "busy"         // try again later
	CodeUnavailable  Code = "unavailable"  // a server we need does not answer
)

// Error is an error with a code and a message that may be shown to a person.
type Error struct {
	Code    Code
	Message string
	// Field names the part of the input that is wrong, if one is.
	Field string
	Err   error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.Err)
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an *Error of the given code.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first *Error in err's chain, or "" if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
