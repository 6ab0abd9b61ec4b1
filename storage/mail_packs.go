// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// packLimit is how large a pack grows before the next one is begun: what was packed from it frees the disk bit by bit.
const packLimit = 64 << 20

// packAge is how long a pack that no row names is kept: its rows may be about to be committed, by another process even.
const packAge = 10 * time.Minute

// What is written past the system's cache is whole blocks, and only if it is worth waiting for the disk. The buffer is
// kept between writes unless one was unusually large.
const (
	block     = 4096
	minDirect = 256 << 10
	maxJoined = 2 * PieceSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Spooled is where octets lie beside the database.
type Spooled struct {
	pack, pos, size int64
	packed          int64 // how many they are there when packed, 0 for octets as they arrived
	crc             uint32
}

// stored is how many octets there are in the file.
func (s Spooled) stored() int64 { return cmp.Or(s.packed, s.size) }

// Octets is how many there are.
func (s Spooled) Octets() int64 { return s.size }

// SpooledBody is a message and its octets.
type SpooledBody struct {
	ID int64 // of the message
	Spooled
}

// packs are the files in which octets lie that just arrived, or that stay there packed: appending to a file costs a
// fraction of what storing a blob does, and the network need not wait for packing.
type packs struct {
	dir    string
	kept   bool // what is added stays: it is synced to the disk
	least  int  // from how many octets on it is worth a pack
	mu     sync.Mutex
	file   *os.File // the one that grows
	direct *os.File // the same, past the system's cache; nil where that cannot be done
	id     int64
	end    int64
	joined []byte // reused
	open   map[int64]*os.File
	rate   rate
	last   time.Time // when the file grew
}

// rate measures how fast octets arrive.
type rate struct {
	since time.Time
	sum   int64
}

// Spool keeps octets that the network can bring again; they are not synced to the disk. AddSpooled names them in the
// store. It needs no transaction and is safe for several goroutines.
func (db *DB) Spool(raws ...[]byte) ([]Spooled, error) {
	return db.spool(raws, nil)
}

// SpoolBuffer gives memory for octets that SpoolJoined is to write.
func SpoolBuffer(octets int) []byte { return alignedBuffer(roundUp(int64(octets)))[:0] }

// SpoolJoined is Spool for octets that lie one after the other in data, which ends with the last of them; ends says where
// each of them ends. Data of SpoolBuffer that has not grown is not copied once more; what lies behind its end is overwritten.
func (db *DB) SpoolJoined(data []byte, ends []int) ([]Spooled, error) {
	raws, start := make([][]byte, len(ends)), 0
	for i, end := range ends {
		raws[i], start = data[start:end], end
	}
	return db.spool(raws, data)
}

func (db *DB) spool(raws [][]byte, joined []byte) ([]Spooled, error) {
	out := make([]Spooled, len(raws))
	for i, raw := range raws {
		out[i] = Spooled{size: int64(len(raw)), crc: crc32.Checksum(raw, castagnoli)}
	}
	if err := db.packs.add(raws, joined, out); err != nil {
		return nil, fmt.Errorf("keep what arrived: %w", err)
	}
	return out, nil
}

// add puts octets at the end of the file; joined is the memory that all of them lie in, or nil.
func (p *packs) add(raws [][]byte, joined []byte, out []Spooled) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.grow(); err != nil {
		return err
	}
	total := int64(0)
	for i := range raws {
		out[i].pack, out[i].pos = p.id, p.end+total
		total += int64(len(raws[i]))
	}
	if err := p.write(p.blocks(raws, joined, total)); err != nil {
		return err
	}
	p.end += roundUp(total)
	p.last = time.Now()
	p.rate.add(total)
	return nil
}

// blocks gives whole blocks that begin with the octets.
func (p *packs) blocks(raws [][]byte, joined []byte, total int64) []byte {
	size := roundUp(total)
	if int64(cap(joined)) >= size && isAligned(joined) {
		joined = joined[:size]
		clear(joined[total:])
		return joined
	}
	if int64(len(p.joined)) < size {
		p.joined = alignedBuffer(size)
	}
	buf := p.joined[:size]
	n := 0
	for _, raw := range raws {
		n += copy(buf[n:], raw)
	}
	clear(buf[n:])
	if len(p.joined) > maxJoined {
		p.joined = nil
	}
	return buf
}

