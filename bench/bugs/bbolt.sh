#!/bin/sh
# bbolt.sh [nosync]: transactions of bbolt 1.5.0 (Go module), with its default or with DB.NoSync.
. "$(dirname "$0")/setup.sh"
modules=$root/.cache/bugs/bbolt
mkdir -p "$modules"
cat > "$modules/store.go" <<'END'
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func valueOf(key []byte) []byte { return bytes.Repeat(key, 300) }

func put(db *bolt.DB, n int) error {
	return db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte("b"))
		for i := 0; i < 3 && err == nil; i++ {
			key := fmt.Appendf(nil, "%03d", n*3+i)
			err = bucket.Put(key, valueOf(key))
		}
		return err
	})
}

// check finds all keys that were reported, in whole transactions and whole pages.
func check(tx *bolt.Tx) error {
	for err := range tx.Check() {
		return err
	}
	keys := 0
	err := tx.Bucket([]byte("b")).ForEach(func(key, value []byte) error {
		keys++
		if !bytes.Equal(value, valueOf(key)) {
			return fmt.Errorf("%s has another value", key)
		}
		return nil
	})
	if said, _ := strconv.Atoi(strings.TrimSpace(os.Args[3])); keys < said || keys%3 != 0 {
		return fmt.Errorf("%d keys, %d were reported", keys, said)
	}
	return err
}

// store MODE FILE KEYS: adds four transactions of three keys to those that are there, or checks them.
func main() {
	defer func() {
		if panicked := recover(); panicked != nil {
			must(fmt.Errorf("bbolt panics: %v", panicked))
		}
	}()
	db, err := bolt.Open(os.Args[2], 0o600, &bolt.Options{NoSync: os.Args[1] == "nosync"})
	must(err)
	if os.Args[1] == "check" {
		must(db.View(check))
		return
	}
	keys, err := strconv.Atoi(os.Args[3])
	must(err)
	for n := keys / 3; n < keys/3+4; n++ {
		must(put(db, n))
		fmt.Println((n + 1) * 3)
	}
	must(db.Close())
}
END
[ -f "$modules/go.mod" ] || (cd "$modules" && go mod init store && go get go.etcd.io/bbolt@v1.5.0) 2> /dev/null
(cd "$modules" && go build -o store .)
store=$modules/store
"$store" sync "$volume/db" 0 > /dev/null
check="said=\$(tail -n 1); $store check $volume/db \${said:-12}"
cut_power ordered "$check" "$store" "${1:-sync}" "$volume/db" 12
