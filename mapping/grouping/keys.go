package grouping

import (
	"hash/maphash"
	"strconv"
)

// Key is what the rows of one order have in common: the order number, for a purchase order the
// first of its numbers; or the id in Luminous, if the sheet gives no number.
type Key struct {
	Number string
	ID     int64 // used if Number is empty
}

// String returns the key for a message: the order number, or "id 5".
func (k Key) String() string {
	if k.Number == "" {
		return "id " + strconv.FormatInt(k.ID, 10)
	}
	return k.Number
}

// IDMark begins the text of a key that is an id. No order number begins with it, since white space
// is trimmed.
const IDMark = '\x00'

func (k Key) text() []byte {
	if k.Number == "" {
		return strconv.AppendInt([]byte{IDMark}, k.ID, 10)
	}
	return []byte(k.Number)
}

// Keys numbers different keys from 0, in the order in which they are added. The zero Keys is empty.
// A key takes its text and some 35 bytes.
type Keys struct {
	seed   maphash.Seed
	text   []byte            // of all keys, one after another
	ends   []uint32          // where each ends in text
	byHash map[uint64]uint32 // the index of a key; if a hash is taken, the next free one is used
}

// Add returns the index of a key, which it adds if it is new.
func (k *Keys) Add(key Key) int { return k.add(key.text()) }

// AddNumber is Add for an order number, which isn't kept.
func (k *Keys) AddNumber(number []byte) int { return k.add(number) }

// Find returns the index of a key.
func (k *Keys) Find(key Key) (index int, found bool) {
	if k.Len() == 0 {
		return 0, false
	}
	_, index, found = k.find(key.text())
	return index, found
}

// Len returns the number of keys.
func (k *Keys) Len() int { return len(k.ends) }

// Key returns the key with an index.
func (k *Keys) Key(index int) Key {
	text := k.at(index)
	if text[0] != IDMark {
		return Key{Number: string(text)}
	}
	id, _ := strconv.ParseInt(string(text[1:]), 10, 64) // digits that fit: no others are added
	return Key{ID: id}
}

func (k *Keys) add(text []byte) int {
	if k.byHash == nil {
		k.seed, k.byHash = maphash.MakeSeed(), map[uint64]uint32{}
	}
	hash, n, found := k.find(text)
	if !found {
		n = len(k.ends)
		k.text = append(k.text, text...)
		k.ends = append(k.ends, uint32(len(k.text)))
		k.byHash[hash] = uint32(n)
	}
	return n
}

// find returns the index of a key and the hash under which it is kept, or belongs.
func (k *Keys) find(text []byte) (hash uint64, index int, found bool) {
	for hash = maphash.Bytes(k.seed, text); ; hash++ {
		n, taken := k.byHash[hash]
		if !taken || string(k.at(int(n))) == string(text) {
			return hash, int(n), taken
		}
	}
}

func (k *Keys) at(index int) []byte {
	start := uint32(0)
	if index > 0 {
		start = k.ends[index-1]
	}
	return k.text[start:k.ends[index]]
}
