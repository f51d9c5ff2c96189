package titles

import (
	"strings"
	"testing"
)

// compounds are names of goods that begin with a word which elsewhere only says how goods are sold. Where that word does
// not stand alone it belongs to the name: each is the head noun, or the head noun and its qualifier.
const compounds = `安全出口·指示灯 安全出口·标志牌 礼品袋 礼品盒 礼物盒 礼品卡 广告牌 广告伞 直播灯 直播支架 展示架 展示柜 包装袋 包装机 厂牌·卡套 工厂灯
五金工具箱 电商纸箱 国标球阀 品牌吊牌 热水壶 热水袋 热熔胶枪 爆米花机 代步车 代餐粉 配电箱 价格牌 企业画册 公司铭牌 店铺招牌 活动扳手 酒店拖鞋
超市货架 超市购物车 物流箱 配送箱 检测仪 打样机 样品盒 样品册 纪念币 宣传册 宣传栏 印刷机 刻字机 打标机 直发器 直发梳 夜市灯 摆摊车 方便面 方便袋
快速接头 简易衣柜 万能胶 中性笔 老板椅 老板桌 工程胶带 优惠券 节日灯 健康秤 加工台`

func TestTradeWordsInCompoundsBelongToTheName(t *testing.T) {
	r := NewReader()
	all := strings.Fields(compounds)
	if len(all) < 30 {
		t.Errorf("%d compounds", len(all))
	}
	for _, compound := range all {
		qualifier, head, two := strings.Cut(compound, "·")
		if !two {
			qualifier, head = "", compound
		}
		var offers []string
		for _, around := range []string{"%厂家批发现货", "跨境新款%", "2026爆款% 一件代发", "厂家直销%源头工厂定制logo"} {
			title := strings.Replace(around, "%", qualifier+head, 1)
			offers = append(offers, title)
			if alone := r.Read([]string{title}).Head.Text; alone == "" || !strings.HasSuffix(head, alone) {
				t.Errorf("%s: head noun %q, want %q or its end", title, alone, head)
			}
		}
		got := r.Read(offers)
		if got.Head.Text != head || strings.Join(texts(got.Qualifiers), " ") != qualifier {
			t.Errorf("%s: head noun %q, qualifiers %q", compound, got.Head.Text, texts(got.Qualifiers))
		}
		for _, title := range offers {
			if !got.Names(title) {
				t.Errorf("%s does not name %s", title, got.Head.Text)
			}
		}
	}
}
