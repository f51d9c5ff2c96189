package fingerprints

import "io"

// memory is a map that evicts its oldest entries.
type memory[V any] struct {
	entries map[string]V
	order   []string // a ring once it is full
	next    int
}

func newMemory[V any](size int) memory[V] {
	return memory[V]{entries: map[string]V{}, order: make([]string, 0, size)}
}

func (m *memory[V]) get(key string) (V, bool) {
	v, ok := m.entries[key]
	return v, ok
}

func (m *memory[V]) put(key string, v V) {
	if _, known := m.entries[key]; known {
		m.entries[key] = v
		return
	}
	if len(m.order) < cap(m.order) {
		m.order = append(m.order, key)
	} else {
		delete(m.entries, m.order[m.next])
		m.order[m.next] = key
		m.next = (m.next + 1) % len(m.order)
	}
	m.entries[key] = v
}

// contents keeps the bytes of the latest pictures, bounded in sum: a print is taken of few of them, and later.
type contents struct {
	budget Budget
	sum    int64
	byHash map[string][]byte
	order  []string
}

// put keeps a copy of a picture if its size is within the bound. The oldest make room.
func (c *contents) put(hash string, picture io.ReaderAt, size int64) error {
	most := c.budget.KeptMax()
	if _, known := c.byHash[hash]; known || size > most {
		return nil
	}
	for c.sum+size > most {
		c.add(-int64(len(c.byHash[c.order[0]])))
		delete(c.byHash, c.order[0])
		c.order = c.order[1:]
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(picture, 0, size), content); err != nil {
		return err
	}
	c.byHash[hash] = content
	c.order = append(c.order, hash)
	c.add(size)
	return nil
}

func (c *contents) add(n int64) {
	c.sum += n
	c.budget.Keep(n)
}
