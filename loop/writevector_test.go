package loop

import (
	"bytes"
	"io"
	"testing"
)

// blockingFlow counts what one call of writeVector makes it write. Like a
// socket it takes all that it is given, however long that takes.
type blockingFlow struct {
	io.ReadWriteCloser
	octets []byte
}

func (f *blockingFlow) Write(b []byte) (int, error) {
	f.octets = append(f.octets, b...)
	return len(b), nil
}

type vectoredFlow struct{ blockingFlow }

func (f *vectoredFlow) WriteVector(v [][]byte) (n int, err error) {
	for _, b := range v {
		k, _ := f.Write(b)
		n += k
	}
	return n, nil
}

// However long the slices are, one write takes little: the time that it may
// take is limited.
func TestWriteVectorIsBounded(t *testing.T) {
	large := bytes.Repeat([]byte("large"), 1<<20)
	for name, v := range map[string][][]byte{
		"one":                {large},
		"behind a small one": {[]byte("small"), large},
		"many":               {large[:40_000], large[:40_000], []byte("small"), large, large},
	} {
		all := bytes.Join(v, nil)
		plain, vectored := &blockingFlow{}, &vectoredFlow{}
		n, err := writeVector(plain, v)
		m, errVectored := writeVector(vectored, v)
		if n == 0 || n > writeOctetsMax || err != nil || !bytes.Equal(plain.octets, all[:n]) {
			t.Errorf("%s: %d octets in one write, %v", name, n, err)
		}
		if m == 0 || m > writeOctetsMax || errVectored != nil || !bytes.Equal(vectored.octets, all[:m]) {
			t.Errorf("%s: %d octets in one vectored write, %v", name, m, errVectored)
		}
		if !bytes.Equal(bytes.Join(v, nil), all) {
			t.Errorf("%s: the vector is changed", name)
		}
	}
}
