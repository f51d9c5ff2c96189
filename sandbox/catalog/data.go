package catalog

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed data/*.json
var data embed.FS

// phrase is a word in Chinese and English.
type phrase [2]string

// property is a named property and the values that it may have, each in Chinese and English.
type property struct {
	name   phrase
	values []phrase
}

// UnmarshalJSON reads ["名", "name", [["值", "value"], …]].
func (p *property) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.name[0], &p.name[1], &p.values})
}

// kind is a kind of goods, as described in data/kinds.json.
type kind struct {
	Name string `json:"kind"`
	// Edition is the edition of the catalogue that first had the kind; 0 is the first. The offers of each edition get ids
	// after those of the edition before, so that new kinds do not change existing ids.
	Edition int `json:"edition"`

	Trade string   `json:"trade"`
	Path  [3]int64 `json:"path"`
	Model string   `json:"model"` // prefix of model numbers

	// Nouns name the goods, the most usual word first. Features distinguish goods of one kind.
	Nouns      []phrase   `json:"nouns"`
	Features   []phrase   `json:"features"`
	Scenes     []phrase   `json:"scenes"`
	Colours    []string   `json:"colours"` // English names
	Price      [2]int     `json:"price"`   // fen
	Grams      [2]int     `json:"grams"`
	Size       [3]int     `json:"size"` // mm
	Unit       phrase     `json:"unit"`
	Options    []property `json:"options"`
	Attributes []property `json:"attributes"`
}

// place is a province and a city of it.
type place [2]string

// trade is a line of business: the words in the names of its firms, and their places.
type trade struct {
	Words  []string `json:"words"`
	Cities []place  `json:"cities"`
}

// categoryName is [id, "名", "name"].
type categoryName struct {
	id   int64
	name phrase
}

func (c *categoryName) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&c.id, &c.name[0], &c.name[1]})
}

// vocabulary is data/words.json.
type vocabulary struct {
	Categories []categoryName    `json:"categories"`
	Colours    map[string]string `json:"colours"` // English to Chinese
	Openings   []phrase          `json:"openings"`
	Wholesale  []phrase          `json:"wholesale"`
	Closings   []phrase          `json:"closings"`
	Trades     map[string]trade  `json:"trades"`
	Syllables  []string          `json:"syllables"`
	Forms      []string          `json:"forms"`
}

func (v *vocabulary) category(id int64) phrase {
	for _, c := range v.Categories {
		if c.id == id {
			return c.name
		}
	}
	return phrase{}
}

// load reads an embedded file. It panics when the file is damaged, which only a broken build can cause.
func load[T any](name string) T {
	var v T
	b, err := data.ReadFile("data/" + name)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		panic(fmt.Sprintf("catalog: embedded %s: %v", name, err))
	}
	return v
}
