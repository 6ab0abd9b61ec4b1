// SPDX-License-Identifier: EUPL-1.2

package simworld

import (
	"cmp"
	"flag"
	"os"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// Set gives a flag, such as those of rapid, another value for the rest of the test.
func Set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(before); err != nil {
			t.Error(err)
		}
	})
}

// LongRun sets how many histories a test plays if KONTOR_SIM says so, and reports whether it does. rapid prints how a
// failing one is played again.
func LongRun(t *testing.T) bool {
	t.Helper()
	n := os.Getenv("KONTOR_SIM")
	if n != "" {
		Set(t, "rapid.checks", n)
	}
	return n != ""
}

// Repeat plays some histories, or as many as KONTOR_SIM says; always the same ones unless KONTOR_SIM_SEED names others, 0 for
// random ones.
func Repeat(t *testing.T, some string) {
	t.Helper()
	if !LongRun(t) {
		Set(t, "rapid.checks", some)
	}
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		Set(t, "rapid.seed", cmp.Or(os.Getenv("KONTOR_SIM_SEED"), "11"))
	}
}

// Finds reports whether histories fail, as they should where the program was given a mistake. They are always the same
// ones: whether a rare mistake is found is no matter of chance.
func Finds(t *testing.T, play func(*rapid.T)) bool {
	t.Helper()
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		Set(t, "rapid.seed", "11")
	}
	v := &verdict{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		rapid.Check(v, play)
	}()
	<-done
	return v.failed
}

// verdict takes the place of a test whose failure is what is wanted.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Log(...any)            {}
func (v *verdict) Logf(string, ...any)   {}
func (v *verdict) Error(...any)          { v.failed = true }
func (v *verdict) Errorf(string, ...any) { v.failed = true }
func (v *verdict) Fatal(...any)          { v.FailNow() }
func (v *verdict) Fatalf(string, ...any) { v.FailNow() }
func (v *verdict) Fail()                 { v.failed = true }
func (v *verdict) Failed() bool          { return v.failed }
func (v *verdict) FailNow()              { v.failed = true; runtime.Goexit() }
