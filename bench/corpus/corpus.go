// SPDX-License-Identifier: EUPL-1.2

// Package corpus makes the mails, files and tasks that benchmarks work on. The same size always gives the same octets,
// so that numbers from different days can be compared.
package corpus

import (
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"
)

// Size says how much of everything there is.
type Size struct {
	Name        string
	Mails       int
	MailFolders int
	Files       int
	FileFolders int
	FileBytes   int64 // of all files together
	Tasks       int
	TaskLists   int
}

// The sizes: Full is a busy workplace after some years, Middle a new one, Small a try-out.
var (
	Small  = Size{"small", 2000, 10, 500, 40, 30 << 20, 500, 3}
	Middle = Size{"middle", 5000, 30, 2000, 150, 120 << 20, 2000, 4}
	Full   = Size{"full", 50000, 30, 10000, 800, 600 << 20, 10000, 5}
)

// epoch is the time of the first item; nothing depends on today.
var epoch = time.Date(2024, 1, 8, 7, 0, 0, 0, time.UTC)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(20260101, seed)) }

// octets gives n octets of which about half compress well, as office documents do.
func octets(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		v := r.Uint64()
		if (i>>10)&1 == 1 {
			v &= 0x0f0f0f0f0f0f0f0f
		}
		for j := i; j < min(i+8, n); j++ {
			b[j] = byte(v)
			v >>= 8
		}
	}
	return b
}

// Mail is one message of the corpus.
type Mail struct {
	Folder string // as a Maildir names it: "" for INBOX, ".Vorgang 01"
	Name   string // a file name for it, with flags
	Time   time.Time
	Data   []byte
}

// Mails gives all messages, folder by folder.
func Mails(s Size) iter.Seq[Mail] {
	return func(yield func(Mail) bool) {
		n := 0
		for folder := range s.MailFolders {
			r := source(uint64(folder) + 1)
			count := share(s.Mails, s.MailFolders, folder)
			previous := ""
			for range count {
				m := message(r, folderName(folder), n, &previous)
				n++
				if !yield(m) {
					return
				}
			}
		}
	}
}

// share divides total unevenly: the first part gets a fifth, the others the rest.
func share(total, parts, i int) int {
	first := total / 5
	if parts == 1 {
		return total
	}
	rest := (total - first) / (parts - 1)
	switch i {
	case 0:
		return total - rest*(parts-1)
	default:
		return rest
	}
}

func folderName(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf(".Vorgang %02d", i)
}

func message(r *rand.Rand, folder string, n int, previous *string) Mail {
	at := epoch.Add(time.Duration(n) * 17 * time.Minute)
	id := fmt.Sprintf("<%d.%08x@bench.example.org>", n, r.Uint32())
	from, to := r.IntN(200), r.IntN(200)
	var b strings.Builder
	fmt.Fprintf(&b, "Received: from mx.example.org by mail.example.org; %s\r\n", at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Date: %s\r\nFrom: Person %d <person%d@example.org>\r\nTo: Person %d <person%d@example.org>\r\n",
		at.Format(time.RFC1123Z), from, from, to, to)
	subject := base64.StdEncoding.EncodeToString([]byte(title(r)))
	fmt.Fprintf(&b, "Message-ID: %s\r\nSubject: =?UTF-8?B?%s?=\r\nMIME-Version: 1.0\r\n", id, subject)
	if *previous != "" && r.IntN(2) == 0 {
		fmt.Fprintf(&b, "In-Reply-To: %s\r\nReferences: %s\r\n", *previous, *previous)
	}
	*previous = id
	const plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	switch kind := r.IntN(20); {
	case kind < 13:
		b.WriteString(plain + text(r, 500+r.IntN(6000), "\r\n"))
	case kind < 18:
		body := text(r, 3000+r.IntN(8000), "\r\n")
		fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=b%d\r\n\r\n--b%d\r\n%s%s--b%d\r\n", n, n, plain, body, n)
		fmt.Fprintf(&b, "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body><p>%s</p></body></html>\r\n--b%d--\r\n",
			strings.ReplaceAll(body, "\r\n", "<br>\r\n"), n)
	default:
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%s%s--b%d\r\n", n, n, plain, text(r, 1500, "\r\n"), n)
		fmt.Fprintf(&b, "Content-Type: application/pdf; name=\"Anlage %d.pdf\"\r\nContent-Disposition: attachment; filename=\"Anlage %d.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", n, n)
		lines(&b, base64.StdEncoding.EncodeToString(octets(r, 20000+r.IntN(255000))))
		fmt.Fprintf(&b, "--b%d--\r\n", n)
	}
	flags := "S"
	if r.IntN(8) == 0 {
		flags = ""
	}
	return Mail{folder, fmt.Sprintf("%d.M%dP1.bench,S=%d:2,%s", at.Unix(), n, b.Len(), flags), at, []byte(b.String())}
}

