package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// transitions prints a table of states and events.
func (e *emitter) transitions(t *Transitions) {
	f := e.file(t.States.Room, t.Doc)
	typ := exported(t.Name)
	e.enumOf(f, t.States, "is a state of "+t.Name+".")
	var events []string
	for _, v := range t.Events {
		events = append(events, eventName(t, v))
	}
	e.enum(f, typ+"Event", "is an event of "+t.Name+".", events, t.Events)
	if t.Answers {
		e.answers(f, t)
		return
	}

	misuse := slices.ContainsFunc(t.Rows, func(r *TransitionRow) bool { return r.Error != "" })
	doc(f, "On is the state after event e. If the table answers the event with an error in state s, the state stays and wrong names the error; it is empty otherwise.")
	f.Func().Params(jen.Id("s").Id(typ)).Id("On").Params(jen.Id("e").Id(typ+"Event")).Params(jen.Id("next").Id(typ), jen.Id("wrong").String()).BlockFunc(func(g *jen.Group) {
		e.tookCell(g, t)
		g.Id("cell").Op(":=").Id(unexported(typ) + "Cells").Index(jen.Id("s")).Index(jen.Id("e"))
		if misuse {
			g.Return(jen.Id("cell").Dot("next"), jen.Id("cell").Dot("wrong"))
		} else {
			g.Return(jen.Id("cell"), jen.Lit(""))
		}
	})
	f.Line()
	cell := jen.Id(typ)
	if misuse {
		cell = jen.Struct(jen.Id("next").Id(typ), jen.Id("wrong").String())
	}
	// LifecycleOnHead: LifecycleContent,
	e.grid(f, t, cell, func(s, ev string) *jen.Statement {
		next, wrong := t.Next(s, ev)
		if misuse {
			return jen.Values(jen.Id(valueName(t.Name, next)), jen.Lit(wrong))
		}
		return jen.Id(valueName(t.Name, next))
	})
}

func eventName(t *Transitions, event string) string {
	return exported(t.Name) + "On" + exported(event)
}

// grid prints the cells of a table.
func (e *emitter) grid(f *jen.File, t *Transitions, typ *jen.Statement, cell func(state, event string) *jen.Statement) {
	name := unexported(exported(t.Name)) + "Cells"
	f.Comment("// " + name + " is the whole grid, made from these rows:")
	for _, r := range t.Rows {
		f.Comment("// " + r.Row.String())
	}
	// var lifecycleCells = [5][8]Lifecycle{
	//	LifecycleIdle: {
	//		…
	f.Var().Id(name).Op("=").Index(jen.Lit(len(t.States.Values))).Index(jen.Lit(len(t.Events))).Add(typ).ValuesFunc(func(g *jen.Group) {
		for _, s := range t.States.Values {
			g.Line().Id(valueName(t.Name, s)).Op(":").ValuesFunc(func(g *jen.Group) {
				for _, ev := range t.Events {
					g.Line().Id(eventName(t, ev)).Op(":").Add(cell(s, ev))
				}
				g.Line()
			})
		}
		g.Line()
	})
	f.Line()
}

