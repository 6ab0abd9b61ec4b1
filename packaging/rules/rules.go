// SPDX-License-Identifier: EUPL-1.2

// Package rules checks what ARCHITECTURE.md promises about the source tree: who may import whom, how long files and
// functions may be, and that each file names its licence. It only parses; nothing is compiled.
package rules

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Limits of size.
const (
	MaxFileLines     = 600
	MaxFunctionLines = 80
)

// Licence is what each source file says in its first line, behind the comment sign.
const Licence = "SPDX-License-Identifier: EUPL-1.2"

// Violation is one place that breaks a rule.
type Violation struct {
	File string // relative to the root, with slashes
	Line int    // 0 for the whole file or package
	Text string
}

func (v Violation) String() string {
	if v.Line == 0 {
		return v.File + ": " + v.Text
	}
	return fmt.Sprintf("%s:%d: %s", v.File, v.Line, v.Text)
}

// skipped are directories that hold no source of ours.
var skipped = []string{".git", "build", "dist", "testdata", "bench/out", "bench/work"}

// commentSigns are the signs before the licence, by the end of a file's name.
var commentSigns = map[string]string{".go": "// ", ".sql": "-- ", ".sh": "# ", ".yml": "# ", ".yaml": "# "}

// Check reads the tree below root and gives every violation, in the order of the files.
func Check(root string) ([]Violation, error) {
	c := &checker{fset: token.NewFileSet(), commented: map[string]bool{}}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if slices.Contains(skipped, rel) || d.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || commentSigns[path.Ext(rel)] == "" {
			return nil
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return c.file(rel, data)
	})
	if err != nil {
		return nil, fmt.Errorf("check the tree: %w", err)
	}
	c.packageComments()
	slices.SortStableFunc(c.found, func(a, b Violation) int { return strings.Compare(a.File, b.File) })
	return c.found, nil
}

type checker struct {
	fset      *token.FileSet
	commented map[string]bool // by directory: does the package have a comment?
	found     []Violation
}

func (c *checker) report(file string, line int, format string, args ...any) {
	c.found = append(c.found, Violation{file, line, fmt.Sprintf(format, args...)})
}

func (c *checker) file(rel string, data []byte) error {
	if want := commentSigns[path.Ext(rel)] + Licence; !hasLicence(data, want) {
		c.report(rel, 1, "the first line is not %q", want)
	}
	if path.Ext(rel) != ".go" {
		return nil
	}
	if n := bytes.Count(data, []byte("\n")); n > MaxFileLines {
		c.report(rel, 0, "%d lines, %d are allowed", n, MaxFileLines)
	}
	f, err := parser.ParseFile(c.fset, rel, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(rel)
	test := strings.HasSuffix(rel, "_test.go")
	for _, imp := range f.Imports {
		to, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return err
		}
		if why := Forbidden(dir, to, test); why != "" {
			c.report(rel, c.fset.Position(imp.Pos()).Line, "imports %s: %s", to, why)
		}
	}
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first, last := c.fset.Position(fn.Pos()).Line, c.fset.Position(fn.End()).Line
		if n := last - first + 1; n > MaxFunctionLines {
			c.report(rel, first, "%s has %d lines, %d are allowed", fn.Name.Name, n, MaxFunctionLines)
		}
	}
	if !test {
		c.commented[dir] = c.commented[dir] || f.Doc != nil
	}
	return nil
}

// hasLicence looks at the first line, or at the second one of a script that starts with its interpreter.
func hasLicence(data []byte, want string) bool {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	if bytes.HasPrefix(first, []byte("#!")) {
		first, _, _ = bytes.Cut(rest, []byte("\n"))
	}
	return string(bytes.TrimRight(first, "\r")) == want
}

func (c *checker) packageComments() {
	for dir, ok := range c.commented {
		if !ok {
			c.report(dir, 0, "the package has no comment")
		}
	}
}
