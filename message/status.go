package message

import "strconv"

// Status is a status code (RFC 9110, Section 15). Codes without a name here
// are as good as those with one.
type Status uint16

// The registered status codes, with the reason phrases of RFC 9110, Section 15,
// and of the documents named beside them.
const (
	StatusContinue           Status = 100
	StatusSwitchingProtocols Status = 101
	StatusEarlyHints         Status = 103 // RFC 8297

	StatusOK                   Status = 200
	StatusCreated              Status = 201
	StatusAccepted             Status = 202
	StatusNonAuthoritativeInfo Status = 203
	StatusNoContent            Status = 204
	StatusResetContent         Status = 205
	StatusPartialContent       Status = 206

	StatusMultipleChoices   Status = 300
	StatusMovedPermanently  Status = 301
	StatusFound             Status = 302
	StatusSeeOther          Status = 303
	StatusNotModified       Status = 304
	StatusUseProxy          Status = 305
	StatusTemporaryRedirect Status = 307
	StatusPermanentRedirect Status = 308

	StatusBadRequest                  Status = 400
	StatusUnauthorized                Status = 401
	StatusPaymentRequired             Status = 402
	StatusForbidden                   Status = 403
	StatusNotFound                    Status = 404
	StatusMethodNotAllowed            Status = 405
	StatusNotAcceptable               Status = 406
	StatusProxyAuthRequired           Status = 407
	StatusRequestTimeout              Status = 408
	StatusConflict                    Status = 409
	StatusGone                        Status = 410
	StatusLengthRequired              Status = 411
	StatusPreconditionFailed          Status = 412
	StatusContentTooLarge             Status = 413
	StatusURITooLong                  Status = 414
	StatusUnsupportedMediaType        Status = 415
	StatusRangeNotSatisfiable         Status = 416
	StatusExpectationFailed           Status = 417
	StatusMisdirectedRequest          Status = 421
	StatusUnprocessableContent        Status = 422
	StatusTooEarly                    Status = 425 // RFC 8470
	StatusUpgradeRequired             Status = 426
	StatusPreconditionRequired        Status = 428 // RFC 6585
	StatusTooManyRequests             Status = 429 // RFC 6585
	StatusRequestHeaderFieldsTooLarge Status = 431 // RFC 6585
	StatusUnavailableForLegalReasons  Status = 451 // RFC 7725

	StatusInternalServerError           Status = 500
	StatusNotImplemented                Status = 501
	StatusBadGateway                    Status = 502
	StatusServiceUnavailable            Status = 503
	StatusGatewayTimeout                Status = 504
	StatusHTTPVersionNotSupported       Status = 505
	StatusNetworkAuthenticationRequired Status = 511 // RFC 6585
)

var reasons = [...]string{
	StatusContinue:           "Continue",
	StatusSwitchingProtocols: "Switching Protocols",
	StatusEarlyHints:         "Early Hints",

	StatusOK:                   "OK",
	StatusCreated:              "Created",
	StatusAccepted:             "Accepted",
	StatusNonAuthoritativeInfo: "Non-Authoritative Information",
	StatusNoContent:            "No Content",
	StatusResetContent:         "Reset Content",
	StatusPartialContent:       "Partial Content",

	StatusMultipleChoices:   "Multiple Choices",
	StatusMovedPermanently:  "Moved Permanently",
	StatusFound:             "Found",
	StatusSeeOther:          "See Other",
	StatusNotModified:       "Not Modified",
	StatusUseProxy:          "Use Proxy",
	StatusTemporaryRedirect: "Temporary Redirect",
	StatusPermanentRedirect: "Permanent Redirect",

	StatusBadRequest:                  "Bad Request",
	StatusUnauthorized:                "Unauthorized",
	StatusPaymentRequired:             "Payment Required",
	StatusForbidden:                   "Forbidden",
	StatusNotFound:                    "Not Found",
	StatusMethodNotAllowed:            "Method Not Allowed",
	StatusNotAcceptable:               "Not Acceptable",
	StatusProxyAuthRequired:           "Proxy Authentication Required",
	StatusRequestTimeout:              "Request Timeout",
	StatusConflict:                    "Conflict",
	StatusGone:                        "Gone",
	StatusLengthRequired:              "Length Required",
	StatusPreconditionFailed:          "Precondition Failed",
	StatusContentTooLarge:             "Content Too Large",
	StatusURITooLong:                  "URI Too Long",
	StatusUnsupportedMediaType:        "Unsupported Media Type",
	StatusRangeNotSatisfiable:         "Range Not Satisfiable",
	StatusExpectationFailed:           "Expectation Failed",
	StatusMisdirectedRequest:          "Misdirected Request",
	StatusUnprocessableContent:        "Unprocessable Content",
	StatusTooEarly:                    "Too Early",
	StatusUpgradeRequired:             "Upgrade Required",
	StatusPreconditionRequired:        "Precondition Required",
	StatusTooManyRequests:             "Too Many Requests",
	StatusRequestHeaderFieldsTooLarge: "Request Header Fields Too Large",
	StatusUnavailableForLegalReasons:  "Unavailable For Legal Reasons",

	StatusInternalServerError:           "Internal Server Error",
	StatusNotImplemented:                "Not Implemented",
	StatusBadGateway:                    "Bad Gateway",
	StatusServiceUnavailable:            "Service Unavailable",
	StatusGatewayTimeout:                "Gateway Timeout",
	StatusHTTPVersionNotSupported:       "HTTP Version Not Supported",
	StatusNetworkAuthenticationRequired: "Network Authentication Required",
}

// Reason is the reason phrase of a registered status code, and empty for any
// other. It has no meaning to a peer (RFC 9112, Section 4).
func (s Status) Reason() string {
	if int(s) < len(reasons) {
		return reasons[s]
	}
	return ""
}

// String is the code and its reason phrase: 404 Not Found.
func (s Status) String() string {
	text := strconv.Itoa(int(s))
	if reason := s.Reason(); reason != "" {
		text += " " + reason
	}
	return text
}

// IsInterim says whether responses of this status precede the final one
// (RFC 9110, Section 15.2).
func (s Status) IsInterim() bool { return s/100 == 1 }

// IsValid says whether the code has three digits and a class (RFC 9110,
// Section 15).
func (s Status) IsValid() bool { return s >= 100 && s <= 599 }
