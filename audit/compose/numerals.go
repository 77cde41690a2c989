package compose

import (
	"fmt"
	"math/big"
	"slices"
)

// Numerals are what numbers of octets are explored: those up to a small one, and
// those at which implementations overflow. Any number of zeros may stand before
// them. What begins none of them is cut.
type numerals struct {
	base  int
	small int
	vals  []*big.Int
	whole []bool    // it is one of those, and not only begins one
	edges [][]int32 // by node and digit; -1 for none
}

// cutNumber is a number that isn't explored.
const cutNumber = ^uint16(0)

// overflows are the numbers that somebody can't hold: 2^31, 2^32, 2^63 and 2^64, as
// bits and what is added.
var overflows = [][2]int64{{31, 0}, {32, 0}, {32, 1}, {63, 0}, {64, 0}, {64, 1}}

func newNumerals(base, small int) *numerals {
	n := &numerals{base: base, small: small}
	for v := range small + 1 {
		n.node(big.NewInt(int64(v)), true)
	}
	for _, o := range overflows {
		v := new(big.Int).Lsh(big.NewInt(1), uint(o[0]))
		v.Add(v, big.NewInt(o[1]))
		for _, prefix := range prefixes(v, base) {
			n.node(prefix, prefix == v)
		}
	}
	n.edges = make([][]int32, len(n.vals))
	for i, v := range n.vals {
		n.edges[i] = make([]int32, base)
		for d := range base {
			to := new(big.Int).Add(new(big.Int).Mul(v, big.NewInt(int64(base))), big.NewInt(int64(d)))
			n.edges[i][d] = int32(slices.IndexFunc(n.vals, func(o *big.Int) bool { return o.Cmp(to) == 0 }))
		}
	}
	return n
}

// prefixes are v and what its first digits are.
func prefixes(v *big.Int, base int) (all []*big.Int) {
	for ; v.Sign() > 0; v = new(big.Int).Div(v, big.NewInt(int64(base))) {
		all = append(all, v)
	}
	return all
}

func (n *numerals) node(v *big.Int, isWhole bool) {
	i := slices.IndexFunc(n.vals, func(o *big.Int) bool { return o.Cmp(v) == 0 })
	if i < 0 {
		i = len(n.vals)
		n.vals, n.whole = append(n.vals, v), append(n.whole, false)
	}
	n.whole[i] = n.whole[i] || isWhole
}

// next is the number behind one digit more, or -1.
func (n *numerals) next(at uint16, digit int) int {
	if at == cutNumber {
		return -1
	}
	return int(n.edges[at][digit])
}

// above says whether a number is above the most that there may be.
func (n *numerals) above(at uint16, most uint64) bool {
	return n.vals[at].Cmp(new(big.Int).SetUint64(most)) > 0
}

// wraps says whether a number is another one to who keeps its lowest bits only.
func (n *numerals) wraps(at uint16, bits int) bool {
	return bits > 0 && at != cutNumber && n.vals[at].BitLen() > bits
}

// count is how many octets a number is, to who keeps its lowest bits only; bits 0
// is all of it.
func (n *numerals) count(at uint16, bits int) count {
	if at == cutNumber || !n.whole[at] {
		return count{huge: cutNumber}
	}
	v := n.vals[at]
	if bits > 0 {
		v = new(big.Int).And(v, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(bits)), big.NewInt(1)))
	}
	if v.Cmp(big.NewInt(int64(n.small))) <= 0 {
		return count{left: uint16(v.Int64())}
	}
	if i := slices.IndexFunc(n.vals, func(o *big.Int) bool { return o.Cmp(v) == 0 }); i >= 0 {
		return count{huge: uint16(i) + 1}
	}
	return count{huge: cutNumber}
}

// String is what is explored.
func (n *numerals) String() string {
	return fmt.Sprintf("0 to %d, 2^31, 2^32, 2^32+1, 2^63, 2^64 and 2^64+1", n.small)
}
