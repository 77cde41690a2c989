package compose

import "testing"

func TestProf(t *testing.T) {
	m := model(t)
	var given = map[string]string{}
	for _, s := range m.Sequences {
		for _, d := range m.Given(s) {
			t.Log(s.Name, d.Name, d.Values)
			given[d.Name] = d.Values[0]
		}
	}
	a, err := New(m, "response-message", Options{Given: given})
	if err != nil {
		t.Fatal(err)
	}
	r := (&Pair{A: a, B: a, MostConfigs: 40000}).Desync()
	t.Logf("%+v", r)
	count := map[Config]int{}
	for _, c := range a.configs {
		c.number = [numbersMax]uint16{}
		count[c]++
	}
	t.Log(len(a.configs), len(count))
	for i := 0; i < len(a.configs); i += len(a.configs) / 20 {
		t.Logf("%+v", a.configs[i])
	}
}
