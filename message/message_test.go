package message

import (
	"slices"
	"testing"
	"time"
)

func TestAppendDate(t *testing.T) {
	times := []int64{0, 784111777, 951782400, 1709164800, 4107542399, -1, -62167219200, 253402300799, 68256000}
	for day := int64(-800000); day < 900000; day += 37 {
		times = append(times, day*secondsADay+day&0xFFFF)
	}
	for _, unix := range times {
		want := time.Unix(unix, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		if year := time.Unix(unix, 0).UTC().Year(); year < 0 || year > 9999 {
			continue
		}
		if got := string(AppendDate(nil, unix)); got != want {
			t.Fatalf("%d is %q, want %q", unix, got, want)
		}
	}
	for unix, want := range map[int64]string{1 << 40: "Fri, 31 Dec 9999 23:59:59 GMT", -1 << 40: "Sat, 01 Jan 0000 00:00:00 GMT"} {
		if got := string(AppendDate(nil, unix)); got != want {
			t.Errorf("%d is %q, want %q", unix, got, want)
		}
	}
	buffer := make([]byte, 0, DateOctets)
	if n := testing.AllocsPerRun(100, func() { buffer = AppendDate(buffer[:0], 784111777) }); n != 0 {
		t.Errorf("a date allocates %v times", n)
	}
}

func TestFields(t *testing.T) {
	arena := []byte("Host: a\r\nX-One: 1\r\nx-one: 2\r\n")
	fields := NewFields(arena, []FieldLine{
		{Name: Span{0, 4}, NameID: FieldNameHost, Value: Span{6, 7}},
		{Name: Span{9, 14}, Value: Span{16, 17}},
		{Name: Span{19, 24}, Value: Span{26, 27}},
	})
	if v, ok := fields.Get("x-ONE"); !ok || string(v) != "1" {
		t.Errorf("Get is the first: %q, %v", v, ok)
	}
	if v, ok := fields.GetID(FieldNameHost); !ok || string(v) != "a" {
		t.Errorf("GetID: %q, %v", v, ok)
	}
	if _, ok := fields.Get("x-on"); ok {
		t.Error("Get finds what isn't there")
	}
	if _, ok := fields.GetID(FieldNameVia); ok {
		t.Error("GetID finds what isn't there")
	}
	var all []string
	for name, value := range fields.All() {
		all = append(all, string(name)+"="+string(value))
	}
	if want := []string{"Host=a", "X-One=1", "x-one=2"}; !slices.Equal(all, want) || fields.Len() != 3 {
		t.Errorf("All: %q, want %q", all, want)
	}
	var values []string
	for value := range fields.Values("x-one") {
		values = append(values, string(value))
	}
	if want := []string{"1", "2"}; !slices.Equal(values, want) {
		t.Errorf("Values: %q, want %q", values, want)
	}
	if fields.ID(0) != FieldNameHost || string(fields.Name(2)) != "x-one" || string(fields.Value(2)) != "2" {
		t.Error("ID, Name or Value")
	}
	if n := testing.AllocsPerRun(100, func() { fields.Get("x-one") }); n != 0 {
		t.Errorf("Get allocates %v times", n)
	}
}

func TestStatus(t *testing.T) {
	if s := StatusNotFound.String(); s != "404 Not Found" {
		t.Error(s)
	}
	if s := Status(299).String(); s != "299" {
		t.Error(s)
	}
	if s := Status(999).Reason(); s != "" {
		t.Error(s)
	}
	for s := range Status(1000) {
		if s.IsValid() != (s >= 100 && s < 600) || s.IsInterim() != (s >= 100 && s < 200) {
			t.Errorf("status %d", s)
		}
	}
}

func TestInline(t *testing.T) {
	h := HandlerFunc(func(Exchange) {})
	if IsInline(h) || !IsInline(Inline(h)) || !IsInline(Inline(Inline(h))) {
		t.Error("IsInline")
	}
}
