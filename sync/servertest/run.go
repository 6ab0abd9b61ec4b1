// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// errCommand is a command that the server refused.
var errCommand = errors.New("the server refused a command")

// Run signs a user in and carries out commands, as another program would: what a mail program must not be needed for, such
// as sharing a folder ("SETACL INBOX anna lrs").
func (d *IMAPServer) Run(user string, commands ...string) error {
	conn, err := net.Dial("tcp", d.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	for i, command := range append([]string{fmt.Sprintf("LOGIN %q %q", user, Password)}, commands...) {
		tag := fmt.Sprintf("t%d ", i)
		if _, err := fmt.Fprint(conn, tag, command, "\r\n"); err != nil {
			return err
		}
		line := ""
		for !strings.HasPrefix(line, tag) {
			if line, err = r.ReadString('\n'); err != nil {
				return err
			}
		}
		if !strings.HasPrefix(line, tag+"OK") {
			return fmt.Errorf("%w: %s: %s", errCommand, strings.Fields(command)[0], strings.TrimSpace(line))
		}
	}
	return nil
}
