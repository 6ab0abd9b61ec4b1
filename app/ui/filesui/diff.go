// SPDX-License-Identifier: EUPL-1.2

package filesui

import "strings"

// change says on which side a line is.
type change byte

const (
	inBoth   change = ' '
	inMine   change = '+'
	inTheirs change = '-'
)

// diffLine is one line of a comparison.
type diffLine struct {
	change change
	text   string
}

// maxCells bounds the work of a comparison; texts that differ more are shown as a whole.
const maxCells = 4 << 20

// diff compares two texts line by line: what only mine has, what only theirs has, and what both have.
func diff(mine, theirs string) []diffLine {
	a, b := strings.Split(theirs, "\n"), strings.Split(mine, "\n")
	var lines []diffLine
	add := func(c change, all []string) {
		for _, l := range all {
			lines = append(lines, diffLine{c, l})
		}
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	add(inBoth, a[:head])
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if (len(x)+1)*(len(y)+1) > maxCells {
		add(inTheirs, x)
		add(inMine, y)
	} else {
		lines = append(lines, between(x, y)...)
	}
	add(inBoth, a[len(a)-tail:])
	return lines
}

// between finds the longest common subsequence of lines.
func between(x, y []string) []diffLine {
	wide := len(y) + 1
	common := make([]int32, (len(x)+1)*wide) // of what is left of both from there on
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i*wide+j] = common[(i+1)*wide+j+1] + 1
			} else {
				common[i*wide+j] = max(common[(i+1)*wide+j], common[i*wide+j+1])
			}
		}
	}
	var lines []diffLine
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			lines = append(lines, diffLine{inBoth, x[i]})
			i++
			j++
		case j == len(y) || i < len(x) && common[(i+1)*wide+j] >= common[i*wide+j+1]:
			lines = append(lines, diffLine{inTheirs, x[i]})
			i++
		default:
			lines = append(lines, diffLine{inMine, y[j]})
			j++
		}
	}
	return lines
}

// around is how many equal lines are shown before and after what differs.
const around = 2

// shorten leaves out equal lines far from what differs; a line without text and with the change 0 stands for them.
func shorten(all []diffLine) []diffLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.change == inBoth {
			continue
		}
		for k := max(i-around, 0); k <= min(i+around, len(all)-1); k++ {
			near[k] = true
		}
	}
	var lines []diffLine
	for i, l := range all {
		switch {
		case near[i]:
			lines = append(lines, l)
		case i == 0 || near[i-1]:
			lines = append(lines, diffLine{})
		}
	}
	return lines
}
