package h2

import "testing"

func TestPriority(t *testing.T) {
	for _, c := range []struct {
		value string
		want  Priority
	}{
		{"", Priority{3, false}},
		{"u=0", Priority{0, false}},
		{"u=7, i", Priority{7, true}},
		{"i", Priority{3, true}},
		{"i,u=1", Priority{1, true}},
		{"i=?1", Priority{3, true}},
		{"u=5, i=?0", Priority{5, false}},
		{"i, i=?0", Priority{3, false}},
		{"u=1, u=2", Priority{2, false}},
		{"u=8", Priority{3, false}},
		{"u=12", Priority{3, false}},
		{"u=-1", Priority{3, false}},
		{"u=1.5", Priority{3, false}},
		{"u=?1, i", Priority{3, true}},
		{"u=1;a=2", Priority{3, false}},
		{"i=1", Priority{3, false}},
		{"a, b=\"c, u=1\", u=2, d=(1 2;x \"3\");e=?0, f=:YQ==:", Priority{2, false}},
		{"*a-_.0=b/c:d, u=4", Priority{4, false}},
		{"u=1,", Priority{3, false}},
		{"u=1 i", Priority{3, false}},
		{"U=1", Priority{3, false}},
		{"u=1, \x00", Priority{3, false}},
	} {
		if got := parsePriority([]byte(c.value)); got != c.want {
			t.Errorf("%q: %v, want %v", c.value, got, c.want)
		}
	}
	s, f := section(sectionRequest, sectionLimits{}, parseFields(get+"priority: u=6\npriority: i"))
	if want := (Priority{6, true}); f != nil || s.Priority != want || !s.HasPriority {
		t.Errorf("%v, %v", s.Priority, f)
	}
	if s, _ := section(sectionRequest, sectionLimits{}, parseFields(get)); s.Priority != DefaultPriority || s.HasPriority {
		t.Errorf("%v without the field", s.Priority)
	}
}
