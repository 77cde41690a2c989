package h1

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// A time as long as a number can be is as good as for ever, and not long past, once
// it is added to that of now.
func TestLongestTimes(t *testing.T) {
	var server Options
	var client ClientOptions
	for _, o := range []reflect.Value{reflect.ValueOf(&server).Elem(), reflect.ValueOf(&client).Elem()} {
		for i := range o.NumField() {
			if strings.HasSuffix(o.Type().Field(i).Name, "Ns") {
				o.Field(i).SetInt(math.MaxInt64)
			}
		}
	}
	for _, o := range []reflect.Value{reflect.ValueOf(server.withDefaults()), reflect.ValueOf(client.withDefaults())} {
		n := 0
		for i := range o.NumField() {
			name := o.Type().Field(i).Name
			if !strings.HasSuffix(name, "Ns") {
				continue
			}
			if n++; o.Field(i).Int() > longestNs {
				t.Errorf("%s.%s is %d", o.Type(), name, o.Field(i).Int())
			}
		}
		if n == 0 {
			t.Errorf("%s has no times", o.Type())
		}
	}
}
