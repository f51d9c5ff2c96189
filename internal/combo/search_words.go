package combo

import (
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo/titles"
)

// wordsMost is the maximum number of returned words.
const wordsMost = 20

// sortText is a sort of qualifiers in the contract and in words.
type sortText struct {
	kind   zhaohuov1.QualifierKind
	en, zh string
}

func sortTextOf(s titles.Sort) sortText {
	switch s {
	case titles.Material:
		return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_MATERIAL, "the material", "材质"}
	case titles.Feature:
		return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_FEATURE, "a feature", "特点"}
	case titles.Scene:
		return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_SCENE, "the use", "用途"}
	case titles.Audience:
		return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_AUDIENCE, "for whom", "人群"}
	case titles.Style:
		return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_STYLE, "the style", "风格"}
	case titles.Other:
	}
	return sortText{zhaohuov1.QualifierKind_QUALIFIER_KIND_OTHER, "a word of many titles", "常用词"}
}

// searchWordsOf are the words to search goods by that have a number of titles: the head noun with each qualifier, or
// alone if there is none; nil if the titles name no goods.
func searchWordsOf(r titles.Reading, all int, acceptLanguage string) []*zhaohuov1.DistinctiveWord {
	if r.Head.Text == "" {
		return nil
	}
	chinese := rpcerr.PrefersChinese(acceptLanguage)
	if len(r.Qualifiers) == 0 {
		word := headWord(r.Head, all)
		word.Why = fmt.Sprintf("%d of %d titles name the goods %s.", r.Head.Titles, all, r.Head.Text)
		if chinese {
			word.Why = fmt.Sprintf("%d 个标题中有 %d 个以“%s”为品名。", all, r.Head.Titles, r.Head.Text)
		}
		return []*zhaohuov1.DistinctiveWord{word}
	}
	qualifiers := r.Qualifiers[:min(len(r.Qualifiers), wordsMost)]
	words := make([]*zhaohuov1.DistinctiveWord, len(qualifiers))
	for i, q := range qualifiers {
		sort := sortTextOf(q.Sort)
		word := headWord(r.Head, all)
		word.Word += " " + q.Text
		word.Titles, word.Share = int32(q.WithHead), ratio(int64(q.WithHead), int64(all))
		word.Qualifier, word.QualifierKind, word.QualifierTitles = q.Text, sort.kind, int32(q.Titles)
		word.Why = fmt.Sprintf("%d of %d titles name the goods %s; %s is in %d (%s).", r.Head.Titles, all, r.Head.Text, q.Text, q.Titles, sort.en)
		if chinese {
			word.Why = fmt.Sprintf("%d 个标题中有 %d 个以“%s”为品名，%d 个写有“%s”（%s）。", all, r.Head.Titles, r.Head.Text, q.Titles, q.Text, sort.zh)
		}
		words[i] = word
	}
	return words
}

// headWord is the head noun without a qualifier.
func headWord(head titles.Term, all int) *zhaohuov1.DistinctiveWord {
	return &zhaohuov1.DistinctiveWord{
		Word: head.Text, HeadNoun: head.Text, HeadNounTitles: int32(head.Titles), Titles: int32(head.Titles),
		Share: ratio(int64(head.Titles), int64(all)),
	}
}
