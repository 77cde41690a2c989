package gen

// tableMistakes are mistakes in inputs, groups, decisions and transitions.
var tableMistakes = []mistake{
	{
		name: "transitions without an answer",
		file: "kind.md", old: "| other | cut | error: cut after another | | choice: a test |\n", new: "",
		want:  []string{"spec/kind.md:20: transitions kinds: missing cell: state other, event cut; add a row: every event must have an answer in every state"},
		shows: "| transitions kinds",
	},
	{
		name: "transitions with two answers",
		file: "kind.md", old: "| other | cut | error", new: "| other, cut | cut | error",
		want:  []string{"spec/kind.md:24: a second row for state cut and event cut; the first is at spec/kind.md:22"},
		shows: "| other, cut | cut |",
	},
	{
		name: "transitions to an unknown state",
		file: "kind.md", old: "| absent, cut | cut | cut |", new: "| absent, cut | cut | gone |",
		want:  []string{`spec/kind.md:22: "gone" is not a state of kinds: no row says what happens in it; expected the same, error: NAME, or one of: absent, cut, other`},
		shows: "| absent, cut | cut | gone |",
	},
	{
		name: "transitions from a state that is never reached",
		file: "size.md", old: "| bad | other, malformed", new: "| bad, lost | other, malformed",
		want:  []string{"spec/size.md:24: transitions sizes: dead row: the state lost can't be reached from absent; remove it, or add a way to it"},
		shows: "| bad, lost",
	},
	{
		name: "a row of transitions whose states are all unreachable",
		file: "size.md", old: "the same | | choice: a test |\n", new: "the same | | choice: a test |\n| lost | other, malformed, too large | bad | | choice: a test |\n",
		want:  []string{"spec/size.md:25: transitions sizes: dead row: the state lost can't be reached from absent; remove it, or add a way to it"},
		shows: "| lost |",
	},
	{
		name: "a row of transitions without states",
		file: "kind.md", old: "| absent, cut | cut | cut |", new: "| | cut | cut |",
		want:  []string{"spec/kind.md:22: the row says nothing; name at least one state and one event"},
		shows: "| | cut",
	},
	{
		name: "transitions with an action",
		file: "kind.md", old: "| absent, cut | cut | cut | |", new: "| absent, cut | cut | cut | count it |",
		want:  []string{`spec/kind.md:22:29: nothing is made of the action "count it"; leave it empty, or give the table a column pays: what such a table does must show in its states`},
		shows: "count it",
	},
	{
		name: "two tables of transitions with one name",
		file: "kind.md", old: "| transitions kinds |", new: "| transitions sizes |",
		want:  []string{"spec/size.md:19: a second input, decision or transition table with the name sizes; the first is at spec/kind.md:20"},
		shows: "| transitions sizes",
	},
	{
		name: "a decision without an answer",
		file: "message.md", old: "| unsized | calm | no cut | absent | none | choice: a test |\n", new: "",
		want: []string{
			"spec/message.md:16: decision request-body-length: missing cell: no row for mood calm, kinds absent, sizes absent; add a row for it",
			"spec/message.md:16: decision request-body-length: missing cell: no row for mood calm, kinds other, sizes absent; add a row for it",
		},
		shows: "| decision",
	},
	{
		name: "a decision whose rows overlap",
		file: "message.md", old: "| cut | calm | cut |", new: "| cut | calm, wild | cut |",
		want: []string{
			`spec/message.md:19: decision request-body-length: the rows "wild" (spec/message.md:18) and "cut" overlap, at mood wild, kinds cut, sizes absent; make the rows disjoint`,
			`spec/message.md:19: decision request-body-length: the rows "wild" (spec/message.md:18) and "cut" overlap, at mood wild, kinds cut, sizes bad; make the rows disjoint`,
			`spec/message.md:19: decision request-body-length: the rows "wild" (spec/message.md:18) and "cut" overlap, at mood wild, kinds cut, sizes one; make the rows disjoint`,
		},
		shows: "| cut | calm, wild",
	},
	{
		name: "a decision with a row that never matches",
		file: "message.md", old: "| unsized | calm |", new: "| calm | calm | cut | absent | none | choice: a test |\n| unsized | calm |",
		want: []string{
			`spec/message.md:21: decision request-body-length: dead row: "calm" is never the first to match; remove it, or correct its cells`,
			`spec/message.md:21: decision request-body-length: the rows "cut" (spec/message.md:19) and "calm" overlap, at mood calm, kinds cut, sizes absent; make the rows disjoint`,
		},
		shows: "| calm | calm |",
	},
	{
		name: "a decision by an unknown input",
		file: "message.md", old: "| decision request-body-length | mood |", new: "| decision request-body-length | moods |",
		want:  []string{`spec/message.md:16: decision request-body-length: unknown input "moods"; expected the name of an input, decision or transition table`},
		shows: "| decision",
	},
	{
		name: "an unknown value in a decision",
		file: "message.md", old: "| cut | calm | cut |", new: "| cut | calmer | cut |",
		want:  []string{`spec/message.md:19:9: "calmer" is not a value of mood; expected some of: calm, wild`},
		shows: "calmer",
	},
	{
		name: "an unknown group in a decision",
		file: "message.md", old: "| sized | calm | no cut | some size |", new: "| sized | calm | no cut | every size |",
		want:  []string{`spec/message.md:20:27: "every size" is not a value of sizes; expected some of: absent, one, bad; or a group: some size`},
		shows: "every size",
	},
	{
		name: "an empty cell in a decision",
		file: "message.md", old: "| sized | calm |", new: "| sized | |",
		want:  []string{"spec/message.md:20:11: the cell for mood is empty; name the values, or a group of them"},
		shows: "|",
	},
	{
		name: "a decision that refuses with an unknown error",
		file: "message.md", old: "some size | refuse: wild", new: "some size | refuse: wilder",
		want:  []string{`spec/message.md:18:51: unknown error "wilder"; define it in a table | error | status | means |`},
		shows: "refuse: wilder",
	},
	{
		name: "an error that no decision refuses with",
		file: "message.md", old: "| wild | 400 | the peer does not behave |", new: "| wild | 400 | the peer does not behave |\n| tame | 400 | the peer behaves too well |",
		want:  []string{`spec/message.md:15: no row refuses with "tame"; use it in a decision, or remove it`},
		shows: "| tame",
	},
	{
		name: "an error that is defined twice",
		file: "message.md", old: "| wild | 400 | the peer does not behave |", new: "| wild | 400 | the peer does not behave |\n| wild | 500 | we do not behave |",
		want:  []string{"spec/message.md:15: the error wild is defined twice; one of them is enough"},
		shows: "| wild | 500",
	},
	{
		name: "decisions that go in a circle",
		file: "message.md", old: "| error | status | means |",
		new: "| decision weather | climate | → outcome | requirement |\n|---|---|---|---|\n| rain | dry | rain | choice: a test |\n\n" +
			"| decision climate | weather | → outcome | requirement |\n|---|---|---|---|\n| dry | rain | dry | choice: a test |\n\n| error | status | means |",
		want:  []string{"spec/message.md:12: decisions go in a circle: weather asks climate asks weather; remove one of the inputs"},
		shows: "| decision weather",
	},
	{
		name: "an input with a value twice",
		file: "message.md", old: "| calm, wild |", new: "| calm, wild, calm |",
		want:  []string{"spec/message.md:10: mood has the value calm twice; name every value once"},
		shows: "| mood",
	},
	{
		name: "a group of an unknown input",
		file: "size.md", old: "| no cut | kinds |", new: "| no cut | kind |",
		want:  []string{`spec/size.md:29:12: a group of an unknown input "kind"; expected the name of an input, decision or transition table`},
		shows: "kind",
	},
	{
		name: "a group with the name of a value",
		file: "size.md", old: "| no cut | kinds |", new: "| cut | kinds |",
		want:  []string{"spec/size.md:29: a second group, or a value, of kinds with the name cut; give it another name"},
		shows: "| cut | kinds",
	},
	{
		name: "an unknown value in a group",
		file: "size.md", old: "| no cut | kinds | absent, other |", new: "| no cut | kinds | absent, others |",
		want:  []string{`spec/size.md:29:20: "others" is not a value of kinds; expected some of: absent, cut, other`},
		shows: "absent, others",
	},
}

