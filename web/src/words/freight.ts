// The texts about freight, in both languages.
export const freightEn = {
  to: "Ship to (China)",
  none: "without freight",
  other: "Another district…",
  code: "District code",
  codeHint:
    "The administrative code of the district, 6 digits, such as 330108. For a city without districts, the code of the city.",
  needQuantity: "Freight depends on the quantity: give the quantity to buy.",
  freight: "Freight",
  total: "With freight",
  free: "free",
  line: (total: string, freight: string) => `With freight: ${total} (freight ${freight})`,
  unknownLine: (why: string) => `With freight: not known (freight ${why})`,
  median: (price: string) => `median with freight ${price}`,
  unknown: {
    LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED: "not known, which is not free: ask the seller",
    LANDED_UNKNOWN_REASON_FREIGHT_FAILED: "not known: asking failed",
    LANDED_UNKNOWN_REASON_BUDGET: "not asked: the calls were spent",
    LANDED_UNKNOWN_REASON_MAX_OFFERS: "not asked: only the best offers are asked for",
    LANDED_UNKNOWN_REASON_PRICE_UNKNOWN: "not asked: the price is not known",
    LANDED_UNKNOWN_REASON_CANNOT_BE_BOUGHT: "not asked: it cannot be bought",
    LANDED_UNKNOWN_REASON_TOO_LARGE: "known, but the sum is too large",
  } as Record<string, string>,
};

export type FreightWords = typeof freightEn;

export const freightZh: FreightWords = {
  to: "收货地",
  none: "不计运费",
  other: "其他区县…",
  code: "区县代码",
  codeHint: "区县的 6 位行政区划代码，例如 330108；没有区县的城市填城市代码。",
  needQuantity: "运费取决于件数：请填写采购数量。",
  freight: "运费",
  total: "含运费总价",
  free: "包邮",
  line: (total, freight) => `含运费总价：${total}（运费 ${freight}）`,
  unknownLine: (why) => `含运费总价：未知（运费${why}）`,
  median: (price) => `含运费总价中位数 ${price}`,
  unknown: {
    LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED: "未知，并不等于包邮：请咨询卖家",
    LANDED_UNKNOWN_REASON_FREIGHT_FAILED: "未知：查询失败",
    LANDED_UNKNOWN_REASON_BUDGET: "未查询：调用次数已用完",
    LANDED_UNKNOWN_REASON_MAX_OFFERS: "未查询：只查询最优的几家",
    LANDED_UNKNOWN_REASON_PRICE_UNKNOWN: "未查询：价格未知",
    LANDED_UNKNOWN_REASON_CANNOT_BE_BOUGHT: "未查询：无法购买",
    LANDED_UNKNOWN_REASON_TOO_LARGE: "已知，但总价过大",
  },
};