// write puts blocks at the end of the file, in one go. What is large enough goes past the system's cache.
func (p *packs) write(buf []byte) error {
	if err := p.writeAt(buf); err != nil || !p.kept {
		return err
	}
	return p.file.Sync()
}

func (p *packs) writeAt(buf []byte) error {
	if p.direct != nil && len(buf) >= minDirect {
		if _, err := p.direct.WriteAt(buf, p.end); err == nil {
			return nil
		}
		err := p.direct.Close()
		if p.direct = nil; err != nil {
			return err
		}
	}
	_, err := p.file.WriteAt(buf, p.end)
	return err
}

func roundUp(n int64) int64 { return (n + block - 1) / block * block }

// alignedBuffer gives memory that begins at a block of its own, as writes past the cache need it.
func alignedBuffer(size int64) []byte {
	buf := make([]byte, size+block)
	start := block - beyondBlock(buf)
	return buf[start : start+size : start+size]
}

func isAligned(buf []byte) bool { return beyondBlock(buf) == 0 }

// beyondBlock tells how far behind the beginning of a block memory begins.
func beyondBlock(buf []byte) int64 {
	return int64(uintptr(unsafe.Pointer(unsafe.SliceData(buf))) % block) //nolint:gosec // only the address is looked at
}

// grow makes sure that there is a file with room.
func (p *packs) grow() error {
	if p.file != nil && p.end < packLimit && time.Since(p.last) < packAge/2 {
		return nil
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	for id := time.Now().UnixMilli(); ; id++ {
		f, err := os.OpenFile(p.name(id), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if p.direct != nil {
			if err := p.direct.Close(); err != nil {
				return errors.Join(err, f.Close())
			}
		}
		p.file, p.id, p.end, p.last, p.direct = f, id, 0, time.Now(), openDirect(p.name(id))
		p.open[id] = f
		if p.kept {
			return syncDir(p.dir)
		}
		return nil
	}
}

func (p *packs) name(id int64) string { return filepath.Join(p.dir, strconv.FormatInt(id, 10)+".pack") }

// read gives octets back, in the buffer if it is large enough; ErrPacked where the file does not hold them, after a crash
// of the machine.
func (p *packs) read(s Spooled, buf []byte) ([]byte, error) {
	f, err := p.reader(s.pack)
	if err != nil {
		return nil, errors.Join(ErrPacked, err)
	}
	raw := slices.Grow(buf[:0], int(s.stored()))[:s.stored()]
	if _, err := f.ReadAt(raw, s.pos); err != nil {
		return nil, errors.Join(ErrPacked, err)
	}
	if crc32.Checksum(raw, castagnoli) != s.crc {
		return nil, ErrPacked
	}
	return raw, nil
}

func (p *packs) reader(id int64) (*os.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.open[id]; f != nil {
		return f, nil
	}
	f, err := os.Open(p.name(id))
	if err == nil {
		p.open[id] = f
	}
	return f, err
}

func (p *packs) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, f := range p.open {
		errs = append(errs, f.Close())
	}
	if p.direct != nil {
		errs = append(errs, p.direct.Close())
	}
	p.file, p.direct, p.open = nil, nil, map[int64]*os.File{}
	return errors.Join(errs...)
}

// packFile is a pack as it lies on the disk.
type packFile struct {
	id, size int64
	changed  time.Time
}

// files gives the packs on the disk.
func (p *packs) files() ([]packFile, error) {
	entries, err := os.ReadDir(p.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []packFile
	for _, e := range entries {
		id, err := strconv.ParseInt(strings.TrimSuffix(e.Name(), ".pack"), 10, 64)
		if err != nil {
			continue
		}
		if info, err := e.Info(); err == nil {
			all = append(all, packFile{id, info.Size(), info.ModTime()})
		}
	}
	return all, nil
}

func (p *packs) current() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

// quietPacks gives those that nobody writes to any more: none that was written to lately.
func (db *DB) quietPacks(age time.Duration) ([]packFile, error) {
	all, err := db.packs.files()
	spool, kept := db.packs.current(), db.kept.current()
	return slices.DeleteFunc(all, func(f packFile) bool {
		return f.id == spool || f.id == kept || time.Since(f.changed) <= age
	}), err
}

// remove deletes a pack. One that another process reads right now may refuse, and is removed another time.
func (p *packs) remove(id int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.open[id]; f != nil {
		delete(p.open, id)
		if err := f.Close(); err != nil {
			return err
		}
	}
	err := os.Remove(p.name(id))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

// settingSwept is when packs were removed last, in Unix seconds.
const settingSwept = "_packs_swept"

// SweepPacks removes the packs that no message lies in any more and returns how many those were.
func (db *DB) SweepPacks(ctx context.Context) (int, error) { return db.sweepPacks(ctx, packAge) }

func (db *DB) sweepPacks(ctx context.Context, age time.Duration) (int, error) {
	quiet, err := db.quietPacks(age)
	if err != nil || len(quiet) == 0 {
		return 0, err
	}
	ids := make([]int64, len(quiet))
	for i, f := range quiet {
		ids[i] = f.id
	}
	free, err := db.ids(ctx, `SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM bodies WHERE pack = value AND pack > 0)`, jsonIDs(ids))
	if err != nil {
		return 0, fmt.Errorf("look for packs to remove: %w", err)
	}
	if len(free) == 0 {
		return 0, nil
	}
	// That nobody lies there any more has to be on the disk first.
	err = db.WriteDurable(ctx, func(tx *Tx) error { return tx.SetSetting(ctx, settingSwept, strconv.FormatInt(time.Now().Unix(), 10)) })
	if err != nil {
		return 0, fmt.Errorf("remove packs: %w", err)
	}
	for _, id := range free {
		if err := db.packs.remove(id); err != nil {
			return 0, fmt.Errorf("remove pack: %w", err)
		}
	}
	return len(free), nil
}

// spooledRow is how a statement is told of one of many bodies.
type spooledRow struct {
	ID   int64 `json:"i"`
	Size int64 `json:"s"`
	Pack int64 `json:"f"`
	Pos  int64 `json:"p"`
	CRC  int64 `json:"c"`
}

// AddSpooled names octets that were spooled as those of messages; messages that were removed meanwhile are left out.
// What a list shows of their text follows when they are read in the background.
func (tx *Tx) AddSpooled(ctx context.Context, bodies []SpooledBody) error {
	if len(bodies) == 0 {
		return nil
	}
	ids := make([]int64, len(bodies))
	rows := make([]spooledRow, len(bodies))
	for i, b := range bodies {
		ids[i] = b.ID
		rows[i] = spooledRow{b.ID, b.size, b.pack, b.pos, int64(b.crc)}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	_, err = tx.exec(ctx, `INSERT INTO bodies (id, size, pack, pos, crc)
		SELECT value ->> 'i', value ->> 's', value ->> 'f', value ->> 'p', value ->> 'c' FROM json_each(?)
		WHERE EXISTS (SELECT 1 FROM messages WHERE id = value ->> 'i')
		ON CONFLICT (id) DO UPDATE SET size = excluded.size, pieces = 0, data = x'', pack = excluded.pack, pos = excluded.pos, crc = excluded.crc, packed = 0`, string(text))
	if err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	list := jsonIDs(ids)
	if _, err := tx.exec(ctx, `DELETE FROM body_pieces WHERE message_id IN (SELECT value FROM json_each(?))`, list); err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	if _, err := tx.exec(ctx, `UPDATE messages SET body_state = 1 WHERE id IN (SELECT value FROM json_each(?))`, list); err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	return nil
}

func (r *rate) add(n int64) {
	if now := time.Now(); now.Sub(r.since) > time.Second {
		r.since, r.sum = now, 0
	}
	r.sum += n
}

// busyRate is from how many octets a second on the processor rather than the network limits a synchronisation.
const busyRate = 16 << 20

// headerCost is how many octets a header counts as: so many cost the processor as much as one header.
const headerCost = 4 << 10

func (p *packs) arrived(headers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate.add(int64(headers) * headerCost)
}

// Arriving reports whether octets arrive so fast that work in the background had better wait for a moment.
func (db *DB) Arriving() bool {
	db.packs.mu.Lock()
	defer db.packs.mu.Unlock()
	r := &db.packs.rate
	since := time.Since(r.since)
	return since < 2*time.Second && float64(r.sum) > busyRate*max(since.Seconds(), 0.25)
}
