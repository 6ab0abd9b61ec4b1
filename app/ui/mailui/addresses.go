// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"kontor/app/mail"
)

// badAddress is a recipient that cannot be written to. Part is what the person typed.
type badAddress struct{ Part string }

func (e *badAddress) Error() string { return fmt.Sprintf("%q is not a mail address", e.Part) }

// parseAddresses reads recipients as people type and paste them: separated by commas, semicolons or line breaks, with or
// without names, quoted or not. "Vogel, Katrin <k@stadt.example>" is one of them. It returns what it understood together
// with the first part that it did not.
func parseAddresses(typed string) ([]mail.Address, error) {
	var list []mail.Address
	var bad error
	parts := splitRecipients(typed)
	for i := 0; i < len(parts); i++ {
		part := parts[i]
		for !strings.Contains(part, "@") && i+1 < len(parts) && strings.Contains(parts[i+1], "<") && !strings.HasPrefix(parts[i+1], "<") {
			i++
			part += ", " + parts[i]
		}
		a, ok := parseAddress(part)
		if !ok {
			if bad == nil {
				bad = &badAddress{part}
			}
			continue
		}
		list = append(list, a)
	}
	return list, bad
}

// typedAddresses reads recipients for a draft: what is no address yet is kept as one.
func typedAddresses(typed string) []mail.Address {
	var list []mail.Address
	for rest := typed; ; {
		found, err := parseAddresses(rest)
		var bad *badAddress
		if !errors.As(err, &bad) {
			return append(list, found...)
		}
		at := strings.Index(rest, bad.Part)
		if at < 0 { // put together from two parts
			return append(append(list, found...), mail.Address{Addr: strings.Trim(bad.Part, "<> ")})
		}
		before, _ := parseAddresses(rest[:at])
		list = append(append(list, before...), mail.Address{Addr: strings.Trim(bad.Part, "<> ")})
		rest = rest[at+len(bad.Part):]
	}
}

// splitRecipients cuts at separators outside of quotes and angle brackets.
func splitRecipients(typed string) []string {
	var parts []string
	var b strings.Builder
	quoted, angled, escaped := false, false, false
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			parts = append(parts, s)
		}
		b.Reset()
	}
	for _, r := range typed {
		was := escaped
		escaped = quoted && r == '\\' && !was
		switch {
		case r == '"' && !was:
			quoted = !quoted
		case quoted:
		case r == '<':
			angled = true
		case r == '>':
			angled = false
		case r == '\n' || !angled && (r == ',' || r == ';'):
			angled = false
			flush()
			continue
		}
		b.WriteRune(r)
	}
	flush()
	return parts
}

func parseAddress(part string) (mail.Address, bool) {
	name, addr := "", part
	if open := strings.LastIndex(part, "<"); open >= 0 {
		end := strings.LastIndex(part, ">")
		if end < open {
			return mail.Address{}, false
		}
		name, addr = strings.TrimSpace(part[:open]), part[open+1:end]
		if strings.TrimSpace(part[end+1:]) != "" {
			return mail.Address{}, false
		}
	}
	addr = strings.TrimPrefix(strings.TrimSpace(addr), "mailto:")
	if !validAddr(addr) {
		return mail.Address{}, false
	}
	return mail.Address{Name: unquote(name), Addr: addr}, true
}

func unquote(name string) string {
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(name[1 : len(name)-1])
	}
	return oneLine(name)
}

// validAddr reports whether mail could be sent to addr: RFC 5321, section 4.1.2, without quoted local parts, and with
// letters beyond ASCII as RFC 6531 allows them.
func validAddr(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 || len(addr) > 254 {
		return false
	}
	local, domain := addr[:at], addr[at+1:]
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(addr, "..") {
		return false
	}
	for _, r := range local {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) || unicode.IsSpace(r) || bidi(r) {
			return false
		}
	}
	return validDomain(domain)
}

func validDomain(domain string) bool {
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") {
		return len(domain) > 4
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || len(label) > 63 {
			return false
		}
		for _, r := range label {
			if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return false
			}
		}
	}
	return true
}

// formatAddress writes an address so that parseAddresses reads the same again.
func formatAddress(a mail.Address) string {
	name := oneLine(a.Name)
	if name == "" {
		return a.Addr
	}
	if strings.ContainsAny(name, `()<>[]:;@\,."`) {
		name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return name + " <" + a.Addr + ">"
}

func formatAddresses(list []mail.Address) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = formatAddress(a)
	}
	return strings.Join(parts, ", ")
}

// lastPart cuts what is just being typed off a list of recipients, for suggestions.
func lastPart(typed string) (before, part string) {
	quoted, escaped := false, false
	cut := 0
	for i, r := range typed {
		was := escaped
		escaped = quoted && r == '\\' && !was
		switch {
		case r == '"' && !was:
			quoted = !quoted
		case !quoted && (r == ',' || r == ';'):
			cut = i + 1
		}
	}
	return typed[:cut], strings.TrimSpace(typed[cut:])
}

// complete puts a suggestion in place of what is just being typed.
func complete(typed string, a mail.Address) string {
	before, _ := lastPart(typed)
	if before = strings.TrimRight(before, " "); before != "" {
		before += " "
	}
	return before + formatAddress(a) + ", "
}
