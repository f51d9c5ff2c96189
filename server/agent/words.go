package agent

import (
	"maps"
	"slices"
)

// phrase is a text of this door, in English.
type phrase string

const (
	sandboxNotice  phrase = "these goods are made up; they are not on 1688"
	costLine       phrase = "Upstream calls: %d spent, %d left in this session."
	waitLine       phrase = "Wait %d seconds before you ask the same."
	serverGone     phrase = "The server cannot be reached. Ask the person you work for to start it, then ask again."
	tooManyCallers phrase = "Too many callers ask at the moment."
	sessionSpent   phrase = "This needs at least %d upstream calls, and the session has %d left. Nothing was asked. Ask for less, or tell the person you work for; the operator sets the budget by mcp-session-calls or --session-calls."
	sessionCosts   phrase = "The watch may spend %d upstream calls a day, and the session has %d left. Nothing was changed. Name fewer products or a lower upstream_calls_per_day."
	noGoods        phrase = "Nothing was found."
	imageOne       phrase = "Give exactly one of %s."
	imageTooLarge  phrase = "The image is larger than 3 MiB. Give a smaller one."
	imageBase64    phrase = "image_base64 is not base64."
	imageOutside   phrase = "The file is not in a folder that was allowed when this program was started (--root)."
	imageUnread    phrase = "The file cannot be read, or is no regular file."
)

// chineseWords are the texts in Chinese.
var chineseWords = map[phrase]string{
	sandboxNotice:  "以下商品均为虚构，1688 上并不存在",
	costLine:       "上游调用：本次 %d 次，本会话还剩 %d 次。",
	waitLine:       "请等待 %d 秒后再提出相同的请求。",
	serverGone:     "无法连接服务器。请让用户启动服务器后重试。",
	tooManyCallers: "目前调用方过多。",
	sessionSpent:   "此操作至少需要 %d 次上游调用，本会话只剩 %d 次。没有发出任何请求。请缩小范围，或告知用户；额度由运维人员通过 mcp-session-calls 或 --session-calls 设置。",
	sessionCosts:   "该监控每天最多使用 %d 次上游调用，本会话只剩 %d 次。没有作任何更改。请减少商品，或降低 upstream_calls_per_day。",
	noGoods:        "没有找到商品。",
	imageOne:       "请只提供以下其中一项：%s。",
	imageTooLarge:  "图片大于 3 MiB，请提供更小的图片。",
	imageBase64:    "image_base64 不是有效的 base64。",
	imageOutside:   "该文件不在启动本程序时允许的文件夹（--root）中。",
	imageUnread:    "文件无法读取，或不是普通文件。",
}

// say is a text in the language of the person.
func (c *call) say(p phrase) string {
	if text, ok := chineseWords[p]; ok && c.chinese {
		return text
	}
	return string(p)
}

// language is the language of the person, as Accept-Language.
func (c *call) language() string {
	if c.chinese {
		return "zh-CN"
	}
	return "en"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
