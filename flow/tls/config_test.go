package tls

import (
	"crypto/tls"
	"reflect"
	"testing"
)

// cache is a ClientSessionCache that is asked.
type cache struct{ gets, puts int }

func (c *cache) Get(string) (*tls.ClientSessionState, bool) { c.gets++; return nil, false }
func (c *cache) Put(string, *tls.ClientSessionState)        { c.puts++ }

// Every callback of a handshake is called while its slot is others'. One that
// crypto/tls adds fails here until somebody has looked at when it is called.
func TestCallbacksGiveTheirSlotsUp(t *testing.T) {
	waited, called := 0, 0
	wait := func(f func()) { waited++; f() }
	config := &tls.Config{}
	v := reflect.ValueOf(config).Elem()
	var names []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Type.Kind() != reflect.Func || !field.IsExported() || field.Name == "Time" { // which is called at any time
			continue
		}
		names = append(names, field.Name)
		v.Field(i).Set(reflect.MakeFunc(field.Type, func([]reflect.Value) (out []reflect.Value) {
			called++
			for k := range field.Type.NumOut() {
				out = append(out, reflect.Zero(field.Type.Out(k)))
			}
			return out
		}))
	}
	kept := &cache{}
	config.ClientSessionCache = kept
	c := clone(config, wait)
	cloned := reflect.ValueOf(c).Elem()
	for _, name := range names {
		waited, called = 0, 0
		f := cloned.FieldByName(name)
		var in []reflect.Value
		for k := range f.Type().NumIn() {
			in = append(in, reflect.Zero(f.Type().In(k)))
		}
		f.Call(in)
		if waited != 1 || called != 1 {
			t.Errorf("%s: it is called %d times, %d of them where it may wait", name, called, waited)
		}
	}
	if len(names) < 9 {
		t.Errorf("only %v are looked at", names)
	}
	waited = 0
	c.ClientSessionCache.Get("")
	c.ClientSessionCache.Put("", nil) // also by reading, where there is no slot
	if waited != 1 || kept.gets != 1 || kept.puts != 1 {
		t.Errorf("the cache: waited %d times, %+v", waited, kept)
	}
}
