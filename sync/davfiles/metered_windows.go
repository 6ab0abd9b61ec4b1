// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The network list manager and its interface for costs (netlistmgr.h).
var (
	clsidNetworkListManager = windows.GUID{Data1: 0xdcb00c01, Data2: 0x570f, Data3: 0x4a9b, Data4: [8]byte{0x8d, 0x69, 0x19, 0x9f, 0xdb, 0xa5, 0x72, 0x3b}}
	iidNetworkCostManager   = windows.GUID{Data1: 0xdcb00008, Data2: 0x570f, Data3: 0x4a9b, Data4: [8]byte{0x8d, 0x69, 0x19, 0x9f, 0xdb, 0xa5, 0x72, 0x3b}}
	coCreateInstance        = windows.NewLazySystemDLL("ole32.dll").NewProc("CoCreateInstance")
)

// costManager is the beginning of an INetworkCostManager: a pointer to its methods, of which these are the first.
type costManager struct {
	methods *struct{ queryInterface, addRef, release, getCost uintptr }
}

const clsctxAll = 23

// askMetered asks the network list manager what the connection costs; no where it does not say.
func askMetered() bool {
	runtime.LockOSThread() // COM belongs to threads
	defer runtime.UnlockOSThread()
	// 1 (S_FALSE) says that the thread is ready already, and counts like a first call.
	if err := windows.CoInitializeEx(0, windows.COINIT_MULTITHREADED); err != nil && err != syscall.Errno(1) { //nolint:errorlint // a number
		return false
	}
	defer windows.CoUninitialize()
	var manager *costManager
	failed, _, _ := coCreateInstance.Call(uintptr(unsafe.Pointer(&clsidNetworkListManager)), 0, clsctxAll,
		uintptr(unsafe.Pointer(&iidNetworkCostManager)), uintptr(unsafe.Pointer(&manager)))
	if failed != 0 || manager == nil {
		return false
	}
	defer syscall.SyscallN(manager.methods.release, uintptr(unsafe.Pointer(manager)))
	var cost uint32
	failed, _, _ = syscall.SyscallN(manager.methods.getCost, uintptr(unsafe.Pointer(manager)), uintptr(unsafe.Pointer(&cost)), 0)
	return failed == 0 && isCost(cost)
}
