package reference

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// queueName is the queue's place below World.Dir.
const queueName = "queue/queue.db"

// The buckets: envelopes and contents have the message's id as their key.
var (
	bucketEnvelopes = []byte("envelopes")
	bucketContents  = []byte("contents")
	bucketLife      = []byte("life")
	keyLives        = []byte("lives")
)

// errDead is what every use of the queue gets after a kill.
var errDead = errors.New("the relay was killed")

// errGone says that a message is no longer in the queue.
var errGone = errors.New("no such message in the queue")

const (
	// maxGroup bounds the changes that share one transaction, and so one fsync.
	maxGroup = 256
	// listChunk bounds how long a listing holds a read transaction open: the
	// file cannot grow meanwhile.
	listChunk = 1000
)

// queue is the durable queue. One goroutine writes; changes that come together
// share a transaction. (bbolt's own Batch would make each of them wait for a
// timer first, on the wall's time.)
type queue struct {
	db         *bbolt.DB
	keepBodies bool
	machine    *machine // nil: nothing happens to it
	pageSize   int64
	changes    chan change
	dead       atomic.Bool
	life       uint64 // which life of the queue this is, from 1
	number     atomic.Uint64
	size       atomic.Int64
	writer     sync.WaitGroup
}

// change is one unit of work on the queue: all of it is committed, or nothing.
// It may run more than once, so it must begin anew each time.
type change struct {
	run  func(*bbolt.Tx) error
	done chan error
}

// openQueue opens the queue below dir, or makes it.
func openQueue(dir string, noSync, keepBodies bool) (*queue, error) {
	path := filepath.Join(dir, filepath.FromSlash(queueName))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the queue folder: %w", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:        5 * time.Second,
		NoSync:         noSync,
		NoGrowSync:     noSync,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the queue: %w", err)
	}
	q := &queue{
		db: db, keepBodies: keepBodies, changes: make(chan change),
		// Info looks into the mapped file, which moves as it grows: it may be
		// asked only before anybody writes.
		pageSize: int64(db.Info().PageSize),
	}
	if err := db.Update(q.begin); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the queue: %w", err), db.Close())
	}
	q.writer.Go(q.write)
	return q, nil
}

// begin counts this life, so that no queue id is ever given out twice, and the
// messages already there.
func (q *queue) begin(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketEnvelopes, bucketContents, bucketLife} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	life := tx.Bucket(bucketLife)
	if last := life.Get(keyLives); last != nil {
		q.life = binary.BigEndian.Uint64(last)
	}
	q.life++
	q.size.Store(int64(tx.Bucket(bucketEnvelopes).Stats().KeyN))
	return life.Put(keyLives, binary.BigEndian.AppendUint64(nil, q.life))
}

// forget empties the queue: a flaw.
func (q *queue) forget() error {
	return q.update(func(tx *bbolt.Tx) error {
		tx.OnCommit(func() { q.size.Store(0) })
		if err := tx.DeleteBucket(bucketEnvelopes); err != nil {
			return err
		}
		_, err := tx.CreateBucket(bucketEnvelopes)
		return err
	})
}

// newID is a fresh queue id, greater than every earlier one.
func (q *queue) newID() uint64 { return q.life<<40 | q.number.Add(1) }

// close ends the writer and closes the file. Nothing may be asked of the queue
// afterwards.
func (q *queue) close() error {
	close(q.changes)
	q.writer.Wait()
	return q.db.Close()
}

// update commits one change and returns when it is durable.
func (q *queue) update(run func(*bbolt.Tx) error) error {
	c := change{run: run, done: make(chan error, 1)}
	q.changes <- c
	return <-c.done
}

// write commits changes, as many as wait at a time.
func (q *queue) write() {
	for first := range q.changes {
		group := []change{first}
	gather:
		for len(group) < maxGroup {
			select {
			case next, ok := <-q.changes:
				if !ok {
					break gather
				}
				group = append(group, next)
			default:
				break gather
			}
		}
		q.commit(group)
	}
}