func lines(b *strings.Builder, s string) {
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	b.WriteString(s + "\r\n")
}

// File is one file of the corpus.
type File struct {
	Path string // with slashes
	Time time.Time
	Data []byte
}

// Files gives all files, folder by folder.
func Files(s Size) iter.Seq[File] {
	return func(yield func(File) bool) {
		mean := int(s.FileBytes / int64(s.Files))
		for n := range s.Files {
			r := source(uint64(n) + 1<<32)
			folder := n % s.FileFolders
			// Most files are small, some are large; the factors average to 1.
			size := mean / 4
			if n%10 == 9 {
				size = mean*31/4 - r.IntN(mean)
			} else {
				size += r.IntN(size+1) - size/2
			}
			f := File{
				Path: fmt.Sprintf("Amt %d/Vorgang %03d/Schriftstück %05d.odt", folder%8+1, folder, n),
				Time: epoch.Add(time.Duration(n) * 53 * time.Minute), Data: octets(r, size),
			}
			if !yield(f) {
				return
			}
		}
	}
}

// Task is one task of the corpus.
type Task struct {
	List string
	UID  string
	Text string
}

// Tasks gives all tasks, list by list.
func Tasks(s Size) iter.Seq[Task] {
	return func(yield func(Task) bool) {
		n := 0
		for list := range s.TaskLists {
			r := source(uint64(list) + 1<<33)
			parent := ""
			for range share(s.Tasks, s.TaskLists, list) {
				uid := fmt.Sprintf("%06d-%08x", n, r.Uint32())
				t := Task{fmt.Sprintf("liste-%d", list+1), uid, task(r, uid, parent, n)}
				if n%6 == 0 {
					parent = uid
				}
				n++
				if !yield(t) {
					return
				}
			}
		}
	}
}

func task(r *rand.Rand, uid, parent string, n int) string {
	at := epoch.Add(time.Duration(n) * 29 * time.Minute)
	const stamp = "20060102T150405Z"
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//bench//DE\r\nBEGIN:VTODO\r\n")
	fmt.Fprintf(&b, "UID:%s\r\nDTSTAMP:%s\r\nCREATED:%s\r\nLAST-MODIFIED:%s\r\n", uid, at.Format(stamp), at.Format(stamp), at.Format(stamp))
	fmt.Fprintf(&b, "SUMMARY:%s\r\n", title(r))
	if r.IntN(2) == 0 {
		note := strings.TrimSuffix(text(r, 200+r.IntN(500), "\\n"), "\\n")
		fold(&b, "DESCRIPTION:"+note)
	}
	if r.IntN(3) > 0 {
		fmt.Fprintf(&b, "DUE;VALUE=DATE:%s\r\n", at.AddDate(0, 0, r.IntN(90)).Format("20060102"))
	}
	if p := r.IntN(10); p > 0 {
		fmt.Fprintf(&b, "PRIORITY:%d\r\n", p)
	}
	if r.IntN(3) == 0 {
		fmt.Fprintf(&b, "CATEGORIES:%s\r\n", words[r.IntN(60)])
	}
	if parent != "" && r.IntN(4) == 0 {
		fmt.Fprintf(&b, "RELATED-TO:%s\r\n", parent)
	}
	if r.IntN(3) == 0 {
		fmt.Fprintf(&b, "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100\r\nCOMPLETED:%s\r\n", at.AddDate(0, 0, 3).Format(stamp))
	} else {
		b.WriteString("STATUS:NEEDS-ACTION\r\n")
	}
	b.WriteString("END:VTODO\r\nEND:VCALENDAR\r\n")
	return b.String()
}

// fold breaks a content line after 75 octets at the most, never inside a character (RFC 5545, 3.1).
func fold(b *strings.Builder, line string) {
	room := 75
	for len(line) > room {
		cut := room
		for cut > 0 && line[cut]&0xC0 == 0x80 {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
		room = 74
	}
	b.WriteString(line + "\r\n")
}
