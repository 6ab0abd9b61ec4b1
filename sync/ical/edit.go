// SPDX-License-Identifier: EUPL-1.2

package ical

import (
	"slices"
	"strings"
)

// Component gives the first sub-component of that name (in upper case), nil where there is none.
func (c *Component) Component(name string) *Component {
	for _, it := range c.Items {
		if it.Comp != nil && it.Comp.Name == name {
			return it.Comp
		}
	}
	return nil
}

// Components gives all sub-components of that name (in upper case); all there are for an empty name.
func (c *Component) Components(name string) []*Component {
	var all []*Component
	for _, it := range c.Items {
		if it.Comp != nil && (name == "" || it.Comp.Name == name) {
			all = append(all, it.Comp)
		}
	}
	return all
}

// Lines gives all lines of that name (in upper case) in their order; all there are for an empty name.
func (c *Component) Lines(name string) []*Line {
	var all []*Line
	for _, it := range c.Items {
		if it.Line != nil && (name == "" || it.Line.Name == name) {
			all = append(all, it.Line)
		}
	}
	return all
}

// Line gives the first line of that name (in upper case), nil where there is none.
func (c *Component) Line(name string) *Line {
	for _, it := range c.Items {
		if it.Line != nil && it.Line.Name == name {
			return it.Line
		}
	}
	return nil
}

// Value gives the raw value of the first line of that name, empty where there is none.
func (c *Component) Value(name string) string {
	if l := c.Line(name); l != nil {
		return l.Value()
	}
	return ""
}

// Text gives the value of the first line of that name with its escapes undone.
func (c *Component) Text(name string) string { return Text(c.Value(name)) }

// Closed reports whether the component has its END.
func (c *Component) Closed() bool { return c.end != "" || c.begin == "" }

// Close adds the END that is missing, here and in all sub-components.
func (c *Component) Close() {
	for _, it := range c.Items {
		if it.Comp != nil {
			it.Comp.Close()
		}
	}
	if !c.Closed() {
		c.end = "END:" + c.Name + c.eol
	}
}

// Set puts a line in the place of the first one of its name and removes the others; where there is none it is added
// after the other lines. A line that would not change is left as it is written.
func (c *Component) Set(name, params, value string) {
	l := NewLine(name, params, value)
	old := c.Line(name)
	if old == nil {
		c.Add(l)
		return
	}
	kept := c.Items[:0]
	for _, it := range c.Items {
		switch {
		case it.Line == old && old.content != l.content:
			kept = append(kept, Item{Line: c.folded(l)})
		case it.Line == nil || it.Line == old || it.Line.Name != name:
			kept = append(kept, it)
		}
	}
	c.Items = kept
}

// SetValue is Set that keeps the parameters of the line it replaces.
func (c *Component) SetValue(name, value string) {
	params := ""
	if old := c.Line(name); old != nil {
		params = old.RawParams()
	}
	c.Set(name, params, value)
}

// Replace puts a line in the place of another.
func (c *Component) Replace(old, l *Line) {
	for i, it := range c.Items {
		if it.Line == old {
			c.Items[i].Line = c.folded(l)
			return
		}
	}
}

// Add puts a line after the last line of its name, else behind the other lines, before the first sub-component.
func (c *Component) Add(l *Line) {
	at, behind := -1, len(c.Items)
	for i, it := range c.Items {
		if it.Comp != nil {
			behind = min(behind, i)
		} else if it.Line.Name == l.Name {
			at = i + 1
		}
	}
	if at < 0 {
		at = behind
		for at > 0 && c.Items[at-1].Line != nil && c.Items[at-1].Line.Name == "" {
			at--
		}
	}
	c.insert(at, Item{Line: c.folded(l)})
}

// AddComponent puts a component behind everything else.
func (c *Component) AddComponent(sub *Component) { c.insert(len(c.Items), Item{Comp: sub}) }

func (c *Component) insert(at int, it Item) {
	c.Items = append(c.Items, Item{})
	copy(c.Items[at+1:], c.Items[at:])
	c.Items[at] = it
}

// folded gives the line that is written into c: as it was read where it comes from a text, else folded.
func (c *Component) folded(l *Line) *Line {
	if l.raw == "" {
		l.raw = fold(l.content, c.eol)
	}
	return l
}

// Remove takes out all lines of the names (in upper case) and reports whether there was one.
func (c *Component) Remove(names ...string) bool {
	return c.RemoveFunc(func(l *Line) bool {
		for _, n := range names {
			if l.Name == n {
				return true
			}
		}
		return false
	})
}

// RemoveFunc takes out the lines that drop asks for and reports whether there was one.
func (c *Component) RemoveFunc(drop func(*Line) bool) bool {
	n := len(c.Items)
	kept := c.Items[:0]
	for _, it := range c.Items {
		if it.Line == nil || !drop(it.Line) {
			kept = append(kept, it)
		}
	}
	c.Items = kept
	return len(kept) != n
}

// RemoveComponent takes out a sub-component.
func (c *Component) RemoveComponent(sub *Component) {
	for i, it := range c.Items {
		if it.Comp == sub {
			c.Items = append(c.Items[:i], c.Items[i+1:]...)
			return
		}
	}
}

// Copy is an independent copy of a component.
func (c *Component) Copy() *Component {
	d := *c
	d.Items = make([]Item, len(c.Items))
	for i, it := range c.Items {
		if it.Comp != nil {
			d.Items[i].Comp = it.Comp.Copy()
		} else {
			l := *it.Line
			d.Items[i].Line = &l
		}
	}
	return &d
}

// New builds an empty component.
func New(name string) *Component {
	return &Component{Name: name, begin: "BEGIN:" + name + "\r\n", end: "END:" + name + "\r\n", eol: "\r\n"}
}

// Canonical is the line in a form that is the same for lines that mean the same however they were written: folds,
// case and order of parameters and needless quotes make no difference.
func (l *Line) Canonical() string {
	if l.RawParams() == "" {
		return l.Name + ":" + l.Value()
	}
	parts := make([]string, 0, 4)
	for _, p := range l.Params() {
		parts = append(parts, p.Name+"="+strings.Join(p.Values, "\x00"))
	}
	slices.Sort(parts)
	return l.Name + ";" + strings.Join(parts, ";") + ":" + l.Value()
}
