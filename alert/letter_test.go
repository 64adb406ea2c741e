package alert_test

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
)

// readLetter decodes a mail to "subject\n\nbody".
func readLetter(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return subject + "\n\n" + string(body), err
}
