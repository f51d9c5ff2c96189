package combo

import (
	"fmt"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// noteText is the text of a note for people.
type noteText struct{ en, zh string }

// noteTexts are the texts by kind. In those of steps and criteria, %s is what the note is about.
func noteTexts(kind zhaohuov1.ComboNoteKind) noteText {
	switch kind {
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED:
		return noteText{
			fmt.Sprintf("Many images look alike here. The %d most similar pairs were checked for showing one photo, the others were not. Narrower words let all be checked.", pairsMax),
			fmt.Sprintf("相似的图片很多：只核对了最相似的 %d 对是否为同一张图片，其余未核对。换更具体的关键词可以全部核对。", pairsMax),
		}
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_IMAGES_BOUNDED:
		return noteText{
			fmt.Sprintf("Many goods were found. The images of the first %d were compared, the others were not. Narrower words let all be compared.", looksMax),
			fmt.Sprintf("找到的商品很多：只比对了前 %d 张图片，其余未比对。换更具体的关键词可以全部比对。", looksMax),
		}
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LIKENESS_OFF:
		return noteText{"This server is set to compare no images.", "本服务的设置为不比对图片。"}
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_STEP_NOT_OFFERED:
		return noteText{
			"1688 does not offer this over the protocol that this server uses, so it was not asked for: %s.",
			"本服务所用的 1688 协议不提供以下内容，因此没有查询：%s。",
		}
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_CRITERIA_OF_WORDS:
		return noteText{
			"Searches by image do not take these criteria, so what they find is not narrowed by them: %s.",
			"图片搜索不支持以下条件，因此图片搜到的商品未按这些条件筛选：%s。",
		}
	case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LANDED_UNKNOWN:
		return noteText{
			"The freight of some of the best offers is not known, so it is not known what they cost with it. They come after offers whose total is known, and each says why.",
			"部分排在前面的商品运费未知，因此不知道它们含运费的总价。它们排在总价已知的商品之后，原因见各商品。",
		}
	}
	return noteText{}
}

// inform adds something to know about the answer that is no failure: nothing went wrong, and the same question gets it again.
// about are steps or criteria, by their names in the contract. A kind is added once.
func (c *comboRun) inform(kind zhaohuov1.ComboNoteKind, about ...string) {
	for _, n := range c.meta.GetNotes() {
		if n.GetKind() == kind {
			n.About = append(n.About, about...)
			n.Text = c.noteText(kind, n.GetAbout())
			return
		}
	}
	c.meta.Notes = append(c.meta.Notes, &zhaohuov1.ComboNote{Kind: kind, Text: c.noteText(kind, about), About: about})
}

func (c *comboRun) noteText(kind zhaohuov1.ComboNoteKind, about []string) string {
	chinese := rpcerr.PrefersChinese(c.ports.AcceptLanguage)
	text, separator := noteTexts(kind).en, ", "
	if chinese {
		text, separator = noteTexts(kind).zh, "、"
	}
	if len(about) == 0 {
		return text
	}
	named := make([]string, len(about))
	for i, name := range about {
		named[i] = nameText(name, chinese)
	}
	return fmt.Sprintf(text, strings.Join(named, separator))
}

// nameText is a step in words; any other name is itself.
func nameText(name string, chinese bool) string {
	switch {
	case name == relatedStep && chinese:
		return "相关商品"
	case name == relatedStep:
		return "related products"
	case name == topKeywordsStep && chinese:
		return "热搜词"
	case name == topKeywordsStep:
		return "top keywords"
	case name == trendsStep && chinese:
		return "1688 记录的走势"
	case name == trendsStep:
		return "what 1688 recorded of the goods by day"
	}
	return name
}
