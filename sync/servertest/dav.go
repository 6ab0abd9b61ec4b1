// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"
)

// DAVServer is a running WebDAV server over a folder.
type DAVServer struct {
	URL      string // ends in a slash
	Addr     string
	User     string
	Password string
	Root     string // the folder it serves
	Certs    *Certificates

	dir      string
	log      string
	uid, gid int // whom the server's files belong to; -1 for the caller
	proc     running
	run      func() (*process, error)
}

// Apache starts Apache with mod_dav for the test: it honours preconditions and locks.
func Apache(t testing.TB, opts ...Options) *DAVServer {
	t.Helper()
	return davForTest(t, StartApache, pick(opts))
}

// Nginx starts nginx with the dav-ext module for the test: it ignores If-Match and If-None-Match.
func Nginx(t testing.TB) *DAVServer {
	t.Helper()
	return davForTest(t, StartNginx, Options{})
}

// RcloneServe starts "rclone serve webdav" for the test: it ignores preconditions and keeps what an aborted PUT sent.
func RcloneServe(t testing.TB) *DAVServer {
	t.Helper()
	return davForTest(t, StartRclone, Options{})
}

func davForTest(t testing.TB, start func(string, Options) (*DAVServer, error), opts Options) *DAVServer {
	t.Helper()
	d, err := start(TempDir(t), opts)
	check(t, err)
	t.Cleanup(d.Stop)
	return d
}

// newDAV prepares what the servers have in common.
func newDAV(dir string, opts Options) (*DAVServer, error) {
	d := &DAVServer{
		User: User, Password: Password, Root: filepath.Join(dir, "root"), dir: dir,
		log: filepath.Join(dir, "access.log"), uid: -1, gid: -1,
	}
	if opts.TLS {
		var err error
		if d.Certs, err = NewCertificates(dir); err != nil {
			return nil, err
		}
	}
	return d, os.MkdirAll(d.Root, 0o755)
}

// begin picks an address and runs the server on it.
func (d *DAVServer) begin() error {
	return attempts(func() error {
		var err error
		if d.Addr, err = freeAddr(); err != nil {
			return err
		}
		d.URL = "http://" + d.Addr + "/"
		if d.Certs != nil {
			d.URL = "https://" + d.Addr + "/"
		}
		return d.Start()
	})
}

// Start runs the server again after Stop or Kill, on the same address.
func (d *DAVServer) Start() error {
	p, err := d.run()
	if err != nil {
		return err
	}
	d.proc.set(p)
	return nil
}

// Stop ends the server.
func (d *DAVServer) Stop() { d.proc.stop() }

// Kill ends the server at once, in the middle of whatever it is doing.
func (d *DAVServer) Kill() { d.proc.kill() }

// Path is the place of a served file on disk; name has slashes.
func (d *DAVServer) Path(name string) string { return filepath.Join(d.Root, filepath.FromSlash(name)) }

// Write puts a file and its folders behind the server's back, as another client would have.
func (d *DAVServer) Write(name string, data []byte) error {
	if err := d.Mkdir(filepath.ToSlash(filepath.Dir(filepath.FromSlash(name)))); err != nil {
		return err
	}
	if err := os.WriteFile(d.Path(name), data, 0o644); err != nil {
		return err
	}
	return d.own(d.Path(name))
}

// Mkdir makes a folder and those above it behind the server's back.
func (d *DAVServer) Mkdir(name string) error {
	at := d.Root
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." {
			continue
		}
		at = filepath.Join(at, part)
		if err := os.Mkdir(at, 0o755); errors.Is(err, os.ErrExist) {
			continue
		} else if err != nil {
			return err
		}
		if err := d.own(at); err != nil {
			return err
		}
	}
	return nil
}

// own gives a path to the user that the server runs as.
func (d *DAVServer) own(path string) error {
	if d.uid < 0 || os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, d.uid, d.gid)
}

