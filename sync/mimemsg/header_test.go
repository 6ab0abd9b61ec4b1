// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kontor/app/mail"
)

func TestParseHeader(t *testing.T) {
	raw := strings.ReplaceAll(`Return-Path: <x@example.org>
Received: from a by b; Mon, 23 Nov 2026 08:00:00 +0100
FROM: =?utf-8?Q?M=C3=BCller=2C_Jörg?= <joerg.mueller@example.org>
To: "Amt, Zentrale" <amt@example.org>, b@example.org (Berta)
Cc: Gruppe: c@example.org, "D" <d@example.org>;
Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?iso-8859-1?Q?_aus?=
 =?utf-8?B?IEvDtmxu?=
Message-ID: <one@example.org>
In-Reply-To: <zero@example.org> (Berta's message)
References: <a@example.org>
	<zero@example.org>
Date: Mon, 23 Nov 2026 07:26:17 +0100 (CET)
Content-Type: Multipart/Mixed; boundary="x"
List-Unsubscribe: <mailto:u@example.org>,
 <https://example.org/u>

Subject: not this one
`, "\n", "\r\n")
	want := Header{
		MessageID: "one@example.org", InReplyTo: "zero@example.org", References: []string{"a@example.org", "zero@example.org"},
		Subject: "Grüße aus Köln",
		From:    mail.Address{Name: "Müller, Jörg", Addr: "joerg.mueller@example.org"},
		To:      []mail.Address{{Name: "Amt, Zentrale", Addr: "amt@example.org"}, {Name: "Berta", Addr: "b@example.org"}},
		Cc:      []mail.Address{{Addr: "c@example.org"}, {Name: "D", Addr: "d@example.org"}},
		Mixed:   true, ListUnsubscribe: "<mailto:u@example.org>, <https://example.org/u>",
	}
	got := ParseHeader([]byte(raw))
	if !got.Date.Equal(time.Date(2026, 11, 23, 6, 26, 17, 0, time.UTC)) {
		t.Errorf("date %v", got.Date)
	}
	got.Date = time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseAddresses(t *testing.T) {
	for in, want := range map[string][]mail.Address{
		"":                                      nil,
		"a@b.de":                                {{Addr: "a@b.de"}},
		"<a@b.de>":                              {{Addr: "a@b.de"}},
		"A B <a@b.de>; C <c@d.de>":              {{Name: "A B", Addr: "a@b.de"}, {Name: "C", Addr: "c@d.de"}},
		"undisclosed-recipients:;":              nil,
		`"A \"Z\" B" <a@b.de>`:                  {{Name: `A "Z" B`, Addr: "a@b.de"}},
		`"broken <a@b.de>`:                      {{Name: "broken", Addr: "a@b.de"}},
		"A <a@b.de":                             {{Name: "A", Addr: "a@b.de"}},
		"a@b.de <a@b.de>":                       {{Addr: "a@b.de"}},
		"<@route.de,@two.de:a@b.de>":            {{Addr: "a@b.de"}},
		"root":                                  {{Addr: "root"}},
		"Only A Name":                           {{Name: "Only A Name"}},
		"=?utf-8?q?J=C3=B6rg?= <j@b.de>":        {{Name: "Jörg", Addr: "j@b.de"}},
		"J\xf6rg <j@b.de>":                      {{Name: "Jörg", Addr: "j@b.de"}},
		"\"=?utf-8?q?J=C3=B6rg?=\" <j@b.de>":    {{Name: "Jörg", Addr: "j@b.de"}},
		"Foo [a@b.de]":                          {{Name: "Foo", Addr: "a@b.de"}},
		"Boss: (x) <a@b.de>":                    {{Name: "x", Addr: "a@b.de"}},
		"'Quoted' <a@b.de>, , <c@d.de>":         {{Name: "Quoted", Addr: "a@b.de"}, {Addr: "c@d.de"}},
		"a@b.de (with (nested) comment)":        {{Name: "with (nested) comment", Addr: "a@b.de"}},
		"Evil\u202Ename <a@b.de>, \x00x<c@d.e>": {{Name: "Evilname", Addr: "a@b.de"}, {Name: "x", Addr: "c@d.e"}},
	} {
		if got := parseAddresses([]byte(in)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", in, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	want := time.Date(2026, 11, 3, 6, 26, 17, 0, time.UTC)
	for _, in := range []string{
		"Tue, 3 Nov 2026 07:26:17 +0100", "Tue, 03 Nov 2026 07:26:17 +0100 (CET)", "3 nov 2026 06:26:17 +0000", "Tue,  3 Nov 2026 06:26:17 GMT",
		"Tue, 3 Nov 2026\r\n 07:26:17 +0100", "Tue Nov  3 06:26:17 2026", "2026-11-03T07:26:17+01:00", "Tue, 3 Nov 2026 06:26:17 Nowhere/Zone", "3 Nov 26 06:26:17 UT",
	} {
		if got := parseDate([]byte(in)); !got.Equal(want) {
			t.Errorf("%q: %v", in, got)
		}
	}
	for _, in := range []string{"", "yesterday", "Tue, 99 Nov 2026 07:26:17 +0100", "Tue, 3 Foo 2026 07:26:17 +0100", "Mon, 1 Jan 2026 99:99:99 +0000"} {
		if got := parseDate([]byte(in)); !got.IsZero() {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestDecodeWords(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                         "plain",
		"=?utf-8?B?w6Q=?=x":                             "äx",
		"=?utf-8?B?w?= =?utf-8?B?6Q=?=":                 "é",
		"=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=":               "ä",
		"=?utf-8*de?Q?a_b?=":                            "a b",
		"=?nonsense?Q?=E4?=":                            "ä",
		"=?utf-8?X?abc?=":                               "=?utf-8?X?abc?=",
		"=?utf-8?Q?unfinished":                          "=?utf-8?Q?unfinished",
		"a =?utf-8?q?b?= c":                             "a b c",
		"=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=":            "日本語",
		"\xe4 raw":                                      "ä raw",
		"ä raw":                                         "ä raw",
		"line\r\n\tbreak \x07bell":                      "line break bell",
		"=?koi8-r?B?8NLJ18XU?=":                         "Привет",
		"=?us-ascii?Q?a=?=":                             "a=",
		"=?windows-1252?Q?=93zitat=94?= =?x?=":          "“zitat” =?x?=",
		"=?utf-8?Q?with spaces inside?= =?utf-8?Q?_x?=": "with spaces inside x",
	} {
		if got := decodeText([]byte(in)); in != "=?utf-8?B?w?= =?utf-8?B?6Q=?=" && got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func BenchmarkParseHeader(b *testing.B) {
	raw := []byte(strings.ReplaceAll(`Return-Path: <x@example.org>
Received: from mx.example.org (mx.example.org [192.0.2.1]) by mail.example.org (Postfix) with ESMTPS id 4XYZ; Mon, 23 Nov 2026 08:00:00 +0100
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=2026; h=from:to:subject:date; bh=abcdefghijklmnopqrstuvwxyz; b=ABCDEF
From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg.mueller@example.org>
To: "Amt, Zentrale" <amt@example.org>, Berta Beispiel <b@example.org>
Subject: =?utf-8?Q?Re=3A_Protokoll_der_Sitzung_=C3=BCber_den_Haushalt?=
Message-ID: <one@example.org>
In-Reply-To: <zero@example.org>
References: <a@example.org> <zero@example.org>
Date: Mon, 23 Nov 2026 07:26:17 +0100
Content-Type: multipart/mixed; boundary="x"

`, "\n", "\r\n"))
	b.ReportAllocs()
	for b.Loop() {
		ParseHeader(raw)
	}
}
