// The names of saved files and of their sheets, in both languages. The English ones are the names of the tables.
export const filesEn = {
  prefix: "zhaohuo",
  names: {} as Record<string, string>,
};

export type FileWords = typeof filesEn;

export const filesZh: FileWords = {
  prefix: "找货",
  names: {
    search: "搜索结果",
    photos: "多图搜索结果",
    skus: "商品规格",
    seller: "同店商品",
    related: "相关商品",
    source: "同款货源",
    "prices-same": "比价-同款",
    "prices-similar": "比价-相似商品",
    competitors: "竞品",
    words: "买家搜索用词",
    suppliers: "供应商占比",
    locations: "所在地占比",
    "price-bands": "价格带",
    "cheapest-by-quantity": "各数量的最低价",
    winners: "热销商品",
    clusters: "相像商品",
    like: "相像商品",
    watches: "价格监控",
    events: "价格变动",
    trend: "价格走势",
    observation: "最近一次查价",
  },
};
