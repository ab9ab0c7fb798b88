package entra_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/entra"
)

// night is the moment of the one real body that is public.
var night = time.Date(2020, 9, 28, 21, 43, 7, 0, time.UTC)

// dial is a clock that stands where it was set.
type dial struct {
	mu  sync.Mutex
	now time.Time
}

func (d *dial) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dial) Sleep(ctx context.Context, by time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
	return ctx.Err()
}

const path = "/kaede.example/oauth2/v2.0/token"

// app is what a client that may have a token sends, with changes: "name=value",
// or "name=" to leave it out.
func app(changes ...string) url.Values {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"relay"}, "client_secret": {"s3cret&+"},
		"scope": {"https://outlook.office365.com/.default"},
	}
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		if form.Set(name, value); value == "" {
			form.Del(name)
		}
	}
	return form
}

func strict() *entra.Server {
	return &entra.Server{
		Seed: 7, Clock: &dial{now: night},
		Clients: entra.Clients{"kaede.example": {"relay": "s3cret&+", "phone": ""}},
	}
}

// post asks the handler and returns what it answered.
func post(s *entra.Server, path string, form url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// token asks for one.
func token(t *testing.T, s *entra.Server, changes ...string) string {
	t.Helper()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	answer := text(t, post(s, path, app(changes...)))
	if err := json.Unmarshal([]byte(answer), &body); err != nil || body.AccessToken == "" {
		t.Fatalf("no token: %v in %s", err, answer)
	}
	return body.AccessToken
}

// TestGolden: bodies and headers, to the byte.
func TestGolden(t *testing.T) {
	answer := post(strict(), path, app())
	body := text(t, answer)
	shape := regexp.MustCompile(`^\{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,` +
		`"access_token":"[\w-]+\.[\w-]+\.[\w-]+"\}$`)
	if answer.StatusCode != 200 || !shape.MatchString(body) {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
	headers := map[string]string{
		"Cache-Control": "no-store, no-cache", "Pragma": "no-cache",
		"Content-Type": "application/json; charset=utf-8", "Date": "Mon, 28 Sep 2020 21:43:07 GMT",
	}
	for name, want := range headers {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	down := strict()
	down.Faults = func(entra.Request) *entra.Act { return &entra.Act{Do: entra.Unavailable} }
	answer = post(down, path, app())
	ids := map[string]string{
		"T": answer.Header.Get("x-ms-request-id"), "C": answer.Header.Get("client-request-id"),
	}
	want := `{"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error ` +
		`has occurred. Please try again.\r\nTrace ID: ` + ids["T"] + `\r\nCorrelation ID: ` + ids["C"] +
		`\r\nTimestamp: 2020-09-28 21:43:07Z","error_codes":[90033],"timestamp":"2020-09-28 21:43:07Z",` +
		`"trace_id":"` + ids["T"] + `","correlation_id":"` + ids["C"] +
		`","error_uri":"https://login.microsoftonline.com/error?code=90033"}`
	if diff := cmp.Diff(want, text(t, answer)); diff != "" || answer.StatusCode != 503 {
		t.Errorf("%d %s", answer.StatusCode, diff)
	}
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !guid.MatchString(ids["T"]) || !guid.MatchString(ids["C"]) || ids["T"] == ids["C"] {
		t.Error(ids)
	}
}

// TestRefusals: each wrong request gets the error that Entra has for it.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		path, change string
		status       int
		name, says   string
	}{
		{path, "client_secret=wrong", 401, "invalid_client", "AADSTS7000215: Invalid client secret"},
		{path, "client_secret=", 401, "invalid_client", "AADSTS7000218: The request body must"},
		{
			path, "client_id=stranger", 400, "unauthorized_client",
			"AADSTS700016: Application with identifier 'stranger' was not found in the directory " +
				"'kaede.example'.",
		},
		{path, "client_id=a<b&", 400, "unauthorized_client", "identifier 'a<b&' was"},
		{path, "grant_type=", 400, "invalid_request", "AADSTS900144: The request body must contain " +
			"the following parameter: 'grant_type'."},
		{path, "client_id=", 400, "invalid_request", "'client_id'."},
		{path, "scope=", 400, "invalid_request", "'scope'."},
		{path, "grant_type=refresh_token", 400, "invalid_request", "'refresh_token'."},
		{path, "grant_type=password", 400, "unsupported_grant_type", "AADSTS70003: "},
		{path, "scope=https://outlook.office.com/SMTP.Send", 400, "invalid_scope", "AADSTS1002012: "},
		{path, "client_id=phone", 401, "invalid_client", "AADSTS7000215: "},
		{"/momiji.example/oauth2/v2.0/token", "", 400, "invalid_request", "AADSTS90002: Tenant 'momiji"},
	} {
		answer := post(strict(), c.path, app(c.change))
		var body struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		raw := text(t, answer)
		if err := json.Unmarshal([]byte(raw), &body); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != c.status || body.Error != c.name ||
			!strings.Contains(body.Description, c.says) || strings.Contains(raw, `\u00`) {
			t.Errorf("%s: %d %+v", c.change, answer.StatusCode, body)
		}
	}
}

// TestElsewhere: other paths, methods and bodies.
func TestElsewhere(t *testing.T) {
	for _, p := range []string{"/", "/a/b/oauth2/v2.0/token", "/oauth2/v2.0/token", "/a/oauth2/token"} {
		if answer := post(strict(), p, app()); answer.StatusCode != 404 {
			t.Errorf("%s: %d", p, answer.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	strict().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Received a GET request") {
		t.Error(w.Code, w.Body)
	}
	long := app("client_assertion=" + strings.Repeat("x", 70<<10))
	if answer := post(strict(), path, long); answer.StatusCode != 400 {
		t.Error(answer.StatusCode)
	}
}

// TestTolerance: what other clients send and Entra takes.
func TestTolerance(t *testing.T) {
	fresh := post(strict(), path, app("grant_type=refresh_token", "refresh_token=r1", "scope=a b"))
	if body := text(t, fresh); !strings.Contains(body, `"scope":"a b"`) ||
		!strings.HasSuffix(body, `"refresh_token":"r1"}`) {
		t.Error(body)
	}
	public := app("client_id=phone", "client_secret=", "grant_type=refresh_token", "refresh_token=r")
	if answer := post(strict(), path, public); answer.StatusCode != 200 {
		t.Error(text(t, answer))
	}
	if answer := post(&entra.Server{}, path, app("client_secret=", "client_assertion=a.b.c")); answer.
		StatusCode != 200 {
		t.Error(text(t, answer))
	}
	if answer := post(&entra.Server{}, path, app("client_secret=")); answer.StatusCode != 401 {
		t.Error(text(t, answer))
	}
	forged := app("client_id=phone", "client_secret=", "client_assertion=a.b.c")
	if answer := post(strict(), path, forged); answer.StatusCode != 401 {
		t.Error(text(t, answer))
	}
	basic := app("client_id=", "client_secret=")
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(basic.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("client-request-id", "C80BCF3D-5B3E-4D4F-9B0A-000000000001")
	r.SetBasicAuth("relay", url.QueryEscape("s3cret&+"))
	w := httptest.NewRecorder()
	strict().ServeHTTP(w, r)
	if w.Code != 200 || w.Header().Get("client-request-id") != "c80bcf3d-5b3e-4d4f-9b0a-000000000001" {
		t.Error(w.Code, w.Header(), w.Body)
	}
}

// TestSeed: the same seed says the same, another one does not, and no two
// requests of one server are given the same ids or tokens.
func TestSeed(t *testing.T) {
	a, b, c := strict(), strict(), strict()
	c.Seed++
	first, second := text(t, post(a, path, app())), text(t, post(a, path, app()))
	if same := text(t, post(b, path, app())); same != first {
		t.Error("the same seed gave another token")
	}
	if other := text(t, post(c, path, app())); other == first || second == first {
		t.Error("a token was given twice")
	}
}

// TestEnded: the record says who asked, what was answered, and no secret.
func TestEnded(t *testing.T) {
	var got []entra.Result
	s := strict()
	s.Ended = func(r entra.Result) { got = append(got, r) }
	s.Faults = func(r entra.Request) *entra.Act {
		if r.Ordinal == 2 {
			return &entra.Act{Do: entra.Throttle, Fault: "storm", Delay: time.Minute}
		}
		return nil
	}
	for _, change := range []string{"scope=https://graph.microsoft.com/.default", "", "client_secret=x"} {
		post(s, path, app(change))
	}
	asked := entra.Request{
		At: night, Tenant: "kaede.example", Client: "relay", Grant: "client_credentials",
		Scope: "https://outlook.office365.com/.default", Peer: "192.0.2.1:1234",
	}
	want := []entra.Result{
		{Request: asked, Status: 200, Issued: true, Ended: night},
		{Request: asked, Status: 429, Fault: "storm", Ended: night.Add(time.Minute)},
		{Request: asked, Status: 401, Code: 7000215, Ended: night.Add(time.Minute)},
	}
	for i := range want {
		want[i].Ordinal = uint64(i + 1)
	}
	want[0].Scope = "https://graph.microsoft.com/.default"
	want[2].At = night.Add(time.Minute)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestClaims: a client that looks into its token finds what it expects.
func TestClaims(t *testing.T) {
	parts := strings.Split(token(t, strict()), ".")
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"aud":"https://outlook.office365.com","iss":"https://sts.windows.net/kaede.example/",` +
		`"iat":1601329387,"exp":1601332986,"appid":"relay","tid":"kaede.example","ord":1}`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Error(diff)
	}
}

// TestCurl: a real client over a socket.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	s := strict()
	web := httptest.NewServer(s)
	defer web.Close()
	out, err := exec.Command(curl, "-sS", "--max-time", "20", "--data-urlencode", "client_secret=s3cret&+",
		"-d", "grant_type=client_credentials&client_id=relay",
		"-d", "scope=https://outlook.office365.com/.default", web.URL+path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(out, &body); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if tenant, client, err := s.Verify(body.AccessToken); err != nil || tenant != "kaede.example" ||
		client != "relay" {
		t.Error(tenant, client, err)
	}
}