// messageMistakes are mistakes in what a head feeds and in the sequence that
// reads a message.
var messageMistakes = []mistake{
	{
		name: "a feed of an unknown machine",
		file: "message.md", old: "| Kind | `kinds` |", new: "| Kind | `kind` |",
		want:  []string{`spec/message.md:5:10: unknown machine "kind"; expected a machine whose input is a value`},
		shows: "`kind`",
	},
	{
		name: "a feed of a machine that doesn't read values",
		file: "message.md", old: "| Kind | `kinds` |", new: "| Kind | `head` |",
		want:  []string{`spec/message.md:5:10: unknown machine "head"; expected a machine whose input is a value`},
		shows: "`head`",
	},
	{
		name: "a feed of an unknown field",
		file: "message.md", old: "| Kind | `kinds` |", new: "| Sort | `kinds` |",
		want:  []string{"spec/message.md:5: the field Sort is not a known name, so it has no id to go by; add it to the keyword set field-name"},
		shows: "| Sort",
	},
	{
		name: "a feed with an unknown outcome",
		file: "message.md", old: "| `kinds` | kinds |", new: "| `kinds` | kind |",
		want:  []string{`spec/message.md:5:20: unknown outcome "kind"; expected the name of a transition table`},
		shows: "kind",
	},
	{
		name: "a feed by a span that no machine keeps",
		file: "message.md", old: "| Size | `sizes` |", new: "| `kinds/Words` | `sizes` |",
		want:  []string{`spec/message.md:6: nothing is known of "kinds/Words"; expected the name of a field, or MACHINE/Span with a span that the machine keeps`},
		shows: "| `kinds/Words` | `sizes` | sizes |",
	},
	{
		name: "a field that is fed twice",
		file: "message.md", old: "| Size | `sizes` | sizes |", new: "| Size | `sizes` | sizes |\n| size | `sizes` | sizes |",
		want:  []string{"spec/message.md:7: the field size is fed twice, first at spec/message.md:6; remove one of the two"},
		shows: "| size | `sizes`",
	},
	{
		name: "an event of a machine without an answer",
		file: "kind.md", old: "other, malformed", new: "other",
		want:  []string{"spec/kind.md:20: transitions kinds: missing cell: machine kinds raises the event malformed; add rows for it"},
		shows: "| transitions kinds",
	},
	{
		name: "an answer to an event that no machine raises",
		file: "kind.md", old: "other, malformed", new: "other, malformed, misplaced",
		want:  []string{"spec/kind.md:20: transitions kinds: dead row: machine kinds never raises the event misplaced; remove the event; the machine raises: cut, other, malformed"},
		shows: "| transitions kinds",
	},
	{
		name: "a sequence that reads with an unknown machine",
		file: "message.md", old: "| tail | machine end | complete | end | choice: a test |\n", new: "| tail | machine ends | complete | end | choice: a test |\n", also: []string{"| tail | machine end | end of input", "| tail | machine ends | end of input"},
		want:  []string{`spec/message.md:28:10: unknown machine "ends"; expected the name of a machine`},
		shows: "machine ends",
	},
	{
		name: "a sequence that counts by an unknown number",
		file: "message.md", old: "sizes/Size octets | complete", new: "sizes/Octets octets | complete", also: []string{"sizes/Size octets | end of input", "sizes/Octets octets | end of input"},
		want:  []string{`spec/message.md:27:13: unknown reader "sizes/Octets octets"; expected machine NAME, octets to the end of input, or MACHINE/Number octets with a number that the machine yields`},
		shows: "sizes/Octets octets",
	},
	{
		name: "a sequence that goes to an unknown part",
		file: "message.md", old: "| complete | tail |", new: "| complete | tails |",
		want:  []string{`spec/message.md:27: after content and event complete comes an unknown part "tails"; expected end, or a part that has rows`},
		shows: "| content |",
	},
	{
		name: "a sequence without an answer to an outcome",
		file: "message.md", old: "| head | machine head | none | end | choice: a test |\n", new: "",
		want:  []string{"spec/message.md:25: sequence request-message: missing cell: head, event none; add a row for it"},
		shows: "| head | machine head | fixed",
	},
	{
		name: "a sequence that answers what can't happen",
		file: "message.md", old: "| tail | machine end | complete | end | choice: a test |", new: "| tail | machine end | complete | end | choice: a test |\n| tail | machine end | halved | end | choice: a test |",
		want:  []string{`spec/message.md:29: sequence request-message: dead row: tail never ends with event "halved"; expected one of: complete, end of input`},
		shows: "| tail | machine end | halved",
	},
	{
		name: "a sequence with two answers to one event",
		file: "message.md", old: "| tail | machine end | complete | end | choice: a test |", new: "| tail | machine end | complete | end | choice: a test |\n| tail | machine end | complete | head | choice: a test |",
		want:  []string{"spec/message.md:29: a second row for tail and event complete, first at spec/message.md:28; remove one of the two"},
		shows: "| tail | machine end | complete | head",
	},
	{
		name: "a part that reads two things",
		file: "message.md", old: "| head | machine head | fixed |", new: "| head | machine end | fixed |",
		want:  []string{`spec/message.md:26:10: head reads "machine end" here, and "machine head" at spec/message.md:25:10; write the same in all rows of a part`},
		shows: "machine end",
	},
	{
		name: "a part that is never reached",
		file: "message.md", old: "| complete | tail |", new: "| complete | end |",
		want:  []string{"spec/message.md:28: sequence request-message: dead row: tail can't be reached from head; remove it, or add a way to it"},
		shows: "| tail |",
	},
	{
		name: "a sequence whose head decides nothing",
		file: "message.md", old: "| sequence request-message |", new: "| sequence response-message |",
		want:  []string{"spec/message.md:23: sequence response-message: no decision says how long the body is; name a decision after the sequence"},
		shows: "| sequence",
	},
	{
		name: "a sequence that decides by a state that nothing is fed to",
		file: "message.md", old: "| input | values | room | means |\n|---|---|---|---|\n| mood | calm, wild | h1 | whether the peer behaves |",
		new:   "| transitions mood | event | → next | action | requirement |\n|---|---|---|---|---|\n| calm, wild | poke | wild | | choice: a test |",
		want:  []string{"spec/message.md:23: sequence request-message: nothing is fed to mood, which decides how long the body is; add a row for it to a table | field | machine | outcome | of this document"},
		shows: "| sequence",
	},
	{
		name: "a sequence that decides by a number that nothing yields",
		file: "message.md", old: "| mood | calm, wild |", new: "| mood | 0, 1 |",
		also:  []string{"| wild | wild | no cut", "| wild | 1 | no cut", "| cut | calm |", "| cut | 0 |", "| sized | calm |", "| sized | 0 |", "| unsized | calm |", "| unsized | 0 |"},
		want:  []string{"spec/message.md:23: sequence request-message: head yields no number Mood, which decides how long the body is; let the machine yield it as a number"},
		shows: "| sequence",
	},
	{
		name: "numbers from a larger to a smaller one",
		file: "message.md", old: "| mood | calm, wild |", new: "| mood | 3 to 1 |",
		want:  []string{`spec/message.md:10:10: there is nothing in "3 to 1"; write the smaller number first`},
		shows: "3 to 1",
	},
	{
		name: "a feed in a document without a sequence",
		file: "size.md", old: "| no cut | kinds | absent, other |", new: "| no cut | kinds | absent, other |\n\n| field | machine | outcome |\n|---|---|---|\n| Size | `sizes` | sizes |",
		want:  []string{"spec/size.md:33: no sequence in this document feeds the machine sizes; write it into the document of the sequence that reads the field"},
		shows: "| Size",
	},
	{
		name: "a machine with two outcomes",
		file: "message.md", old: "| Size | `sizes` | sizes |", new: "| Size | `sizes` | sizes |\n| Kind | `kinds` | sizes |",
		want: []string{
			"spec/message.md:7: the field Kind is fed twice, first at spec/message.md:5; remove one of the two",
			"spec/message.md:7: the machine kinds feeds sizes here, and kinds at spec/message.md:5; let a machine have one outcome",
			"spec/size.md:19: transitions sizes: dead row: machine kinds never raises the event too large; remove the event; the machine raises: cut, other, malformed",
			"spec/size.md:19: transitions sizes: missing cell: machine kinds raises the event cut; add rows for it",
		},
		shows: "| Kind",
	},
	{
		name: "a part without an answer to the end of input",
		file: "message.md", old: "| tail | machine end | end of input | refuse: wild | choice: a test |\n", new: "",
		want:  []string{"spec/message.md:28: sequence request-message: missing cell: tail, event end of input; add a row for it"},
		shows: "| tail |",
	},
	{
		name: "a part that refuses at another event",
		file: "message.md", old: "| tail | machine end | complete | end |", new: "| tail | machine end | complete | refuse: wild |",
		want:  []string{`spec/message.md:28:35: the event "complete" of a sequence can't refuse: only the end of input can; let the machine or a decision refuse`},
		shows: "refuse: wild",
	},
	{
		name: "an end of input that comes to an unknown error",
		file: "message.md", old: "| tail | machine end | end of input | refuse: wild |", new: "| tail | machine end | end of input | refuse: mild |",
		want:  []string{`spec/message.md:32:39: unknown error "mild"; define it in a table | error | status | means |`},
		shows: "refuse: mild",
	},
	{
		name: "an end of input before an element that nothing marks",
		file: "message.md", old: "end of input before line", new: "end of input before name",
		want:  []string{"spec/message.md:29:25: nothing tells where name begins; expected an element of head whose octets are limited"},
		shows: "end of input before name",
	},
}
