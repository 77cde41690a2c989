package h1

import "testing"

// TestDateField holds that Date is a date or isn't there: nothing else can be
// brought into a head by it.
func TestDateField(t *testing.T) {
	var none, epoch, last Date
	epoch.Set(0)
	last.Set(1 << 62)
	for _, c := range []struct {
		name string
		date *Date
		want string
	}{
		{"nil", nil, ""},
		{"zero", &none, ""},
		{"the epoch", &epoch, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"},
		{"no year of four digits", &last, "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"},
	} {
		if got := string(c.date.append(nil)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
