// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// ErrAddress is wrapped by every AddressError.
var ErrAddress = errors.New("this is not a mail address")

// AddressError names the part of an input that cannot be an address.
type AddressError struct{ Part string }

// Error is part of error.
func (e *AddressError) Error() string { return fmt.Sprintf("%q: %v", e.Part, ErrAddress) }

// Unwrap is part of error.
func (e *AddressError) Unwrap() error { return ErrAddress }

// Label is what a list shows of an address: the name, or without one the address itself.
func (a Address) Label() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Addr
}

// String writes the address so that ParseAddresses reads it back.
func (a Address) String() string {
	switch {
	case a.Name == "":
		return a.Addr
	case strings.ContainsAny(a.Name, `,;<>"\@()`):
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `" <` + a.Addr + ">"
	}
	return a.Name + " <" + a.Addr + ">"
}

// FormatAddresses writes a list for an input field.
func FormatAddresses(list []Address) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
}

// ParseAddresses reads what a person types or pastes: addresses with or without names, separated by commas, semicolons
// or line ends. A surname in front of a comma ("Müller, Jörg <j@amt.example>") belongs to the name. The error is an
// AddressError; the addresses that are good are given with it.
func ParseAddresses(input string) ([]Address, error) {
	var list []Address
	var bad error
	pending := "" // text before a comma that may be a surname
	for _, p := range splitAddresses(input) {
		text := p.text
		if pending != "" {
			if strings.ContainsRune(text, '<') && !strings.HasPrefix(text, "<") {
				text = pending + ", " + text
			} else if bad == nil {
				bad = &AddressError{Part: pending}
			}
			pending = ""
		}
		if p.comma && !strings.ContainsAny(text, `@<"`) {
			pending = text
			continue
		}
		a, ok := parseOne(text)
		if !ok {
			if bad == nil {
				bad = &AddressError{Part: text}
			}
			continue
		}
		list = append(list, a)
	}
	if pending != "" && bad == nil {
		bad = &AddressError{Part: pending}
	}
	return list, bad
}

type addressPart struct {
	text  string
	comma bool // a comma follows
}

// splitAddresses cuts at separators outside of quotes and angle brackets.
func splitAddresses(input string) []addressPart {
	var parts []addressPart
	var cur strings.Builder
	quoted, angle, escaped := false, false, false
	end := func(comma bool) {
		if text := strings.TrimSpace(cur.String()); text != "" {
			parts = append(parts, addressPart{text, comma})
		}
		cur.Reset()
		quoted, angle = false, false
	}
	for _, r := range input {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '<':
			angle = true
		case r == '>':
			angle = false
		case r == '\n' || r == ';' || r == ',' && !angle:
			end(r == ',')
			continue
		}
		if r != '\r' {
			cur.WriteRune(r)
		}
	}
	end(false)
	return parts
}

func parseOne(text string) (Address, bool) {
	name, addr := "", text
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		name, addr = strings.TrimSpace(text[:open]), text[open+1:]
		end := strings.IndexByte(addr, '>')
		if end < 0 || strings.TrimSpace(addr[end+1:]) != "" {
			return Address{}, false
		}
		addr = addr[:end]
	} else if i := strings.LastIndexFunc(text, unicode.IsSpace); i >= 0 { // "Name a@b"
		name, addr = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i:])
	}
	// Programs put invisible characters around an address that is copied from them.
	addr = strings.TrimFunc(addr, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	addr = strings.TrimPrefix(addr, "mailto:")
	name = unquote(name)
	if !ValidAddress(addr) {
		return Address{}, false
	}
	if strings.EqualFold(name, addr) {
		name = ""
	}
	return Address{Name: name, Addr: addr}, true
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var out strings.Builder
	escaped := false
	for _, r := range s[1 : len(s)-1] {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		out.WriteRune(r)
	}
	return out.String()
}

// ValidAddress reports whether a server could take the address: one at sign with something on both sides, no spaces, no
// characters that end an address. Whether it exists only the server knows.
func ValidAddress(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 || len(addr) > 254 { // RFC 5321, section 4.5.3.1.3, less the brackets
		return false
	}
	local, domain := addr[:at], addr[at+1:]
	for _, r := range addr {
		if unicode.IsSpace(r) || unicode.IsControl(r) || isHidden(r) || strings.ContainsRune(`<>(),;:\"[]`, r) {
			return false
		}
	}
	if strings.ContainsRune(local, '@') || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return false
	}
	return !strings.HasPrefix(domain, "-")
}

// isHidden reports whether a character cannot be seen and has no place in an address; some scripts need the joiners.
func isHidden(r rune) bool { return unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' }

// without gives the addresses of list that are neither in own nor already in seen, and adds them to seen.
func without(list []Address, own []string, seen *[]string) []Address {
	var out []Address
	for _, a := range list {
		if a.Addr == "" || contains(own, a.Addr) || contains(*seen, a.Addr) {
			continue
		}
		*seen = append(*seen, a.Addr)
		out = append(out, a)
	}
	return out
}

func contains(list []string, addr string) bool {
	for _, x := range list {
		if SameAddress(x, addr) {
			return true
		}
	}
	return false
}
