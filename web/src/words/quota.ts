// The texts of the calls of today, in both languages.
export const quotaEn = {
  title: "Calls to 1688 today",
  used: "Used",
  left: "Left",
  most: "Limit a day",
  noLimit: "none is set",
  counted: "Counted",
  resets: "The next day begins",
  short: (used: string, left: string) => `Calls today ${used} · left ${left}`,
  unknown: "not known",
  usedUp: (until: string) => `1688 refuses further calls until ${until}.`,
  scopes: {
    QUOTA_SCOPE_ALL_REPLICAS: "the calls of all replicas",
    QUOTA_SCOPE_DATA_DIR: "the calls of all processes with the same data-dir",
    QUOTA_SCOPE_PROCESS: "the calls of this server since it started",
  } as Record<string, string>,
};

export type QuotaWords = typeof quotaEn;

export const quotaZh: QuotaWords = {
  title: "今日 1688 调用量",
  used: "已用",
  left: "剩余",
  most: "每日上限",
  noLimit: "未设置",
  counted: "统计范围",
  resets: "次日开始于",
  short: (used, left) => `今日调用 ${used} · 剩余 ${left}`,
  unknown: "未知",
  usedUp: (until) => `1688 在 ${until} 之前拒绝调用。`,
  scopes: {
    QUOTA_SCOPE_ALL_REPLICAS: "所有副本的调用",
    QUOTA_SCOPE_DATA_DIR: "使用同一 data-dir 的所有进程的调用",
    QUOTA_SCOPE_PROCESS: "本服务启动以来的调用",
  },
};
