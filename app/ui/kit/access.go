// SPDX-License-Identifier: EUPL-1.2

package kit

import "fyne.io/fyne/v2"

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
)

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
func (p *Pill) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (s *Segments) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (v *TextView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel implements fyne.Accessible.
func (n *Notice) AccessibilityLabel() string { return n.Words() }

// AccessibilityRole implements fyne.Accessible.
func (n *Notice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityRole implements fyne.Accessible.
func (b *railButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (t *headerTitle) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityRole implements fyne.Accessible.
func (l *RowList[K, T]) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }
