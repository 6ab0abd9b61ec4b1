// SPDX-License-Identifier: EUPL-1.2

package kit

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
)

// Every widget says in words what it is to people who do not see it (EN 301 549, 11.5.2.5).
var (
	_ fyne.Accessible = (*Button)(nil)
	_ fyne.Accessible = (*Badge)(nil)
	_ fyne.Accessible = (*Label)(nil)
	_ fyne.Accessible = (*Paragraph)(nil)
	_ fyne.Accessible = (*Pill)(nil)
	_ fyne.Accessible = (*Segments)(nil)
	_ fyne.Accessible = (*TextView)(nil)
	_ fyne.Accessible = (*Notice)(nil)
	_ fyne.Accessible = (*railButton)(nil)
	_ fyne.Accessible = (*headerTitle)(nil)
	_ fyne.Accessible = (*RowList[int64, int64])(nil)
	_ fyne.Accessible = (*SideList)(nil)
	_ fyne.Accessible = (*Entry)(nil)
	_ fyne.Accessible = (*HeadBar)(nil)
	_ fyne.Accessible = (*DetailGrid)(nil)
	_ fyne.Accessible = (*Empty)(nil)
	_ fyne.Accessible = (*Progress)(nil)
	_ fyne.Accessible = (*splitLine)(nil)
)

// AccessibilityLabel implements fyne.Accessible: the name that was given, else the hint.
func (e *Entry) AccessibilityLabel() string {
	switch {
	case e.Name != "":
		return e.Name
	case e.PlaceHolder != e.cut:
		return e.PlaceHolder
	}
	return e.hint
}

// AccessibilityRole implements fyne.Accessible.
func (e *Entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (h *HeadBar) AccessibilityLabel() string {
	words := []string{h.title.Full()}
	if h.badge.shown {
		words = append(words, h.badge.label.Full())
	}
	if h.note.Full() != "" {
		words = append(words, h.note.Full())
	}
	return strings.Join(words, ", ")
}

// AccessibilityRole implements fyne.Accessible.
func (h *HeadBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (g *DetailGrid) AccessibilityLabel() string {
	words := make([]string, 0, len(g.rows))
	for _, r := range g.rows {
		words = append(words, r.Label+": "+r.Value)
	}
	return strings.Join(words, ", ")
}

// AccessibilityRole implements fyne.Accessible.
func (g *DetailGrid) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (e *Empty) AccessibilityLabel() string { return e.title.Words() + ". " + e.text.Words() }

// AccessibilityRole implements fyne.Accessible.
func (e *Empty) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (p *Progress) AccessibilityLabel() string { return fmt.Sprintf("%.0f %%", p.part*100) }

// AccessibilityRole implements fyne.Accessible.
func (p *Progress) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (l *splitLine) AccessibilityLabel() string { return i18n.T("ui.pane-width") }

// AccessibilityRole implements fyne.Accessible.
func (l *splitLine) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (b *Button) AccessibilityRole() fyne.AccessibleRole {
	if b.kind == link {
		return fyne.AccessibleRoleLink
	}
	return fyne.AccessibleRoleButton
}

// AccessibilityRole implements fyne.Accessible.
func (b *Badge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (l *Label) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (p *Paragraph) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (s *Segments) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (v *TextView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (n *Notice) AccessibilityLabel() string { return n.Words() }

// AccessibilityRole implements fyne.Accessible.
func (n *Notice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (l *RowList[K, T]) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
