// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestHTMLAsPeopleReadIt: what programs write around a text, and what must be left of it.
func TestHTMLAsPeopleReadIt(t *testing.T) {
	for name, c := range map[string]struct{ html, want string }{
		"numbered from five":       {"<ol start=5><li>a<li>b</ol>", "5. a\n6. b"},
		"list in a list":           {"<ul><li>a<ol><li>b</ol><li>c</ul>", "• a\n  1. b\n• c"},
		"item without a list":      {"<li>a", "• a"},
		"an empty item":            {"<ul><li></li><li>b</li></ul>", "• b"},
		"table":                    {"<table><tr><th>Amt<th>Tel.<tr><td>Bau<td>12</table>", "Amt  Tel.\nBau  12"},
		"empty cells":              {"<table><tr><td></td><td>x</td><td></td><td>y</td></tr></table>", "x  y"},
		"rule":                     {"a<hr>b", "a\n\n----------\n\nb"},
		"quotes in quotes":         {"<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"},
		"quote that never ends":    {"<blockquote>a", "> a"},
		"end without a beginning":  {"</blockquote></ul></pre>a", "a"},
		"preformatted":             {"<pre>a  b\n  c</pre>", "a  b\n  c"},
		"entities":                 {"&auml;&#228;&#xe4;&nbsp;&amp;lt; &unknown; &euro;", "äää &lt; &unknown; €"},
		"numbers that are no char": {"a&#0;b&#x110000;c", "a\ufffdb\ufffdc"},
		"link that shows itself":   {`<a href="https://stadt.example/">stadt.example</a>`, "stadt.example"},
		"link with words":          {`<a href="https://stadt.example/plan">Plan</a>.`, "Plan <https://stadt.example/plan>."},
		"mail link":                {`<a href="mailto:amt@stadt.example">amt@stadt.example</a>`, "amt@stadt.example"},
		"script as a link":         {`<a href="javascript:x()">hier</a>`, "hier"},
		"link around a picture":    {`<a href="https://x.example/a"><img alt="Logo" src=x></a>`, "Logo <https://x.example/a>"},
		"link within a link":       {`<a href="https://x.example/a">A<a href="https://x.example/b">B</a>`, "A <https://x.example/a>B <https://x.example/b>"},
		"tracking pixel":           {`<img src=x width=1 height=1 alt="Pixel">a`, "a"},
		"hidden preview":           {`<div style="display: none">Vorschau</div>a`, "a"},
		"hidden within hidden":     {`<div hidden>a<div>b</div>c</div>d`, "d"},
		"hidden without an end":    {`<span style="display:none">a<p>b`, "a\n\nb"},
		"script and style":         {"<style>p{}</style><script>if (a<b) {}</script>a", "a"},
		"comment of Word":          {"<!--[if mso]><p>Word</p><![endif]-->a<![if !mso]>b<![endif]>", "ab"},
		"paragraph of Word":        {"<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p>b</p>", "a\n\nb"},
		"lines of divs":            {"<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		"many empty lines":         {"a<br><br><br><br><br><br>b", "a\n\n\nb"},
		"fillers":                  {"a\u200b\u00ad\ufeffb\u034f", "ab"},
		"turned words":             {"a\u202egnp.exe", "agnp.exe"},
		"no end of a tag":          {"a<b", "a"},
		"no tags at all":           {"a < b > c", "a < b > c"},
		"nothing":                  {"<html><body></body></html>", ""},
		"text area and menus":      {"<select><option>1</select><textarea>x</textarea>a", "a"},
	} {
		if got := HTMLText(c.html); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// However tags are closed, or not, the words of a page stand in its text, in their order, and no tag does.
func TestHTMLKeepsTheWords(t *testing.T) {
	tags := []string{"p", "div", "b", "span", "ul", "li", "table", "tr", "td", "blockquote", "h1", "a", "font", "o:p", "center", "ol"}
	rapid.Check(t, func(t *rapid.T) {
		var page strings.Builder
		var words []string
		for range rapid.IntRange(1, 25).Draw(t, "pieces") {
			tag := rapid.SampledFrom(tags).Draw(t, "tag")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				page.WriteString("<" + tag + ">")
			case 1:
				page.WriteString("</" + tag + ">")
			case 2:
				page.WriteString("<" + strings.ToUpper(tag) + ` class="x>y" align=left>`)
			default:
				w := rapid.StringMatching(`[a-zäöü]{2,8}`).Draw(t, "word")
				words = append(words, w)
				page.WriteString(" " + w + " ")
			}
		}
		text := HTMLText(page.String())
		rest := text
		for _, w := range words {
			at := strings.Index(rest, w)
			if at < 0 {
				t.Fatalf("%q lacks %q of %q", text, w, page.String())
			}
			rest = rest[at+len(w):]
		}
		if strings.Contains(text, "<") || strings.Contains(text, "class") {
			t.Fatalf("%q has markup of %q", text, page.String())
		}
	})
}
