// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolHeld is how many octets of a message are held; what is larger goes into a file.
const spoolHeld = 4 << 20

// Spool holds octets, and those that are many in a file that nobody else sees. Close must be called.
type Spool struct {
	dir  string
	most int // octets that are held
	held []byte
	file *os.File
	out  *bufio.Writer
	n    int
	text int // where the last octet that is no line end ends
}

// NewSpool makes a spool with what r gives. A file, where one is needed, is made in a directory.
func NewSpool(dir string, r io.Reader) (*Spool, error) {
	s := &Spool{dir: dir, most: spoolHeld}
	if _, err := io.Copy(s, r); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Write is part of io.Writer.
func (s *Spool) Write(b []byte) (int, error) {
	if text := len(bytes.TrimRight(b, "\r\n")); text > 0 {
		s.text = s.n + text
	}
	s.n += len(b)
	if s.file == nil && s.n <= s.most {
		s.held = append(s.held, b...)
		return len(b), nil
	}
	if s.file == nil {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	return s.out.Write(b)
}

// spill begins the file. Where an open file can lose its name, nothing of it is left if the program ends.
func (s *Spool) spill() error {
	f, err := os.CreateTemp(s.dir, "kontor-spool-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	_ = os.Remove(f.Name())
	s.file, s.out = f, bufio.NewWriterSize(f, 256<<10)
	_, err = s.out.Write(s.held)
	s.held = nil
	return err
}

// Len is how many octets there are.
func (s *Spool) Len() int { return s.n }

// ReadAt is part of io.ReaderAt.
func (s *Spool) ReadAt(b []byte, at int64) (int, error) {
	if s.file == nil {
		return bytes.NewReader(s.held).ReadAt(b, at)
	}
	if err := s.out.Flush(); err != nil {
		return 0, fmt.Errorf("spool: %w", err)
	}
	return s.file.ReadAt(b, at)
}

// section gives some of the octets. It holds none of them, where they are in a file.
func (s *Spool) section(from, to int) io.Reader {
	return io.NewSectionReader(s, int64(from), int64(to-from))
}

// part gives some of the octets as they are, in memory: they are to be few.
func (s *Spool) part(from, to int) ([]byte, error) {
	if s.file == nil {
		return s.held[from:to], nil
	}
	return io.ReadAll(s.section(from, to))
}

// Close removes what is left of the file. The spool is empty then, and can be used again.
func (s *Spool) Close() error {
	f := s.file
	s.file, s.out, s.held, s.n, s.text = nil, nil, s.held[:0], 0, 0
	if f == nil {
		return nil
	}
	err := f.Close()
	if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// unquoter takes one mark off each quoted line of what it reads.
type unquoter struct {
	r     *bufio.Reader
	rest  []byte
	inner bool // what comes next continues a line
	err   error
}

// Read is part of io.Reader.
func (u *unquoter) Read(b []byte) (int, error) {
	for len(u.rest) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		line, err := u.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			u.err = err
		}
		if !u.inner && isQuotedFrom(line) {
			line = line[1:]
		}
		u.inner = errors.Is(err, bufio.ErrBufferFull)
		u.rest = line
	}
	n := copy(b, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}
