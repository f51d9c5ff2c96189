package titles

// longestFound is the maximum length of a word that only repetition shows, in characters.
const longestFound = 5

// spread is how often a run of characters occurs, and beside what.
type spread struct {
	titles, places, lastTitle int
	left, right               map[string]int
}

// discover finds words that the lexicon does not have: runs of single characters that several titles repeat, and that no
// single neighbour nearly always comes with.
func (l lexicon) discover(titles [][]piece) map[string]class {
	if len(titles) < 3 {
		return nil
	}
	seen := repeated(titles)
	least := max(2, len(titles)/10)
	words := l.longer(titles, least)
	for key, s := range seen {
		if s.titles < least || leans(s.left, s.places) || leans(s.right, s.places) {
			continue
		}
		words[key] = found | l.classes[last(key)]&(suffix|weak)
	}
	full := map[string]class{}
	for key, c := range words {
		if !isPart(key, words, seen) {
			full[key] = c
		}
	}
	return full
}

// repeated are the runs of two and more single characters in titles.
func repeated(titles [][]piece) map[string]*spread {
	seen := map[string]*spread{}
	for i, pieces := range titles {
		for from := range pieces {
			key := ""
			for to := from; to < min(len(pieces), from+longestFound); to++ {
				p := pieces[to]
				if !p.han || p.length > 1 || p.is(trade|season|audience) || to > from && p.gap {
					break
				}
				if key += p.key; to > from {
					note(seen, key, pieces, from, to, i)
				}
			}
		}
	}
	return seen
}

// isPart reports whether a word hardly stands anywhere but in one longer word.
func isPart(key string, words map[string]class, seen map[string]*spread) bool {
	short := seen[key]
	for longer := range words {
		long := seen[longer]
		if short != nil && long != nil && len(longer) > len(key) && contains(longer, key) && long.places*5 >= short.places*4 {
			return true
		}
	}
	return false
}

// note counts one occurrence of a run of characters, with its neighbours.
func note(seen map[string]*spread, key string, pieces []piece, from, to, title int) {
	s := seen[key]
	if s == nil {
		s = &spread{lastTitle: -1, left: map[string]int{}, right: map[string]int{}}
		seen[key] = s
	}
	s.places++
	if s.lastTitle != title {
		s.lastTitle = title
		s.titles++
	}
	if !pieces[from].gap && from > 0 && pieces[from-1].length == 1 {
		s.left[pieces[from-1].key]++
	}
	if to+1 < len(pieces) && !pieces[to+1].gap && pieces[to+1].length == 1 {
		s.right[pieces[to+1].key]++
	}
}

// leans reports whether one neighbour stands at more than 70 % of the places.
func leans(neighbours map[string]int, places int) bool {
	for _, n := range neighbours {
		if n*10 > places*7 {
			return true
		}
	}
	return false
}

// longer finds words of the lexicon that are only the beginning of a longer word in these titles: nearly always one and
// the same single character follows them, as 围 follows 全包.
func (l lexicon) longer(titles [][]piece, least int) map[string]class {
	places, follows, in := map[string]int{}, map[string]int{}, map[string]map[int]bool{}
	first := map[string]piece{}
	for i, pieces := range titles {
		for j, p := range pieces {
			if !p.han || p.length < 2 || p.is(trade|soft|season|audience|goods|accessory|object) {
				continue
			}
			places[p.key]++
			next, ok := touching(pieces, j)
			if !ok || !next.han || next.length > 1 || next.is(trade|season|audience) {
				continue
			}
			key := p.key + next.key
			if in[key] == nil {
				in[key], first[key] = map[int]bool{}, p
			}
			follows[key]++
			in[key][i] = true
		}
	}
	words := map[string]class{}
	for key, n := range follows {
		p := first[key]
		if len(in[key]) >= least && n*10 > places[p.key]*7 {
			words[key] = found | p.class&(described|common) | l.classes[last(key)]&(suffix|weak)
		}
	}
	return words
}
