// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestASecondWindowHandsOverItsArguments(t *testing.T) {
	ctx := context.Background()
	for name, home := range map[string]Home{
		"short": Home(t.TempDir()),
		"long":  Home(filepath.Join(t.TempDir(), strings.Repeat("x", 120))),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(string(home), 0o700); err != nil {
				t.Fatal(err)
			}
			first, err := home.FirstInstance(ctx, nil)
			if err != nil || first == nil {
				t.Fatalf("%v, %v", first, err)
			}
			args := []string{"mailto:jonas.weber@stadt.example?subject=Plan"}
			second, err := home.FirstInstance(ctx, args)
			if err != nil || second != nil {
				t.Fatalf("%v, %v", second, err)
			}
			if got := <-first.Calls(); !slices.Equal(got, args) {
				t.Fatalf("got %q", got)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			third, err := home.FirstInstance(ctx, nil)
			if err != nil || third == nil {
				t.Fatalf("after the first has ended: %v, %v", third, err)
			}
			if err := third.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	home := Home(t.TempDir())
	if err := os.WriteFile(home.socketPath(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := home.FirstInstance(context.Background(), nil)
	if err != nil || i == nil {
		t.Fatalf("%v, %v", i, err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyOneProcessSynchronisesAHome(t *testing.T) {
	home, err := FindHome(filepath.Join(t.TempDir(), "new"))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := home.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := home.Lock(); !errors.Is(err, ErrHomeInUse) {
		t.Fatalf("got %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if unlock, err = home.Lock(); err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestHomeFollowsArgumentEnvironmentPlatform(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("KONTOR_HOME", filepath.Join(dir, "env"))
	if h, err := FindHome(filepath.Join(dir, "arg")); err != nil || string(h) != filepath.Join(dir, "arg") {
		t.Errorf("%s, %v", h, err)
	}
	if h, err := FindHome(""); err != nil || string(h) != filepath.Join(dir, "env") {
		t.Errorf("%s, %v", h, err)
	}
}
