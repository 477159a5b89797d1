package mapping

import (
	"hash/maphash"
	"strconv"
)

// Key is what the rows of one order have in common: the order number, for a purchase order the first
// of its numbers; or the id in Luminous, if the sheet gives no number.
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

// Keys numbers different keys from 0, in the order in which they are added. The zero Keys is empty.
type Keys struct {
	seed  maphash.Seed
	text  []byte   // all numbers and ids, one after another
	ends  []uint32 // where each ends in text
	ids   bitset   // which of them are ids
	slots []uint32 // open addressing: 1 + the index of a key; 0 is free
}

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(i int) bool { return i/64 < len(b) && b[i/64]>>(i%64)&1 == 1 }

func (b *bitset) add(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

// Add returns the index of a key, which it adds if it is new.
func (k *Keys) Add(key Key) int {
	text, byID := key.bytes()
	return k.add(text, byID)
}

// AddNumber is Add for an order number, which isn't kept.
func (k *Keys) AddNumber(number []byte) int { return k.add(number, false) }

// Find returns the index of a key.
func (k *Keys) Find(key Key) (index int, found bool) {
	if k.Len() == 0 {
		return 0, false
	}
	slot := k.slots[k.find(key.bytes())]
	return int(slot) - 1, slot != 0
}

// Len returns the number of keys.
func (k *Keys) Len() int { return len(k.ends) }

// Key returns the key with an index.
func (k *Keys) Key(index int) Key {
	text := k.at(index)
	if !k.ids.has(index) {
		return Key{Number: string(text)}
	}
	id, _ := strconv.ParseInt(string(text), 10, 64) // digits that fit: Scan takes no others
	return Key{ID: id}
}

func (k Key) bytes() (text []byte, byID bool) {
	if k.Number == "" {
		return strconv.AppendInt(nil, k.ID, 10), true
	}
	return []byte(k.Number), false
}

func (k *Keys) add(text []byte, byID bool) int {
	if k.slots == nil {
		k.seed, k.slots = maphash.MakeSeed(), make([]uint32, 64)
	}
	slot := k.find(text, byID)
	if n := k.slots[slot]; n != 0 {
		return int(n) - 1
	}
	n := len(k.ends)
	k.text = append(k.text, text...)
	k.ends = append(k.ends, uint32(len(k.text)))
	if byID {
		k.ids.add(n)
	}
	k.slots[slot] = uint32(n) + 1
	if 4*(n+1) > 3*len(k.slots) {
		k.grow()
	}
	return n
}

// find returns the slot of a key, or the free one where it belongs.
func (k *Keys) find(text []byte, byID bool) int {
	mask := len(k.slots) - 1
	for i := int(maphash.Bytes(k.seed, text)) & mask; ; i = (i + 1) & mask {
		n := int(k.slots[i]) - 1
		if n < 0 || string(k.at(n)) == string(text) && k.ids.has(n) == byID {
			return i
		}
	}
}

func (k *Keys) grow() {
	k.slots = make([]uint32, 2*len(k.slots))
	for n := range k.ends {
		k.slots[k.find(k.at(n), k.ids.has(n))] = uint32(n) + 1
	}
}

func (k *Keys) at(index int) []byte {
	start := uint32(0)
	if index > 0 {
		start = k.ends[index-1]
	}
	return k.text[start:k.ends[index]]
}