// Age sets a file's time of modification back, so that Apache's ETag is no longer weak. (mod_dav calls an ETag weak
// within a second of the modification.)
func (d *DAVServer) Age(name string, by time.Duration) error {
	at := time.Now().Add(-by)
	return os.Chtimes(d.Path(name), at, at)
}

// RequestLog is one line for each request so far: method, status, path. rclone writes none.
func (d *DAVServer) RequestLog() []string {
	data, err := os.ReadFile(d.log)
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })
}

// ClearLog forgets the requests so far.
func (d *DAVServer) ClearLog() error { return os.Truncate(d.log, 0) }

// StartApache starts Apache in dir, which must be enterable by other users.
func StartApache(dir string, opts Options) (*DAVServer, error) {
	bin, err := lookup("apache2")
	if err != nil {
		return nil, err
	}
	d, err := newDAV(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := d.prepareApache(); err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "apache.conf")
	d.run = func() (*process, error) {
		var out bytes.Buffer
		err := apacheConf.Execute(&out, map[string]any{
			"Dir": d.dir, "Addr": d.Addr, "Root": d.Root, "As": d.uid >= 0, "UID": d.uid, "GID": d.gid, "TLS": opts.TLS,
			"Certs": d.Certs, "DepthInfinity": opts.DepthInfinity,
		})
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(conf, out.Bytes(), 0o644); err != nil {
			return nil, err
		}
		p, err := startProcess(filepath.Join(dir, "output.log"), []string{d.Addr}, bin, "-f", conf, "-DFOREGROUND")
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, tail(filepath.Join(dir, "error.log")))
		}
		return p, nil
	}
	return d, d.begin()
}

func (d *DAVServer) prepareApache() error {
	if os.Getuid() == 0 {
		www, err := user.Lookup("www-data")
		if err != nil {
			return fmt.Errorf("the user www-data: %w", ErrMissing)
		}
		if d.uid, err = strconv.Atoi(www.Uid); err != nil {
			return err
		}
		if d.gid, err = strconv.Atoi(www.Gid); err != nil {
			return err
		}
	}
	locks := filepath.Join(d.dir, "locks")
	if err := os.MkdirAll(locks, 0o755); err != nil {
		return err
	}
	for _, path := range []string{d.Root, locks} {
		if err := d.own(path); err != nil {
			return err
		}
	}
	return writePasswd(d.dir)
}

// writePasswd writes a password file as htpasswd -s does: both Apache and nginx read that.
func writePasswd(dir string) error {
	sum := sha1.Sum([]byte(Password))
	line := User + ":{SHA}" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
	return os.WriteFile(filepath.Join(dir, "passwd"), []byte(line), 0o644)
}

var apacheConf = template.Must(template.New("apache.conf").Parse(`
ServerRoot /usr/lib/apache2
ServerName localhost
Listen {{.Addr}}
PidFile {{.Dir}}/apache.pid
DefaultRuntimeDir {{.Dir}}
Mutex file:{{.Dir}}
ErrorLog {{.Dir}}/error.log
{{if .As}}
User #{{.UID}}
Group #{{.GID}}
{{end}}
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authn_core_module modules/mod_authn_core.so
LoadModule authn_file_module modules/mod_authn_file.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule authz_user_module modules/mod_authz_user.so
LoadModule auth_basic_module modules/mod_auth_basic.so
LoadModule alias_module modules/mod_alias.so
LoadModule dav_module modules/mod_dav.so
LoadModule dav_fs_module modules/mod_dav_fs.so
{{if .TLS}}
LoadModule ssl_module modules/mod_ssl.so
SSLEngine on
SSLCertificateFile {{.Certs.CertFile}}
SSLCertificateKeyFile {{.Certs.KeyFile}}
{{end}}
StartServers 1
ThreadsPerChild 25
MaxRequestWorkers 75
KeepAlive On
MaxKeepAliveRequests 0
LimitXMLRequestBody 0
AllowEncodedSlashes Off
LogFormat "%m %>s %U" dav
CustomLog {{.Dir}}/access.log dav
DavLockDB {{.Dir}}/locks/db
DocumentRoot {{.Root}}
<Directory {{.Root}}>
  Dav On
  {{if .DepthInfinity}}DavDepthInfinity On{{end}}
  AuthType Basic
  AuthName "Kontor test"
  AuthUserFile {{.Dir}}/passwd
  Require valid-user
</Directory>
`))

