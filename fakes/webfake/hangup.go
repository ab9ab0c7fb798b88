package webfake

import "net/http"

// Hangup ends the request's connection with a FIN instead of an answer. It needs
// HTTP/1, whose connection can be taken over.
func Hangup(w http.ResponseWriter) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	return conn.Close()
}
