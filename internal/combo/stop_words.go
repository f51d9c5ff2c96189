package combo

import "strings"

// stopWords are words that sellers use for all products. They, and words that contain one, are never distinctive words.
func stopWords() map[string]bool {
	words := map[string]bool{}
	for _, list := range stopLists {
		for word := range strings.FieldsSeq(list) {
			words[word] = true
		}
	}
	return words
}

// stopLists are stop words in lower case, each of at most wordTokens tokens.
var stopLists = [...]string{
	// How it is sold.
	"批发 厂家 直销 直供 直发 一件代发 代发 一件 现货 现货批发 批发价 供应 供应商 专供 货源 工厂 源头 源头工厂 生产 生产厂家 加工 代加工",
	"定制 定做 可定制 可定制logo logo 印logo 贴牌 包邮 混批 整箱 起批 市场 夜市 地摊 摆摊 电商 实体店 档口 厂价",
	// For whom.
	"跨境 跨境专供 外贸 出口 亚马逊 速卖通 temu shein lazada shopee tiktok ebay 抖音 淘宝 快手 拼多多 直播 小红书 网红 ins",
	// Praise.
	"新款 新品 2026新款 2025新款 爆款 爆品 同款 热卖 热销 亚马逊热销 畅销 高品质 高档 优质 正品 特价 促销 清仓 厂货 升级 高端 网红款",
	"的 款式 多款",
	// English.
	"wholesale factory direct supplier supply manufacturer dropshipping dropship stock new hot sale selling best seller sellers custom",
	"customized logo oem odm cross-border border export source trending quality high top cheap price gift for in with and of the to a an on by from",
}

// background is titles of many kinds of products: a word that occurs in them too is not distinctive.
var background = [...]string{
	"2026新款大容量防水双肩包男女学生书包批发", "厂家直销 不锈钢 保温杯 便携 礼品 车载水杯 一件代发", "跨境 无线蓝牙耳机 运动 入耳式 降噪 批发",
	"户外折叠椅 便携 露营 钓鱼 凳子 厂家批发", "硅胶 手机壳 适用于 防摔 透明 保护套 现货", "儿童 卡通 雨伞 长柄 防晒 礼品 批发", "真皮 女士 手提包 大容量 通勤 单肩包",
	"纯棉 T恤 男 短袖 夏季 圆领 宽松 批发", "女装 连衣裙 夏季 收腰 显瘦 中长款 现货", "LED 台灯 护眼 学习 充电 折叠 卧室 创意 小夜灯", "厨房 置物架 不锈钢 多层 收纳架 家用 免打孔",
	"毛绒玩具 公仔 可爱 儿童 礼物 抱枕 创意", "数据线 快充 Type-C 编织 手机 充电线 批发", "移动电源 大容量 便携 充电宝 快充 礼品 定制", "运动鞋 男 透气 网面 轻便 跑步 休闲 现货批发",
	"宠物 狗窝 猫窝 四季通用 可拆洗 加厚", "瑜伽垫 防滑 加厚 健身 家用 运动 垫子", "棒球帽 男女 遮阳 户外 刺绣 可调节 批发", "笔记本 文具 学生 办公 复古 加厚 礼品", "化妆刷 套装 初学者 便携 软毛 一件代发",
	"石英 手表 女士 防水 简约 时尚 礼品", "手链 女 简约 情侣 饰品 ins 批发", "窗帘 遮光 卧室 客厅 成品 加厚", "四件套 纯棉 床上用品 床单 被套 家用", "拖鞋 家居 防滑 室内 情侣 夏季",
	"袜子 男 纯棉 中筒 透气 运动 防臭", "内衣 女 无痕 舒适 透气 聚拢", "牛仔裤 女 高腰 显瘦 宽松 直筒", "羽绒服 男 冬季 加厚 保暖 连帽", "围巾 女 秋冬 保暖 百搭 披肩",
	"电动 螺丝刀 家用 充电 多功能 工具 套装", "汽车 手机支架 车载 导航 磁吸 通用", "行车记录仪 高清 夜视 车载 无线", "鱼竿 碳素 超轻 超硬 手竿 钓鱼", "帐篷 户外 全自动 露营 防雨 加厚",
	"蓝牙音箱 户外 便携 重低音 小音响 礼品", "键盘 鼠标 套装 无线 办公 游戏 静音", "风扇 USB 桌面 静音 充电 便携 迷你", "加湿器 家用 静音 卧室 大容量 香薰", "电热水壶 不锈钢 家用 自动断电 大容量",
	"空气炸锅 家用 大容量 智能 触屏 多功能", "刀具 套装 不锈钢 厨房 菜刀 家用", "陶瓷 碗 盘 餐具 套装 家用 创意", "玻璃杯 耐热 高颜值 家用 水杯 女", "垃圾桶 家用 客厅 厨房 创意 大号",
	"收纳盒 抽屉 桌面 整理 塑料 透明 大号", "衣架 家用 防滑 无痕 加粗 晾衣架", "拖把 家用 免手洗 平板 懒人 旋转", "毛巾 纯棉 吸水 家用 成人 加厚", "牙刷 软毛 成人 家用 套装 旅行",
	"洗发水 控油 蓬松 持久留香 清爽 男女", "面膜 补水 保湿 提亮 女 学生", "口红 不掉色 保湿 哑光 学生 礼盒", "香水 女士 持久 淡香 清新 礼盒", "眼镜 防蓝光 平光 男女 超轻 复古",
	"太阳镜 女 防紫外线 时尚 大框 偏光", "项链 女 锁骨链 轻奢 简约 不掉色", "耳环 女 气质 简约 高级感 耳钉", "戒指 男女 情侣 开口 可调节 简约", "皮带 男 真皮 自动扣 商务 休闲",
	"钱包 男 真皮 短款 多卡位 时尚", "行李箱 女 拉杆箱 万向轮 大容量 密码箱", "购物袋 帆布袋 手提 环保袋 大容量 印花", "婴儿 湿巾 手口 家用 便携 加厚", "积木 拼装 玩具 儿童 益智 男孩 礼物",
	"遥控车 儿童 玩具 充电 越野 男孩", "气球 生日 派对 装饰 场景布置 套装", "贴纸 手账 可爱 卡通 防水 装饰", "圆珠笔 办公 学生 中性笔 黑色 顺滑", "胶带 透明 封箱 打包 快递 大卷",
	"Wireless mouse silent rechargeable portable for office laptop", "Stainless steel water bottle large capacity portable sports outdoor", "Women dress summer elegant casual loose cotton",
	"Phone case silicone shockproof clear protective cover", "LED desk lamp rechargeable folding touch bedroom", "Kids toy educational blocks set gift plastic", "Men t shirt cotton short sleeve round neck casual",
	"Bluetooth speaker portable outdoor waterproof bass", "USB cable fast charging braided durable", "Yoga mat non-slip thick fitness home", "Backpack waterproof large capacity travel school laptop",
	"Umbrella folding automatic windproof uv portable", "Kitchen knife set stainless steel sharp home", "Pet dog bed washable soft warm large", "Makeup brush set soft portable beginner", "Fishing rod carbon ultra light telescopic outdoor",
}
