package gen

// transitionMistakes are mistakes in transitions that answer, in actions and
// budgets, and in what the two ends of a connection see.
var transitionMistakes = []mistake{
	{
		name: "a costly row without a payer",
		file: "door.md", old: "| ajar | open | patience |", new: "| ajar | open | |",
		want:  []string{"spec/door.md:18: transitions door: the row costs work, and nothing pays for it; name a budget in the column pays"},
		shows: "| shut | received knock",
	},
	{
		name: "a stream error without a payer",
		file: "door.md", old: "an open door | | patience |", new: "an open door | | |",
		want:  []string{"spec/door.md:19: transitions door: the row costs octets, and nothing pays for it; name a budget in the column pays"},
		shows: "| ajar | received knock",
	},
	{
		name: "an unknown payer",
		file: "door.md", old: "| ajar | open | patience |", new: "| ajar | open | patience, virtue |",
		want:  []string{`spec/door.md:18: an unknown budget "virtue" pays; define it in a table | budget | refilled by | limit | means |`},
		shows: "| shut | received knock",
	},
	{
		name: "a payer of nothing",
		file: "door.md", old: "| ignore | listen | |", new: "| ignore | listen | patience |",
		want:  []string{"spec/door.md:20: transitions door: patience pays for nothing; leave pays empty, or name an action that costs something"},
		shows: "| barred | received knock",
	},
	{
		name: "a budget that pays for nothing",
		file: "door.md", old: "| patience | time | KnocksMax | knocks that are borne |", new: "| patience | time | KnocksMax | knocks that are borne |\n| virtue | nothing | None | its own reward |",
		want:  []string{`spec/door.md:10: the budget "virtue" pays for nothing; name it in a column pays, or remove it`},
		shows: "| virtue",
	},
	{
		name: "a budget without a limit",
		file: "door.md", old: "| patience | time | KnocksMax |", new: "| patience | time | |",
		want:  []string{"spec/door.md:9: the budget patience would never end, or never be refilled; say what refills it, and which limit it has"},
		shows: "| patience",
	},
	{
		name: "a budget that is defined twice",
		file: "door.md", old: "| patience | time | KnocksMax | knocks that are borne |", new: "| patience | time | KnocksMax | knocks that are borne |\n| patience | time | KnocksMax | knocks that are not |",
		want:  []string{"spec/door.md:10: a second budget with the name patience; the first is at spec/door.md:9"},
		shows: "| patience | time | KnocksMax | knocks that are not",
	},
	{
		name: "a payer of a connection error",
		file: "door.md", old: "a second bar | | |", new: "a second bar | | patience |",
		want:  []string{"spec/door.md:25: transitions door: a connection error is the last thing that happens, and needs no payer; leave action and pays empty"},
		shows: "| barred | bar",
	},
	{
		name: "an unknown action",
		file: "door.md", old: "| ignore | listen |", new: "| ignore | lisp |",
		want: []string{
			`spec/door.md:14: no row does "listen"; use it in a table of transitions, or remove it`,
			`spec/door.md:20: unknown action "lisp"; define it in a table | action | costs | means |`,
		},
		shows: "| listen",
	},
	{
		name: "an action that is defined twice",
		file: "door.md", old: "| listen | nothing | nobody does |", new: "| listen | nothing | nobody does |\n| listen | work | somebody does |",
		want:  []string{"spec/door.md:15: a second action with the name listen; the first is at spec/door.md:14"},
		shows: "| listen | work",
	},
	{
		name: "an action with an unknown cost",
		file: "door.md", old: "| open | work |", new: "| open | sweat |",
		want:  []string{`spec/door.md:13:10: unknown cost "sweat"; expected some of octets, memory, work, or nothing`},
		shows: "sweat",
	},
	{
		name: "an action without a cost",
		file: "door.md", old: "| listen | nothing |", new: "| listen | |",
		want:  []string{"spec/door.md:14:12: the action listen doesn't say what it costs; expected some of octets, memory, work, or nothing"},
		shows: "|",
	},
	{
		name: "an unknown error code",
		file: "door.md", old: "stream error: STREAM_CLOSED,", new: "stream error: DOOR_CLOSED,",
		want:  []string{`spec/door.md:19:27: unknown error code "DOOR_CLOSED"; expected a code of the table of error codes`},
		shows: "stream error: DOOR_CLOSED",
	},
	{
		name: "an error that doesn't say what is wrong",
		file: "door.md", old: "connection error: PROTOCOL_ERROR, a second bar", new: "connection error: PROTOCOL_ERROR",
		want:  []string{`spec/door.md:25:18: the error "PROTOCOL_ERROR" doesn't say what is wrong; write connection error: CODE, and behind a comma what is wrong`},
		shows: "connection error: PROTOCOL_ERROR",
	},
	{
		name: "an answer that is no state",
		file: "door.md", old: "| barred | received knock | ignore |", new: "| barred | received knock | ignored |",
		want:  []string{`spec/door.md:20: "ignored" is not a state of door: no row says what happens in it; expected the same, ignore, stream error: CODE, RULE, connection error: CODE, RULE, error: NAME, or one of: shut, ajar, barred`},
		shows: "| barred | received knock | ignored",
	},
	{
		name: "a trap",
		file: "door.md", old: "| shut, ajar | bar | barred |", new: "| shut | bar | barred |",
		also:  []string{"| barred | bar | connection", "| ajar, barred | bar | connection"},
		want:  []string{"spec/door.md:16: transitions door: the state ajar is a trap: no end can be reached from it; add a way to barred, or list it as an end"},
		shows: "| transitions door",
	},
	{
		name: "transitions without an end",
		file: "door.md", old: "| end of door | because |\n|---|---|\n| barred | nobody comes in |\n", new: "",
		want:  []string{"spec/door.md:16: transitions door: no state is an end; add a table | end of door | because |"},
		shows: "| transitions door",
	},
	{
		name: "an end that is no state",
		file: "door.md", old: "| barred | nobody comes in |", new: "| bared | nobody comes in |",
		want:  []string{`spec/door.md:29: "bared" is not a state of door; expected one of: shut, ajar, barred`},
		shows: "| bared",
	},
	{
		name: "an end of nothing",
		file: "door.md", old: "| end of door |", new: "| end of doors |",
		want:  []string{`spec/door.md:27: there are no transitions "doors"; expected the name of a table of transitions`},
		shows: "| end of doors",
	},
	{
		name: "an unlisted asymmetry",
		file: "door.md", old: "| ajar | sent knock | error: the door is open |", new: "| ajar | sent knock | the same |",
		want:  []string{"spec/door.md:16: transitions door: knock in state ajar is asymmetric: it may be sent, and is an error to the peer, which is ajar; correct one of the two rows, or list it in a table | asymmetry of door | event | because | requirement |"},
		shows: "| transitions door",
	},
	{
		name: "an asymmetry of what becomes of it",
		file: "door.md", old: "| shut | sent knock | ajar |", new: "| shut | sent knock | the same |",
		want:  []string{"spec/door.md:16: transitions door: knock in state shut is asymmetric: we are shut then, and the peer ajar; correct one of the two rows, or list it in a table | asymmetry of door | event | because | requirement |"},
		shows: "| transitions door",
	},
	{
		name: "an asymmetry that is none",
		file: "door.md", old: "| barred | knock | who", new: "| barred, shut | knock | who",
		want:  []string{"spec/door.md:39: transitions door: knock in state shut is symmetric; remove it from the table of asymmetries"},
		shows: "| barred, shut",
	},
	{
		name: "an asymmetry without a reason",
		file: "door.md", old: "| barred | knock | who has barred the door hears nothing |", new: "| barred | knock | |",
		want:  []string{"spec/door.md:39: an asymmetry without a reason; say why, in the column because"},
		shows: "| barred | knock | |",
	},
	{
		name: "an asymmetry of an unknown state",
		file: "door.md", old: "| barred | knock | who", new: "| bared | knock | who",
		want:  []string{`spec/door.md:39: "bared" is not a state of door; expected one of: shut, ajar, barred`},
		shows: "| bared",
	},
	{
		name: "an asymmetry without duals",
		file: "door.md", old: "| dual of door | is |\n|---|---|\n| shut | shut |\n| ajar | ajar |\n| barred | barred |\n", new: "",
		want:  []string{"spec/door.md:32: door has no duals, so nothing is asymmetric; add a table | dual of door | is |"},
		shows: "| asymmetry of door",
	},
	{
		name: "a dual that is missing",
		file: "door.md", old: "| ajar | ajar |\n", new: "",
		want:  []string{"spec/door.md:31: ajar has no dual; add a row"},
		shows: "| dual of door",
	},
	{
		name: "two duals",
		file: "door.md", old: "| ajar | ajar |\n", new: "| ajar | ajar |\n| ajar | ajar |\n",
		want:  []string{"spec/door.md:35: a second dual of ajar; one of them is enough"},
		shows: "| ajar | ajar |",
	},
	{
		name: "a dual that isn't mutual",
		file: "door.md", old: "| ajar | ajar |\n", new: "| ajar | shut |\n",
		want:  []string{"spec/door.md:31: the dual of ajar is shut, and that of shut is shut; a dual is mutual"},
		shows: "| dual of door",
	},
	{
		name: "a dual that is no state",
		file: "door.md", old: "| ajar | ajar |\n", new: "| ajar | ajar |\n| bared | barred |\n",
		want:  []string{`spec/door.md:35: "bared" is not a state of door; expected one of: shut, ajar, barred`},
		shows: "| bared",
	},
}
