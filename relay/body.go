package relay

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

var (
	errNotObject = errors.New("the body must be one JSON object")
	errLargeBody = errors.New("the body is too large")
)

// readJSON decodes a body of at most limit bytes that is one JSON object. The
// status goes with the error. Strict refuses members that v does not have:
// owners' programs are ours, and a member that is silently ignored would be a
// restriction that silently does not hold.
//
// It decodes what comes as it comes: a file of 25 MiB is in memory often enough.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, strict bool, v any) (int, error) {
	body := bufio.NewReader(http.MaxBytesReader(w, r.Body, limit))
	err := opensObject(body)
	if err == nil {
		d := json.NewDecoder(body)
		if strict {
			d.DisallowUnknownFields()
		}
		if err = d.Decode(v); err == nil {
			if _, err = d.Token(); err == io.EOF {
				return 0, nil
			}
		}
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, errLargeBody
	}
	return http.StatusBadRequest, errNotObject
}

// reads is readJSON for owners' programs, or it answers why not.
func reads(w http.ResponseWriter, r *http.Request, limit int64, v any) bool {
	status, err := readJSON(w, r, limit, true, v)
	if err != nil {
		fail(w, status, err.Error())
	}
	return err == nil
}

// opensObject fails unless the next thing is an object: null would be decoded
// into anything.
func opensObject(body *bufio.Reader) error {
	for {
		switch c, err := body.ReadByte(); {
		case err != nil:
			return err
		case c == '{':
			return body.UnreadByte()
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return errNotObject
		}
	}
}
