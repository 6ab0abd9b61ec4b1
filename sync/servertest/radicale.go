// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"
)

// CalDAVServer is a running Radicale.
type CalDAVServer struct {
	URL      string // ends in a slash
	Addr     string
	User     string
	Password string
	Dir      string // its storage: Dir/collection-root/USER/LIST/*.ics
	Certs    *Certificates

	base string
	opts Options
	proc running
}

// Radicale starts a Radicale for the test, with the user User and no lists.
func Radicale(t testing.TB, opts ...Options) *CalDAVServer {
	t.Helper()
	r, err := StartRadicale(TempDir(t), pick(opts))
	check(t, err)
	t.Cleanup(r.Stop)
	return r
}

// StartRadicale starts a Radicale in dir.
func StartRadicale(dir string, opts Options) (*CalDAVServer, error) {
	if _, err := lookup("radicale"); err != nil {
		return nil, err
	}
	r := &CalDAVServer{User: User, Password: Password, Dir: filepath.Join(dir, "storage"), base: dir, opts: opts}
	if err := os.MkdirAll(filepath.Join(r.Dir, "collection-root", User), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "passwd"), []byte(User+":"+Password+"\nbernd:"+Password+"\n"), 0o644); err != nil {
		return nil, err
	}
	if opts.TLS {
		var err error
		if r.Certs, err = NewCertificates(dir); err != nil {
			return nil, err
		}
	}
	return r, attempts(func() error {
		var err error
		if r.Addr, err = freeAddr(); err != nil {
			return err
		}
		r.URL = "http://" + r.Addr + "/"
		if opts.TLS {
			r.URL = "https://" + r.Addr + "/"
		}
		return r.Start()
	})
}

// Start runs Radicale again after Stop or Kill, on the same address.
func (r *CalDAVServer) Start() error {
	bin, err := lookup("radicale")
	if err != nil {
		return err
	}
	var conf bytes.Buffer
	err = radicaleConf.Execute(&conf, map[string]any{"Addr": r.Addr, "Dir": r.Dir, "Base": r.base, "TLS": r.opts.TLS, "Certs": r.Certs})
	if err != nil {
		return err
	}
	file := filepath.Join(r.base, "radicale.conf")
	if err := os.WriteFile(file, conf.Bytes(), 0o644); err != nil {
		return err
	}
	p, err := startProcess(filepath.Join(r.base, "output.log"), []string{r.Addr}, bin, "--config", file)
	if err != nil {
		return err
	}
	r.proc.set(p)
	return nil
}

// Stop ends Radicale.
func (r *CalDAVServer) Stop() { r.proc.stop() }

// Kill ends Radicale at once.
func (r *CalDAVServer) Kill() { r.proc.kill() }

// ListURL is the address of a list of User.
func (r *CalDAVServer) ListURL(list string) string { return r.URL + r.User + "/" + list + "/" }

// List lays a list for tasks down in the storage: one file for each object, by file name without ".ics". Radicale sees
// it at the next request. The first sync-collection of a list laid down like this is slow.
func (r *CalDAVServer) List(name, title string, objects map[string]string) error {
	dir := filepath.Join(r.Dir, "collection-root", r.User, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	props, err := json.Marshal(map[string]string{
		"tag": "VCALENDAR", "D:displayname": title, "C:supported-calendar-component-set": "VTODO",
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, ".Radicale.props"), props, 0o644); err != nil {
		return err
	}
	for object, text := range objects {
		if err := os.WriteFile(filepath.Join(dir, object+".ics"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Objects are the texts of all objects of a list, by file name without ".ics".
func (r *CalDAVServer) Objects(list string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(r.Dir, "collection-root", r.User, list, "*.ics"))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts[strings.TrimSuffix(filepath.Base(file), ".ics")] = string(data)
	}
	return texts, nil
}

// requestLine is what Radicale logs when it has answered.
var requestLine = regexp.MustCompile(`(\w+) response status for '([^']*)'.* in [0-9.]+ seconds: (\d+)`)

// RequestLog is one line for each request so far: method, status, path.
func (r *CalDAVServer) RequestLog() []string {
	data, err := os.ReadFile(filepath.Join(r.base, "output.log"))
	if err != nil {
		return nil
	}
	var lines []string
	for _, m := range requestLine.FindAllStringSubmatch(string(data), -1) {
		lines = append(lines, m[1]+" "+m[3]+" "+m[2])
	}
	return lines
}

// ClearLog forgets the requests so far.
func (r *CalDAVServer) ClearLog() error { return os.Truncate(filepath.Join(r.base, "output.log"), 0) }

var radicaleConf = template.Must(template.New("radicale.conf").Parse(`
[server]
hosts = {{.Addr}}
max_connections = 50
{{if .TLS}}
ssl = True
certificate = {{.Certs.CertFile}}
key = {{.Certs.KeyFile}}
{{end}}
[auth]
type = htpasswd
htpasswd_filename = {{.Base}}/passwd
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {{.Dir}}
[rights]
type = owner_only
[logging]
level = info
[web]
type = none
`))
