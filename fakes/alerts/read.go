package alerts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"
	"unicode/utf8"
)

// message is what Alertmanager's webhook_config sends, version "4", as its
// documentation has it. The fields read here are the same in the messages of
// Grafana, whose version is "1".
type message struct {
	Status   Status            `json:"status"`
	Receiver string            `json:"receiver"`
	Group    map[string]string `json:"groupLabels"`
	Alerts   []alert           `json:"alerts"`
}

type alert struct {
	Status      Status            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// read takes a body apart. It is JSON where its type or its first character
// says so, because curl calls everything a form.
func read(kind string, body []byte) ([]Alarm, error) {
	if !claimsJSON(kind, body) {
		return []Alarm{{Form: Plain, Status: Firing, Name: firstLine(string(body))}}, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, fmt.Errorf("the body is not a JSON object: %w", err)
	}
	if _, ok := fields["alerts"]; !ok {
		return []Alarm{plainObject(fields)}, nil
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("the body is not a message of Alertmanager: %w", err)
	}
	if len(m.Alerts) == 0 {
		return nil, errors.New("the message of Alertmanager has no alerts")
	}
	return m.alarms()
}

func (m message) alarms() ([]Alarm, error) {
	all := make([]Alarm, 0, len(m.Alerts))
	for n, a := range m.Alerts {
		if a.Status == "" {
			a.Status = m.Status
		}
		if a.Status != Firing && a.Status != Resolved {
			return nil, fmt.Errorf("the status of alert %d is %q, neither firing nor resolved",
				n+1, a.Status)
		}
		all = append(all, Alarm{
			Form: Alertmanager, Status: a.Status, Name: a.Labels["alertname"], Labels: a.Labels,
			Annotations: a.Annotations, StartsAt: a.StartsAt, EndsAt: a.EndsAt,
			Fingerprint: a.Fingerprint, Receiver: m.Receiver, Group: m.Group,
		})
	}
	return all, nil
}

// plainObject is an alarm in a form of somebody's own.
func plainObject(fields map[string]json.RawMessage) Alarm {
	alarm := Alarm{Form: Plain, Status: Firing}
	if strings.EqualFold(field(fields, "status"), string(Resolved)) {
		alarm.Status = Resolved
	}
	for _, name := range []string{"name", "title", "text", "message", "summary"} {
		if alarm.Name = firstLine(field(fields, name)); alarm.Name != "" {
			break
		}
	}
	return alarm
}

// field is a field's text, "" where it is none.
func field(fields map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(fields[name], &text) != nil {
		return ""
	}
	return text
}

func claimsJSON(kind string, body []byte) bool {
	kind, _, err := mime.ParseMediaType(kind)
	if err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) {
		return true
	}
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && body[0] == '{'
}

// maxName is the most bytes of a text that make a name.
const maxName = 200

// firstLine is the first line of a text that is not blank, cut where it is too
// long for a name.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	line = strings.ToValidUTF8(strings.TrimSpace(line), "\uFFFD")
	if len(line) > maxName {
		end := maxName
		for !utf8.RuneStart(line[end]) {
			end--
		}
		line = line[:end]
	}
	return line
}