// commit runs group in one transaction. A change that goes wrong is taken out
// and told so, and the others begin again without it.
func (q *queue) commit(group []change) {
	for len(group) > 0 {
		q.machine.write()
		bad := -1
		err := q.db.Update(func(tx *bbolt.Tx) error {
			for i, c := range group {
				if err := c.run(tx); err != nil {
					bad = i
					return err
				}
			}
			if q.dead.Load() {
				return errDead
			}
			return nil
		})
		if bad < 0 {
			for _, c := range group {
				c.done <- err
			}
			return
		}
		group[bad].done <- err
		group = append(group[:bad], group[bad+1:]...)
	}
}

func key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// insert makes new messages durable, within a change.
func (q *queue) insert(tx *bbolt.Tx, env *envelope, content []byte) error {
	record, err := json.Marshal(env)
	if err != nil {
		return fmt.Errorf("encoding an envelope: %w", err)
	}
	if err := tx.Bucket(bucketContents).Put(key(env.ID), content); err != nil {
		return fmt.Errorf("writing a message to the queue: %w", err)
	}
	if err := tx.Bucket(bucketEnvelopes).Put(key(env.ID), record); err != nil {
		return fmt.Errorf("writing an envelope to the queue: %w", err)
	}
	tx.OnCommit(func() { q.size.Add(1) })
	return nil
}

// save writes an envelope back within a change, or removes the message when
// nothing is left to be done for it.
func (q *queue) save(tx *bbolt.Tx, env *envelope) error {
	if env.finished() {
		if err := tx.Bucket(bucketEnvelopes).Delete(key(env.ID)); err != nil {
			return fmt.Errorf("removing an envelope: %w", err)
		}
		tx.OnCommit(func() { q.size.Add(-1) })
		if q.keepBodies {
			return nil
		}
		if err := tx.Bucket(bucketContents).Delete(key(env.ID)); err != nil {
			return fmt.Errorf("removing a message: %w", err)
		}
		return nil
	}
	record, err := json.Marshal(env)
	if err != nil {
		return fmt.Errorf("encoding an envelope: %w", err)
	}
	if err := tx.Bucket(bucketEnvelopes).Put(key(env.ID), record); err != nil {
		return fmt.Errorf("writing an envelope: %w", err)
	}
	return nil
}

// load reads an envelope within a transaction.
func load(tx *bbolt.Tx, id uint64) (*envelope, error) {
	record := tx.Bucket(bucketEnvelopes).Get(key(id))
	if record == nil {
		return nil, errGone
	}
	return decode(id, record)
}

func decode(id uint64, record []byte) (*envelope, error) {
	env := &envelope{ID: id}
	if err := json.Unmarshal(record, env); err != nil {
		return nil, fmt.Errorf("reading envelope %s: %w", queueID(id), err)
	}
	return env, nil
}

// read is a message's envelope and a copy of its content.
func (q *queue) read(id uint64) (env *envelope, content []byte, err error) {
	err = q.db.View(func(tx *bbolt.Tx) error {
		if env, err = load(tx, id); err != nil {
			return err
		}
		content = append([]byte(nil), tx.Bucket(bucketContents).Get(key(id))...)
		return nil
	})
	if q.dead.Load() {
		return nil, nil, errDead
	}
	return env, content, err
}

// each visits every envelope in the order of arrival. Messages may come and go
// meanwhile.
func (q *queue) each(visit func(*envelope) error) error {
	from := uint64(0)
	for {
		var chunk []*envelope
		err := q.db.View(func(tx *bbolt.Tx) error {
			c := tx.Bucket(bucketEnvelopes).Cursor()
			for k, v := c.Seek(key(from)); k != nil && len(chunk) < listChunk; k, v = c.Next() {
				env, err := decode(binary.BigEndian.Uint64(k), v)
				if err != nil {
					return err
				}
				chunk = append(chunk, env)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("listing the queue: %w", err)
		}
		for _, env := range chunk {
			if err := visit(env); err != nil {
				return err
			}
		}
		if len(chunk) < listChunk {
			return nil
		}
		from = chunk[len(chunk)-1].ID + 1
	}
}
