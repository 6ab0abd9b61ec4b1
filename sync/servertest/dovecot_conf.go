// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

func (d *IMAPServer) writeConfig() error {
	me, err := user.Current()
	if err != nil {
		return err
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(d.Dir, "state"), 0o755); err != nil {
		return err
	}
	bin, err := lookup("dovecot")
	if err != nil {
		return err
	}
	version, err := exec.Command(bin, "--version").Output()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = dovecotConf.Execute(&out, map[string]any{
		"New": !bytes.HasPrefix(version, []byte("2.3.")),
		"Dir": d.Dir, "Root": os.Getuid() == 0, "Me": me.Username, "Group": group.Name, "UID": d.uid, "GID": d.gid,
		"Certs": d.Certs, "TLS": !d.opts.NoTLS, "Capabilities": d.opts.Capabilities, "SpecialUse": !d.opts.NoSpecialUse,
		"Shared": d.opts.Shared, "Quota": d.opts.Quota,
		"Submission": d.submission, "IMAP": port(d.Addr), "IMAPS": port(d.TLSAddr), "LMTP": port(d.lmtp),
		"SMTP": port(d.smtp), "SMTPS": port(d.smtps), "Relay": port(d.Relay.Addr),
	})
	if err != nil {
		return err
	}
	conf := slices.DeleteFunc(strings.Split(out.String(), "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	return os.WriteFile(filepath.Join(d.Dir, "dovecot.conf"), []byte(strings.Join(conf, "\n")+"\n"), 0o644)
}

// dovecotConf is the configuration of Dovecot 2.3, or of 2.4 (New), which gave many settings other names. There is no
// delay and no penalty for wrong passwords, since tests try them.
var dovecotConf = template.Must(template.New("dovecot.conf").Parse(`
{{if .New}}
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
{{end}}
protocols = imap{{if .Submission}} lmtp submission{{end}}
base_dir = {{.Dir}}/run
state_dir = {{.Dir}}/state
instance_name = kontor-test-{{.IMAP}}
log_path = {{.Dir}}/dovecot.log
listen = 127.0.0.1
{{if not .Root}}
default_internal_user = {{.Me}}
default_internal_group = {{.Group}}
default_login_user = {{.Me}}
{{end}}
mail_uid = {{.UID}}
mail_gid = {{.GID}}
first_valid_uid = {{.UID}}
first_valid_gid = {{.GID}}
mail_fsync = never
mail_max_userip_connections = 100
maildir_very_dirty_syncs = no
auth_mechanisms = plain login scram-sha-256
auth_failure_delay = 0
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
{{if .New}}
mail_driver = maildir
mail_path = ~/Maildir
mail_home = {{.Dir}}/users/%{user}
auth_username_format = %{user | username | lower}
auth_allow_cleartext = yes
passdb passwd-file {
  passwd_file_path = {{.Dir}}/passwd
}
userdb passwd-file {
  passwd_file_path = {{.Dir}}/passwd
}
{{else}}
mail_home = {{.Dir}}/users/%u
mail_location = maildir:~/Maildir
mail_plugins = zlib notify quota{{if .Shared}} acl{{end}}
auth_username_format = %Ln
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=PLAIN {{.Dir}}/passwd
}
userdb {
  driver = passwd-file
  args = {{.Dir}}/passwd
}
protocol imap {
  mail_plugins = $mail_plugins imap_zlib imap_quota{{if .Shared}} imap_acl{{end}}
}
plugin {
{{if .Shared}}
  acl = vfile:{{.Dir}}/acl:cache_secs=0
  acl_shared_dict = file:{{.Dir}}/shared/folders
{{end}}
{{if .Quota}}
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={{.Quota}}
{{end}}
}
{{if .Shared}}
namespace shared {
  type = shared
  prefix = shared/%%u/
  separator = /
  location = maildir:%%h/Maildir:INDEXPVT=~/shared/%%u
  subscriptions = no
  list = children
}
namespace public {
  type = public
  prefix = Public/
  separator = /
  location = maildir:{{.Dir}}/public:INDEXPVT=~/public
  subscriptions = no
  list = children
}
{{end}}
{{end}}
{{if not .TLS}}
ssl = no
{{else if .New}}
ssl = yes
ssl_server_cert_file = {{.Certs.CertFile}}
ssl_server_key_file = {{.Certs.KeyFile}}
{{else}}
ssl = yes
ssl_cert = <{{.Certs.CertFile}}
ssl_key = <{{.Certs.KeyFile}}
ssl_dh =
{{end}}
{{if .Capabilities}}imap_capability = {{.Capabilities}}{{end}}
namespace inbox {
  inbox = yes
  separator = /
{{if .SpecialUse}}
  mailbox Drafts {
    special_use = \Drafts
    auto = subscribe
  }
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
  mailbox Trash {
    special_use = \Trash
    auto = subscribe
  }
  mailbox Junk {
    special_use = \Junk
    auto = subscribe
  }
  mailbox Archive {
    special_use = \Archive
    auto = subscribe
  }
{{end}}
}
service imap-login {
  chroot =
  process_min_avail = 1
  inet_listener imap {
    port = {{.IMAP}}
  }
  inet_listener imaps {
    port = {{if .TLS}}{{.IMAPS}}{{else}}0{{end}}
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
{{if .Submission}}
service lmtp {
  inet_listener lmtp {
    port = {{.LMTP}}
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    port = {{.SMTP}}
  }
  inet_listener submissions {
    port = {{if .TLS}}{{.SMTPS}}{{else}}0{{end}}
    ssl = yes
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = {{.Relay}}
submission_relay_trusted = no
submission_client_workarounds =
hostname = localhost
{{end}}
`))
