package relay

import (
	"bytes"
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
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, strict bool, v any) (int, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, errLargeBody
	}
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return http.StatusBadRequest, errNotObject
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if strict {
		d.DisallowUnknownFields()
	}
	if d.Decode(v) != nil {
		return http.StatusBadRequest, errNotObject
	}
	if _, err := d.Token(); err != io.EOF {
		return http.StatusBadRequest, errNotObject
	}
	return 0, nil
}
