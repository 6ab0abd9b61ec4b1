// SPDX-License-Identifier: EUPL-1.2

package mail

import "strings"

// WarningKind names what is odd about a message that is about to be sent.
type WarningKind string

// The warnings, in the order in which they are given.
const (
	WarnNoSubject  WarningKind = "no-subject"
	WarnAttachment WarningKind = "attachment" // it speaks of an attachment and has none
	WarnExternal   WarningKind = "external"   // it leaves the organisation
	WarnVisible    WarningKind = "visible"    // many people see each other's addresses
	WarnTooLarge   WarningKind = "too-large"  // the server will not take it
)

// Warning is one thing that a person should look at before sending.
type Warning struct {
	Kind      WarningKind
	Word      string    // of an attachment
	Addresses []Address // those outside, or those that see each other
	Size      int64     // octets, as is Limit
	Limit     int64
}

// CheckOptions say what is odd for a person or an organisation.
type CheckOptions struct {
	OwnDomains []string // mail to these and below them does not leave the organisation; none for no such warning
	MaxVisible int      // from how many addresses in To and Cc on, 0 for never
	SizeLimit  int64    // octets, 0 for unknown
}

// Check looks at a message that is about to be sent. It decides nothing: every warning can be overruled.
func Check(out Outgoing, o CheckOptions) []Warning {
	var list []Warning
	if strings.TrimSpace(out.Subject) == "" {
		list = append(list, Warning{Kind: WarnNoSubject})
	}
	if word := AttachmentWord(out.Subject, out.Text); word != "" && len(out.Attachments) == 0 {
		list = append(list, Warning{Kind: WarnAttachment, Word: word})
	}
	if outside := External(out, o.OwnDomains); len(outside) > 0 {
		list = append(list, Warning{Kind: WarnExternal, Addresses: outside})
	}
	var seen []string
	visible := append(without(out.To, nil, &seen), without(out.Cc, nil, &seen)...)
	if o.MaxVisible > 0 && len(visible) >= o.MaxVisible {
		list = append(list, Warning{Kind: WarnVisible, Addresses: visible})
	}
	if size := EncodedSize(out); o.SizeLimit > 0 && size > o.SizeLimit {
		list = append(list, Warning{Kind: WarnTooLarge, Size: size, Limit: o.SizeLimit})
	}
	return list
}

// External gives the recipients outside of the domains and what lies below them; none where no domains are given.
func External(out Outgoing, domains []string) []Address {
	if len(domains) == 0 {
		return nil
	}
	var outside []Address
	var seen []string
	for _, list := range [][]Address{out.To, out.Cc, out.Bcc} {
		for _, a := range without(list, nil, &seen) {
			if !inDomains(a.Addr, domains) {
				outside = append(outside, a)
			}
		}
	}
	return outside
}

func inDomains(addr string, domains []string) bool {
	domain := strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])
	for _, d := range domains {
		d = strings.ToLower(strings.Trim(strings.TrimSpace(d), ".@"))
		if d != "" && (domain == d || strings.HasSuffix(domain, "."+d)) {
			return true
		}
	}
	return false
}
