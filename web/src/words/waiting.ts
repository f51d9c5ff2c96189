// The texts of waiting, and the names of request fields, in both languages.
export const waitingEn = {
  offline: "This device is offline. What is shown stays; what is missing is asked for when it is connected again.",
  still: (seconds: number) =>
    `No answer for ${seconds} s. 1688 allows only a few calls a second, so a question may wait for its turn.`,
  stillSpoken: "There is no answer yet. The question may wait for its turn.",
  stop: "Stop waiting",
  before: "These goods were found before.",
  stopped: "The question was ended before there was an answer.",
};

export type WaitingWords = typeof waitingEn;

export const waitingZh: WaitingWords = {
  offline: "设备已断网。已显示的内容会保留，其余内容将在恢复网络后继续加载。",
  still: (seconds) => `已等待 ${seconds} 秒。1688 每秒只允许少量调用，请求可能正在排队。`,
  stillSpoken: "尚无结果，请求可能正在排队。",
  stop: "停止等待",
  before: "以下是之前找到的商品。",
  stopped: "已在得到结果前停止查询。",
};

/** The names of fields, by their names in the contract. */
export const fieldsEn: Record<string, string> = {
  keyword: "Words:",
  seeds: "Words:",
  page: "Page:",
  page_size: "Goods per page:",
  price_min: "Lowest price:",
  price_max: "Highest price:",
  sort: "Order:",
  filters: "Filters:",
  region: "Part of the photo:",
  image: "Photo:",
  url: "Address:",
  quantity: "Quantity:",
  max_upstream_calls: "Calls to 1688 at most:",
  language_code: "Language:",
  id: "Id:",
  seller_id: "Supplier:",
  ids: "Products:",
  products: "What is watched:",
  comparison: "What is watched:",
  display_name: "Name:",
  interval: "Every:",
  conditions: "Conditions:",
  ratio: "By at least:",
  amount: "By at least:",
  reference_price: "A price falls below:",
  upstream_calls_per_day: "Calls to 1688 a day at most:",
  webhooks: "Webhooks:",
};

export const fieldsZh: Record<string, string> = {
  keyword: "关键词：",
  seeds: "关键词：",
  page: "页码：",
  page_size: "每页数量：",
  price_min: "最低价：",
  price_max: "最高价：",
  sort: "排序：",
  filters: "筛选：",
  region: "图片区域：",
  image: "图片：",
  url: "地址：",
  quantity: "采购数量：",
  max_upstream_calls: "最多调用 1688 次数：",
  language_code: "语言：",
  id: "编号：",
  seller_id: "供应商：",
  ids: "商品：",
  products: "监控对象：",
  comparison: "监控对象：",
  display_name: "名称：",
  interval: "间隔：",
  conditions: "通知条件：",
  ratio: "至少：",
  amount: "至少：",
  reference_price: "价格低于：",
  upstream_calls_per_day: "每天最多调用 1688 次数：",
  webhooks: "Webhook：",
};