// StartNginx starts nginx in dir.
func StartNginx(dir string, opts Options) (*DAVServer, error) {
	bin, err := lookup("nginx")
	if err != nil {
		return nil, err
	}
	module := "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"
	if _, err := os.Stat(module); err != nil {
		return nil, fmt.Errorf("nginx's dav-ext module: %w", ErrMissing)
	}
	d, err := newDAV(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := writePasswd(dir); err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "nginx.conf")
	d.run = func() (*process, error) {
		var out bytes.Buffer
		err := nginxConf.Execute(&out, map[string]any{
			"Dir": dir, "Addr": d.Addr, "Root": d.Root, "AsRoot": os.Getuid() == 0, "TLS": opts.TLS, "Certs": d.Certs, "Module": module,
		})
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(conf, out.Bytes(), 0o644); err != nil {
			return nil, err
		}
		return startProcess(filepath.Join(dir, "output.log"), []string{d.Addr}, bin,
			"-p", dir, "-c", conf, "-e", filepath.Join(dir, "error.log"))
	}
	return d, d.begin()
}

var nginxConf = template.Must(template.New("nginx.conf").Parse(`
load_module {{.Module}};
daemon off;
{{if .AsRoot}}user root;{{end}}
worker_processes 1;
pid {{.Dir}}/nginx.pid;
error_log {{.Dir}}/error.log;
events { worker_connections 256; }
http {
  log_format dav '$request_method $status $uri';
  access_log {{.Dir}}/access.log dav;
  client_body_temp_path {{.Dir}}/body;
  proxy_temp_path {{.Dir}}/proxy;
  fastcgi_temp_path {{.Dir}}/fastcgi;
  uwsgi_temp_path {{.Dir}}/uwsgi;
  scgi_temp_path {{.Dir}}/scgi;
  client_max_body_size 0;
  server {
    listen {{.Addr}}{{if .TLS}} ssl{{end}};
    server_name localhost;
    {{if .TLS}}
    ssl_certificate {{.Certs.CertFile}};
    ssl_certificate_key {{.Certs.KeyFile}};
    {{end}}
    root {{.Root}};
    auth_basic "Kontor test";
    auth_basic_user_file {{.Dir}}/passwd;
    location / {
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS;
      create_full_put_path off;
      min_delete_depth 0;
    }
  }
}
`))

// StartRclone starts rclone's WebDAV server in dir. It looks at the folder afresh for every request.
func StartRclone(dir string, opts Options) (*DAVServer, error) {
	bin, err := exec.LookPath("rclone")
	if err != nil {
		return nil, fmt.Errorf("rclone: %w", ErrMissing)
	}
	d, err := newDAV(dir, opts)
	if err != nil {
		return nil, err
	}
	d.run = func() (*process, error) {
		args := []string{
			"serve", "webdav", d.Root, "--config", os.DevNull, "--addr", d.Addr, "--user", User, "--pass", Password,
			"--dir-cache-time", "0s", "--poll-interval", "0s", "--cache-dir", filepath.Join(dir, "cache"),
		}
		if opts.TLS {
			args = append(args, "--cert", d.Certs.CertFile, "--key", d.Certs.KeyFile)
		}
		return startProcess(filepath.Join(dir, "output.log"), []string{d.Addr}, bin, args...)
	}
	return d, d.begin()
}
