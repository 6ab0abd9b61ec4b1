// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"kontor/sync/servertest"
)

// memorySystem is a keyring that can be reached, emptied and taken away.
type memorySystem struct {
	values map[string]string
	err    error
}

func (m *memorySystem) Get(_ context.Context, name string) (string, error) {
	if m.err != nil {
		return "", m.err
	}
	if v, ok := m.values[name]; ok {
		return v, nil
	}
	return "", keyring.ErrNotFound
}

func (m *memorySystem) Set(_ context.Context, name, secret string) error {
	if m.err != nil {
		return m.err
	}
	m.values[name] = secret
	return nil
}

func set(t *testing.T, v *Vault, name, secret string) {
	t.Helper()
	if err := v.Set(context.Background(), name, secret); err != nil {
		t.Fatal(err)
	}
}

func wantSecret(t *testing.T, v *Vault, name, want string) {
	t.Helper()
	if got, err := v.Get(context.Background(), name); err != nil || got != want {
		t.Errorf("%s: %q, %v", name, got, err)
	}
}

func wantError(t *testing.T, v *Vault, name string, want error) {
	t.Helper()
	if got, err := v.Get(context.Background(), name); !errors.Is(err, want) {
		t.Errorf("%s: %q, %v; want %v", name, got, err, want)
	}
}