// answers prints a table whose answers say more than a state.
func (e *emitter) answers(f *jen.File, t *Transitions) {
	typ := exported(t.Name)
	frames := func(name string) *jen.Statement { return e.qual("frames", name) }
	f.ImportName(e.importPath("frames"), "frames")
	if len(t.Actions) > 0 {
		values, text := []string{typ + "ActionNone"}, []string{"none"}
		for _, a := range t.Actions {
			values, text = append(values, typ+"Action"+exported(a)), append(text, a)
		}
		e.enum(f, typ+"Action", "is what an answer of "+t.Name+" makes us do.", values, text)
	}
	doc(f, typ+"Answer is what "+t.Name+" says to an event.")
	// type StreamStateAnswer struct {
	//	Next StreamState
	//	…
	f.Type().Id(typ + "Answer").StructFunc(func(g *jen.Group) {
		g.Id("Next").Id(typ).Comment("the state then; with an error or Ignore it is the state before")
		g.Id("Scope").Add(frames("Scope")).Comment("of the error; frames.ScopeNone for none")
		g.Id("Code").Add(frames("ErrorCode")).Comment("of an error of the stream or the connection")
		if len(t.Actions) > 0 {
			g.Id("Action").Id(typ + "Action").Comment("what is to be done")
		}
		if e.pays(t) {
			g.Id("Pays").Id("Budget").Comment("who pays for it: all of these")
		}
		g.Id("Ignore").Bool().Comment("nothing changes and nobody is told, though the action is done")
		g.Id("Rule").String().Comment("what is wrong, and the section; empty unless there is an error")
	})
	f.Line()
	doc(f, "On is the answer to event e in state s.")
	// func (s StreamState) On(e StreamStateEvent) StreamStateAnswer {
	//	return streamStateCells[s][e]
	// }
	f.Func().Params(jen.Id("s").Id(typ)).Id("On").Params(jen.Id("e").Id(typ + "Event")).Id(typ + "Answer").BlockFunc(func(g *jen.Group) {
		e.tookCell(g, t)
		g.Return(jen.Id(unexported(typ) + "Cells").Index(jen.Id("s")).Index(jen.Id("e")))
	})
	f.Line()
	// StreamStateOnReceivedData: {Next: StreamStateOpen, Action: …},
	e.grid(f, t, jen.Id(typ+"Answer"), func(s, ev string) *jen.Statement {
		r := t.Cells[[2]string{s, ev}]
		next, _ := t.Next(s, ev)
		return jen.ValuesFunc(func(g *jen.Group) {
			g.Id("Next").Op(":").Id(valueName(t.Name, next))
			if r.Scope != ScopeNone {
				g.Id("Scope").Op(":").Add(frames("Scope" + exported(string(r.Scope))))
			}
			if r.Code != "" {
				g.Id("Code").Op(":").Add(frames("Code" + e.m.errorCode(r.Code).Into))
			}
			if r.Action != "" {
				g.Id("Action").Op(":").Id(typ + "Action" + exported(r.Action))
			}
			if len(r.Pays) > 0 {
				v := jen.Null()
				for i, b := range r.Pays {
					if i > 0 {
						v.Op("|")
					}
					v.Id("Budget" + exported(b))
				}
				g.Id("Pays").Op(":").Add(v)
			}
			if r.Ignore {
				g.Id("Ignore").Op(":").True()
			}
			if r.Scope != ScopeNone {
				g.Id("Rule").Op(":").Lit(r.Rule())
			}
		})
	})
}

// pays says whether any row names who pays.
func (e *emitter) pays(t *Transitions) bool {
	return slices.ContainsFunc(t.Rows, func(r *TransitionRow) bool { return len(r.Pays) > 0 })
}

// budgets prints the budgets, those of each room.
func (e *emitter) budgets() {
	rooms := map[string][]*Budget{}
	for _, b := range e.m.Budgets {
		if e.hasRoom(b.Room) {
			rooms[b.Room] = append(rooms[b.Room], b)
		}
	}
	for room, all := range rooms { // in any order: each has a file of its own
		f := e.file(room, all[0].Doc)
		doc(f, "Budget is a set of what pays for what a peer makes us do.")
		f.Type().Id("Budget").Uint16()
		f.Line()
		f.Comment("// The budgets.")
		// const (
		//	// BudgetConcurrentStreams is StreamsMax, refilled by …
		//	BudgetConcurrentStreams Budget = 1 << iota
		f.Const().DefsFunc(func(g *jen.Group) {
			for i, b := range all {
				comment(g, "Budget"+exported(b.Name)+": "+b.Means+". Its limit is "+b.Limit+"; it is refilled by "+b.Refilled+".")
				s := g.Id("Budget" + exported(b.Name))
				if i == 0 {
					s.Id("Budget").Op("=").Lit(1).Op("<<").Iota()
				}
			}
		})
		f.Line()
		doc(f, "Has says whether all of x are in b.")
		f.Func().Params(jen.Id("b").Id("Budget")).Id("Has").Params(jen.Id("x").Id("Budget")).Bool().Block(
			jen.Return(jen.Id("b").Op("&").Id("x").Op("==").Id("x")))
		f.Line()
		doc(f, "Limit is the name of the limit of a budget; empty for none, or for several.")
		f.Func().Params(jen.Id("b").Id("Budget")).Id("Limit").Params().String().Block(
			jen.Switch(jen.Id("b")).BlockFunc(func(g *jen.Group) {
				for _, b := range all {
					g.Case(jen.Id("Budget" + exported(b.Name))).Block(jen.Return(jen.Lit(b.Limit)))
				}
			}),
			jen.Return(jen.Lit("")))
		f.Line()
	}
}
