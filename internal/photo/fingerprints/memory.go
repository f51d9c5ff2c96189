package fingerprints

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
	most, sum int
	byHash    map[string][]byte
	order     []string
}

func (c *contents) put(hash string, content []byte) {
	if _, known := c.byHash[hash]; known || len(content) > c.most {
		return
	}
	for c.sum+len(content) > c.most {
		c.sum -= len(c.byHash[c.order[0]])
		delete(c.byHash, c.order[0])
		c.order = c.order[1:]
	}
	c.byHash[hash] = content
	c.order = append(c.order, hash)
	c.sum += len(content)
}
