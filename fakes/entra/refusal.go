package entra

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an error of the token endpoint: the HTTP status, the error of RFC
// 6749 section 5.2, and the number and text of Entra's own.
type refusal struct {
	status int
	name   string
	code   int
	text   string
}

// transient is what the endpoint answered in the outage of 2020-09-28 (S52).
var transient = refusal{
	http.StatusServiceUnavailable, "temporarily_unavailable", 90033,
	"A transient error has occurred. Please try again.",
}

// missing: public logs of 900144 name the parameter this way.
func missing(parameter string) *refusal {
	return &refusal{
		http.StatusBadRequest, "invalid_request", 900144,
		fmt.Sprintf("The request body must contain the following parameter: '%s'.", parameter),
	}
}

// check is why a request gets no token, nil if it gets one.
func (s *Server) check(q request) *refusal {
	switch {
	case q.method != http.MethodPost: // the text is public, the status from memory
		return &refusal{
			http.StatusBadRequest, "invalid_request", 900561, fmt.Sprintf(
				"The endpoint only accepts POST requests. Received a %s request.", q.method),
		}
	case q.Grant == "":
		return missing("grant_type")
	case q.Grant != "client_credentials" && q.Grant != "refresh_token":
		// The number is in Microsoft's list of AADSTS errors; the text is
		// from memory.
		return &refusal{
			http.StatusBadRequest, "unsupported_grant_type", 70003,
			fmt.Sprintf("The app requested an unsupported grant type '%s'.", q.Grant),
		}
	case q.Client == "":
		return missing("client_id")
	case q.Grant == "refresh_token" && q.refresh == "":
		return missing("refresh_token")
	case q.Grant == "client_credentials" && q.Scope == "":
		return missing("scope")
	case q.Grant == "client_credentials" && !strings.HasSuffix(q.Scope, "/.default"):
		// The text is that of public logs.
		return &refusal{
			http.StatusBadRequest, "invalid_scope", 1002012, fmt.Sprintf(
				"The provided value for scope %s is not valid. Client credential flows must have a "+
					"scope value with /.default suffixed to the resource identifier "+
					"(application ID URI).", q.Scope),
		}
	}
	return s.checkClient(q)
}

// checkClient compares the client with those that are known. The texts of
// 90002, 700016 and 7000215 are those of public logs, that of 7000218 too.
func (s *Server) checkClient(q request) *refusal {
	unproved := q.secret == "" && !q.asserted
	if unproved && (s.Clients == nil && q.Grant == "client_credentials") {
		return noProof()
	}
	if s.Clients == nil {
		return nil
	}
	tenant, ok := s.Clients[q.Tenant]
	if !ok {
		return &refusal{
			http.StatusBadRequest, "invalid_request", 90002, fmt.Sprintf(
				"Tenant '%s' not found. This may happen if there are no active subscriptions for the "+
					"tenant. Check to make sure you have the correct tenant ID. Check with your "+
					"subscription administrator.", q.Tenant),
		}
	}
	secret, ok := tenant[q.Client]
	switch {
	case !ok:
		return &refusal{
			http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf(
				"Application with identifier '%s' was not found in the directory '%s'. This can "+
					"happen if the application has not been installed by the administrator of the "+
					"tenant or consented to by any user in the tenant. You may have sent your "+
					"authentication request to the wrong tenant.", q.Client, q.Tenant),
		}
	case unproved && q.Grant == "refresh_token" && secret == "": // a public client
		return nil
	case unproved:
		return noProof()
	case subtle.ConstantTimeCompare([]byte(secret), []byte(q.secret)) == 0 || secret == "":
		return &refusal{
			http.StatusUnauthorized, "invalid_client", 7000215, fmt.Sprintf(
				"Invalid client secret provided. Ensure the secret being sent in the request is "+
					"the client secret value, not the client secret ID, for a secret added to "+
					"app '%s'.", q.Client),
		}
	}
	return nil
}

func noProof() *refusal {
	return &refusal{
		http.StatusUnauthorized, "invalid_client", 7000218,
		"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
	}
}
