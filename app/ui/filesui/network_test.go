// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"fmt"
	"io"
	"slices"

	"kontor/app/files"
	"kontor/app/ui/uitest"
)

// network is what the test's server keeps besides the files, and what is on its way.
type network struct {
	info     *files.ServerInfo // nil for what the store knows
	who      files.Who
	versions []files.Version
	trash    []files.Trashed
	shares   []files.Share
	asked    []files.ShareOptions
	did      []string
	room     *int64
	moving   []files.Transfer
	sum      files.TransferSum
	down, up int64
	metered  string
}

// rich lets the server offer everything.
func (d *desk) rich() *network {
	d.T.Helper()
	d.core.net.info = &files.ServerInfo{Product: "Nextcloud", Version: "32.0.1", Versions: true, Trash: true, Shares: true, Used: 4 << 30, Free: 6 << 30}
	d.page.reload()
	d.Settle()
	return d.core.net
}

func (w watched) Server(ctx context.Context, account int64) (files.ServerInfo, error) {
	return uitest.Get(w.Watch, "Server", func() (files.ServerInfo, error) {
		if w.net.info != nil {
			return *w.net.info, nil
		}
		return w.town.Files.Server(ctx, account)
	})
}

func (w watched) Who(context.Context, int64) (files.Who, error) {
	return uitest.Get(w.Watch, "Who", func() (files.Who, error) { return w.net.who, nil })
}

func (w watched) Versions(context.Context, int64) ([]files.Version, error) {
	return uitest.Get(w.Watch, "Versions", func() ([]files.Version, error) { return w.net.versions, nil })
}

func (w watched) SaveVersion(_ context.Context, _ int64, key string, out io.Writer) error {
	return w.Do("SaveVersion", func() error {
		_, err := io.WriteString(out, "Fassung "+key)
		return err
	})
}

func (w watched) RestoreVersion(_ context.Context, id int64, key string) error {
	return w.Do("RestoreVersion", func() error {
		w.net.did = append(w.net.did, fmt.Sprint("restore ", id, " ", key))
		return nil
	})
}

func (w watched) Trash(context.Context, int64) ([]files.Trashed, error) {
	return uitest.Get(w.Watch, "Trash", func() ([]files.Trashed, error) { return w.net.trash, nil })
}

func (w watched) RestoreTrashed(_ context.Context, _ int64, key string) error {
	return w.Do("RestoreTrashed", func() error {
		w.net.trash = slices.DeleteFunc(slices.Clone(w.net.trash), func(t files.Trashed) bool { return t.Key == key })
		return nil
	})
}

func (w watched) Shares(context.Context, int64) ([]files.Share, error) {
	return uitest.Get(w.Watch, "Shares", func() ([]files.Share, error) { return w.net.shares, nil })
}

func (w watched) CreateShare(_ context.Context, _ int64, o files.ShareOptions) (files.Share, error) {
	return uitest.Get(w.Watch, "CreateShare", func() (files.Share, error) {
		w.net.asked = append(w.net.asked, o)
		s := files.Share{Key: fmt.Sprint(len(w.net.asked)), URL: fmt.Sprint("https://cloud.example/s/", len(w.net.asked)), Expires: o.Expires, Protected: o.Password != "", Write: o.Write}
		w.net.shares = append(w.net.shares, s)
		return s, nil
	})
}

func (w watched) RemoveShare(_ context.Context, _ int64, key string) error {
	return w.Do("RemoveShare", func() error {
		w.net.shares = slices.DeleteFunc(w.net.shares, func(s files.Share) bool { return s.Key == key })
		return nil
	})
}

func (w watched) Transfers() []files.Transfer { return w.net.moving }

func (w watched) TransferSum() files.TransferSum { return w.net.sum }

func (w watched) Pause(ctx context.Context, account int64, on bool) error {
	return w.Do("Pause", func() error { return w.town.Files.Pause(ctx, account, on) })
}

func (w watched) Paused(ctx context.Context, account int64) (bool, error) {
	return uitest.Get(w.Watch, "Paused", func() (bool, error) { return w.town.Files.Paused(ctx, account) })
}

func (w watched) SetLimits(_ context.Context, down, up int64) error {
	return w.Do("SetLimits", func() error {
		w.net.down, w.net.up = down, up
		return nil
	})
}

func (w watched) Limits(context.Context) (down, up int64, err error) {
	return w.net.down, w.net.up, w.Enter("Limits")
}

func (w watched) SetMetered(_ context.Context, mode string) error {
	return w.Do("SetMetered", func() error {
		w.net.metered = mode
		return nil
	})
}

func (w watched) Metered(context.Context) (mode string, now bool, err error) {
	mode = files.MeteredAuto
	if w.net.metered != "" {
		mode = w.net.metered
	}
	return mode, false, w.Enter("Metered")
}
