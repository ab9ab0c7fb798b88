package health

import "time"

// issue is a serviceHealthIssue; its fields stand in the order of S10.
type issue struct {
	Context        string   `json:"@odata.context,omitempty"`
	Start          moment   `json:"startDateTime"`
	End            *moment  `json:"endDateTime"`
	Modified       moment   `json:"lastModifiedDateTime"`
	Title          string   `json:"title"`
	ID             string   `json:"id"`
	Impact         string   `json:"impactDescription"`
	Classification string   `json:"classification"`
	Origin         string   `json:"origin"`
	Status         Status   `json:"status"`
	Service        string   `json:"service"`
	Feature        string   `json:"feature"`
	Group          string   `json:"featureGroup"`
	Resolved       bool     `json:"isResolved"`
	Details        []detail `json:"details"`
	Posts          []post   `json:"posts"`
}

type detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type post struct {
	Created     moment      `json:"createdDateTime"`
	Type        string      `json:"postType"`
	Description description `json:"description"`
}

type description struct {
	Type    string `json:"contentType"`
	Content string `json:"content"`
}

// overview is a serviceHealth.
type overview struct {
	Context string   `json:"@odata.context,omitempty"`
	Service string   `json:"service"`
	Status  Status   `json:"status"`
	ID      string   `json:"id"`
	Issues  []*issue `json:"issues,omitzero"`
}

// page is a collection, or what fits of it.
type page[T any] struct {
	Context string `json:"@odata.context"`
	Next    string `json:"@odata.nextLink,omitempty"`
	Value   []T    `json:"value"`
}

// moment is printed as S10 does: in UTC, with milliseconds only where there are
// any.
type moment struct{ time.Time }

// MarshalJSON hides that of time.Time.
func (m moment) MarshalJSON() ([]byte, error) {
	return m.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.999Z"`), nil
}

// failure is the error form of Microsoft Graph, as public logs show it.
type failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   inner  `json:"innerError"`
	} `json:"error"`
}

type inner struct {
	Date     string `json:"date"`
	ID       string `json:"request-id"`
	ClientID string `json:"client-request-id"`
}
