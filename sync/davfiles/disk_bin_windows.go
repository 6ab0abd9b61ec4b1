// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

var procFileOperation = windows.NewLazySystemDLL("shell32.dll").NewProc("SHFileOperationW")

// fileOperation is SHFILEOPSTRUCTW as 64-bit Windows lays it out.
type fileOperation struct {
	window   uintptr
	what     uint32
	from, to *uint16
	flags    uint16
	aborted  int32
	mappings uintptr
	title    *uint16
}

// What SHFileOperation is asked: delete so that it can be undone, without a word to the person.
const (
	foDelete          = 3
	fofSilent         = 0x0004
	fofNoConfirmation = 0x0010
	fofAllowUndo      = 0x0040
	fofNoErrorUI      = 0x0400
	fofWantNukeWarn   = 0x4000 // fails for what the bin cannot hold, instead of deleting it for good
)

// toDesktopBin moves a file into the recycle bin of Windows.
func toDesktopBin(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	from, err := syscall.UTF16FromString(path)
	if err != nil {
		return err
	}
	from = append(from, 0) // a list of one, ended by an empty name
	op := fileOperation{what: foDelete, from: &from[0], flags: fofSilent | fofNoConfirmation | fofAllowUndo | fofNoErrorUI | fofWantNukeWarn}
	code, _, _ := procFileOperation.Call(uintptr(unsafe.Pointer(&op)))
	if code != 0 || op.aborted != 0 {
		return fmt.Errorf("the recycle bin answers %#x", code)
	}
	return nil
}