func TestVaultWithSystemKeyring(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	system := &memorySystem{values: map[string]string{}}
	v := NewVault(VaultOptions{Dir: dir, System: system})
	wantError(t, v, PasswordName(1), ErrNoSecret)
	set(t, v, PasswordName(1), "geheim-äöü")
	set(t, v, PasswordName(2), "")
	wantSecret(t, NewVault(VaultOptions{Dir: dir, System: system}), PasswordName(1), "geheim-äöü")
	wantSecret(t, v, PasswordName(2), "")

	path := filepath.Join(dir, sealedName)
	data, err := os.ReadFile(path)
	if err != nil || bytes.Contains(data, []byte("geheim")) {
		t.Errorf("the file holds the secret: %s, %v", data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	if err := v.Delete(ctx, PasswordName(1)); err != nil {
		t.Fatal(err)
	}
	wantError(t, v, PasswordName(1), ErrNoSecret)
	wantSecret(t, v, PasswordName(2), "")
}

func TestVaultWhoseMasterKeyIsGone(t *testing.T) {
	dir := t.TempDir()
	system := &memorySystem{values: map[string]string{}}
	set(t, NewVault(VaultOptions{Dir: dir, System: system}), "a", "alt")
	clear(system.values)
	v := NewVault(VaultOptions{Dir: dir, System: system})
	wantError(t, v, "a", ErrKeyLost)
	set(t, v, "b", "neu")
	wantSecret(t, v, "b", "neu")
	wantError(t, v, "a", ErrNoSecret)
	if aside, _ := filepath.Glob(filepath.Join(dir, sealedName+".*")); len(aside) != 1 {
		t.Errorf("the old file was not kept: %v", aside)
	}
}

// Prepare only saves time: what Get says does not depend on it.
func TestVaultThatIsPrepared(t *testing.T) {
	dir := t.TempDir()
	with := func(passphrase string) *Vault {
		v := NewVault(VaultOptions{Dir: dir, FileOnly: true, Passphrase: passphrase})
		v.Prepare(context.Background())
		return v
	}
	wantError(t, with("auf"), "a", ErrNoSecret)
	set(t, with("auf"), "a", "geheim")
	wantSecret(t, with("auf"), "a", "geheim")
	wantError(t, with("zu"), "a", ErrPassphrase)
	wantError(t, with(""), "a", ErrNoPassphrase)

	v := with("auf")
	v.mu.Lock()
	if v.key == nil {
		t.Error("nothing was prepared")
	}
	v.mu.Unlock()
}

func TestVaultWithPassphrase(t *testing.T) {
	dir := t.TempDir()
	away := &memorySystem{err: errors.New("no bus")}
	bare := NewVault(VaultOptions{Dir: dir, System: away})
	if err := bare.Set(context.Background(), "a", "x"); !errors.Is(err, ErrNoKeyring) {
		t.Errorf("no keyring and no passphrase: %v", err)
	}
	set(t, NewVault(VaultOptions{Dir: dir, System: away, Passphrase: "lang und gut"}), "a", "geheim")
	before, err := os.ReadFile(filepath.Join(dir, sealedName))
	if err != nil {
		t.Fatal(err)
	}
	wrong := NewVault(VaultOptions{Dir: dir, FileOnly: true, Passphrase: "falsch"})
	wantError(t, wrong, "a", ErrPassphrase)
	if err := wrong.Set(context.Background(), "b", "x"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("set with a wrong passphrase: %v", err)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, sealedName)); !bytes.Equal(before, after) {
		t.Error("a wrong passphrase changed the file")
	}
	wantSecret(t, NewVault(VaultOptions{Dir: dir, FileOnly: true, Passphrase: "lang und gut"}), "a", "geheim")
	wantError(t, NewVault(VaultOptions{Dir: dir, FileOnly: true}), "a", ErrNoPassphrase)
	// A keyring that can be reached later does not make the passphrase superfluous.
	back := &memorySystem{values: map[string]string{}}
	wantSecret(t, NewVault(VaultOptions{Dir: dir, System: back, Passphrase: "lang und gut"}), "a", "geheim")
}

func TestVaultAsksForThePassphrase(t *testing.T) {
	dir := t.TempDir()
	answers := []string{"eins", "zwei", "drei", "drei", "drei"}
	asked := 0
	prompt := func(context.Context) (string, error) {
		asked++
		return answers[asked-1], nil
	}
	v := NewVault(VaultOptions{Dir: dir, FileOnly: true, Prompt: prompt})
	if err := v.Set(context.Background(), "a", "x"); !errors.Is(err, ErrPassphrasesNo) {
		t.Errorf("two different passphrases: %v", err)
	}
	set(t, v, "a", "x")
	set(t, v, "b", "y")
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
	wantSecret(t, NewVault(VaultOptions{Dir: dir, FileOnly: true, Prompt: prompt}), "b", "y")
}

func TestVaultRefusesDamagedAndForeignFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, sealedName)
	system := &memorySystem{values: map[string]string{}}
	set(t, NewVault(VaultOptions{Dir: dir, System: system}), "a", "x")
	wantError(t, NewVault(VaultOptions{Dir: dir, FileOnly: true, Passphrase: "p"}), "a", ErrOtherSeal)
	if err := os.WriteFile(path, []byte(`{"version":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	v := NewVault(VaultOptions{Dir: dir, System: system})
	wantError(t, v, "a", ErrSealed)
	if err := v.Set(context.Background(), "a", "y"); !errors.Is(err, ErrSealed) {
		t.Errorf("set over a damaged file: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != `{"version":1` {
		t.Errorf("the damaged file was replaced by %s", data)
	}
}

func TestSealedTextsCannotBeSwapped(t *testing.T) {
	k := newMasterKey()
	sealed, err := k.seal("password/1", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.open("password/2", sealed); err == nil {
		t.Error("a sealed text opened under another name")
	}
	if _, err := k.open("password/1", sealed[:5]); err == nil {
		t.Error("half a sealed text opened")
	}
}

func TestKeyringCallsAreBounded(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	block := make(chan struct{})
	defer close(block)
	_, err := bounded(context.Background(), time.Millisecond, func() (string, error) {
		<-block
		return "", nil
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a keyring that hangs: %v", err)
	}
}

// TestGnomeKeyring runs the test binary again under a session bus with a real keyring.
func TestGnomeKeyring(t *testing.T) {
	if os.Getenv("KONTOR_TEST_KEYRING_DIR") != "" {
		dir := os.Getenv("KONTOR_TEST_KEYRING_DIR")
		set(t, OpenVault(dir, nil), PasswordName(7), "im Schlüsselbund")
		wantSecret(t, OpenVault(dir, nil), PasswordName(7), "im Schlüsselbund")
		if text, err := keyring.Get(keyringService, masterName); err != nil || len(text) != 44 {
			t.Errorf("master key %d octets, %v", len(text), err)
		}
		return
	}
	for _, tool := range []string{"dbus-run-session", "gnome-keyring-daemon", "bash"} {
		servertest.Tool(t, tool)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	script := `printf 'pw\n' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null; "$0" -test.run='^TestGnomeKeyring$' -test.count=1`
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "bash", "-c", script, os.Args[0])
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_DATA_HOME="+dir, "KONTOR_TEST_KEYRING_DIR="+dir, "KONTOR_KEYRING=", "KONTOR_PASSPHRASE=")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "FAIL") {
		t.Fatalf("%v\n%s", err, out)
	}
}
