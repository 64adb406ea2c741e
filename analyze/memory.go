package analyze

// memory is a map that holds the newest max keys and forgets the oldest.
type memory[V any] struct {
	max    int
	values map[string]V
	order  []string // a ring
	next   int
}

func newMemory[V any](max int) memory[V] {
	return memory[V]{max: max, values: map[string]V{}}
}

func (m *memory[V]) get(key string) (V, bool) {
	v, ok := m.values[key]
	return v, ok
}

func (m *memory[V]) put(key string, v V) {
	if _, ok := m.values[key]; !ok {
		if len(m.order) < m.max {
			m.order = append(m.order, key)
		} else {
			delete(m.values, m.order[m.next])
			m.order[m.next] = key
			m.next = (m.next + 1) % m.max
		}
	}
	m.values[key] = v
}
