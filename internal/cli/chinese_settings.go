package cli

// chineseSettings is the help of the settings, which are flags of serve, and of the flags of sandbox, keys and auth.
//
//nolint:gosec // Words about keys and secrets, and none of them.
var chineseSettings = map[string]string{
	// auth, keys, sandbox, serve.
	"Read from standard input the address that the browser ends at, or the code in it, instead of listening for it.": "从标准输入读取浏览器最后停留的地址或其中的 code，而不是在本机监听。",
	"Caller the key is for: logs, metrics and fairness go by it. Keys of one name are one caller.":                   "密钥所属的调用方：日志、指标和公平分配都按此名称；同名的密钥视为同一调用方。",
	"The caller's share of upstream calls against other callers, over 0 to 1000.":                                    "与其他调用方相比，此调用方占上游调用的份额，大于 0，最大 1000。",
	"When the key ends, as 2027-01-31T00:00:00+08:00. Unset: never.":                                                 "密钥的失效时间，例如 2027-01-31T00:00:00+08:00。未给出：永不失效。",
	"Most requests a second. Unset: the server's --caller-rate.":                                                     "每秒最多请求数。未给出：使用服务器的 --caller-rate。",
	"Let the caller do what is for operators: have the way to 1688 examined.":                                        "允许此调用方做运维人员的事：检查到 1688 的连接。",
	"Where both dialects are served.":                                                                                "两种协议的监听地址。",
	"App Key that is known.":                                                                                         "沙箱认识的 App Key。",
	"Its App Secret. Unset: one is made up and shown.":                                                               "对应的 App Secret。未给出：随机生成并显示。",
	"Access token that is good. Unset: calls need none.":                                                             "有效的访问令牌。未给出：调用不需要令牌。",
	"Calls a day before the allowance is used up; 0 is no limit.":                                                    "每天多少次调用后额度用尽；0 表示不限。",
	"Calls a second before it answers that they come too fast; 0 is no limit.":                                       "每秒多少次调用后回答调用过快；0 表示不限。",
	"How long each step of its moving prices lasts: at every second step an offer costs something else, and some offers go away for a while. 0 has prices stand still.": "价格每步变动的时长：每两步每件商品换一次价，有些商品会暂时下架。0 表示价格不变。",
	"How long it thinks before each answer.": "每次应答前的等待时间。",
	"Where a top answer keeps its list: wrapped (as real TOP does), or bare, search-response or products, which the tutorial's client reads.":                                                                                   "top 应答中列表的位置：wrapped（与真实 TOP 相同），或教程客户端读取的 bare、search-response、products。",
	"Take top timestamps of any time zone, as the tutorial's client sends its machine's.":                                                                                                                                       "接受任何时区的 top 时间戳：教程客户端发送的是本机时间。",
	"Serve the tutorial's own client unchanged: --any-zone, --shape bare, prices and sold counts as plain numbers in every row, HMAC-SHA1 labelled md5, and images at addresses anywhere, each of which stands for some goods.": "让教程的客户端不经修改即可运行：等于 --any-zone 和 --shape bare，每行的价格和销量均为纯数字，接受标为 md5 的 HMAC-SHA1 签名，也接受任何网址的图片（各代表某件商品）。",
	"Folder with goods of your own: offers.jsonl or offers.csv, and photos. Unset: made-up goods.":                                                                                                                              "存放自己商品的文件夹：offers.jsonl 或 offers.csv，以及图片。未给出：虚构的商品。",
	"Allow an address off loopback.":                                             "允许监听本机以外可达的地址。",
	"Show the settings in force, where each came from, secrets hidden; and end.": "显示生效的设置及其来源（隐藏密钥），然后退出。",
	"Also search with five keywords twice each, translated by 1688 and as written, and tell which finds more: ten more upstream calls.": "另用五个关键词各搜索两次，一次由 1688 翻译，一次按原文，并说明哪种方式找到更多：再用十次上游调用。",
	"It makes one real upstream call for each API in use, and one or two more, none of which asks for anything. With --compare-translate it makes ten more, which do ask: five keywords, each translated by 1688 and as written.\n\nExit codes: 10 network, 11 clock, 12 App Key, 13 signature, 14 token, 15 permission, 16 limits: the first check that failed; 1 nothing failed, but some check could not be told; 0 all right, warnings or not.": "对每个使用中的 API 实际调用一次，另加一两次，都不查询任何内容。加 --compare-translate 再调用十次，这十次会查询：五个关键词，各按 1688 翻译后和按原文查询一次。\n\n退出码为首个未通过的检查：10 网络、11 时钟、12 App Key、13 签名、14 令牌、15 权限、16 限额；1 没有失败项，但有检查项无法判断；0 一切正常，可有警告。",
	"bash: source <(zhaohuo completion bash)\n\nzsh: source <(zhaohuo completion zsh)\n\nfish: zhaohuo completion fish | source": "bash：source <(zhaohuo completion bash)\n\nzsh：source <(zhaohuo completion zsh)\n\nfish：zhaohuo completion fish | source",
	"YAML file with settings.": "YAML 配置文件。",

	// The account and its tokens.
	"App Key of the open platform. Unset: the service answers from its sandbox, with made-up goods.": "开放平台的 App Key。未设置：服务用沙箱应答，商品均为虚构。",
	"App Secret of the App Key.": "App Key 对应的 App Secret。",
	"Access token that does not expire: a user's persistent one, or the fixed one of a self-use app.": "不过期的访问令牌：用户的长期令牌，或自用型应用的固定令牌。",
	"Where access tokens come from: none is sent, static (the access token that is set), oauth (stored by zhaohuo auth login and refreshed; say so for replicas that find them in Redis), or auto: static with an access token, oauth with a redirect address or stored tokens, else none.": "访问令牌的来源：none（不发送）、static（已设置的访问令牌）、oauth（由 zhaohuo auth login 保存并自动刷新；从 Redis 取得令牌的副本也应设为此值），或 auto：设置了访问令牌时为 static，设置了回调地址或已保存令牌时为 oauth，否则为 none。",
	"Gateway that issues tokens: scheme and host. Unset: the upstream's own with aop, https://gw.open.1688.com with top.":                                                                                                                                                                   "发放令牌的网关：协议和主机。未设置：aop 使用上游自身，top 使用 https://gw.open.1688.com。",
	"Page where a user authorizes the app.": "用户授权应用的页面。",
	"Where that page sends the user back. Its domain must be the one that the App Key is registered with; on this machine zhaohuo auth login listens there, otherwise the address that the browser arrives at has to be pasted.": "授权页面跳转回的地址。域名必须与 App Key 登记的一致；若在本机，zhaohuo auth login 会在此监听，否则需要手动粘贴。",

	// The upstream.
	"Protocol of the upstream: aop (the gateway gw.open.1688.com) or top (router/rest).":                                                                       "上游协议：aop（网关 gw.open.1688.com）或 top（router/rest）。",
	"Address of the upstream. aop: scheme and host, by default https://gw.open.1688.com; top: the whole address, by default https://api.1688.com/router/rest.": "上游地址。aop：协议和主机，默认 https://gw.open.1688.com；top：完整地址，默认 https://api.1688.com/router/rest。",
	"How top signs. hmac-sha1 is the form that only some resellers know.":                                                                                      "top 的签名方式。hmac-sha1 只有部分服务商支持。",
	"API that aop asks for a search by words.":                                                                                                                 "aop 按关键词搜索的 API。",
	"API that aop sends a photo to before it searches by it.":                                                                                                  "aop 搜索前上传图片的 API。",
	"API that aop asks for a search by photo.":                                                                                                                 "aop 按图片搜索的 API。",
	"Method that top asks for a search by words.":                                                                                                              "top 按关键词搜索的方法。",
	"Method that top asks for a search by photo.":                                                                                                              "top 按图片搜索的方法。",
	"Have aop search for keywords as they are written (keywordTranslate=true). By default 1688 translates them first. zhaohuo doctor --compare-translate tells which finds more.": "让 aop 按原文搜索关键词（keywordTranslate=true）。默认由 1688 先翻译关键词。zhaohuo doctor --compare-translate 可比较哪种方式找到更多。",
	"How top writes a search by words: flat (a parameter a criterion) or wholesale-json (all in one JSON parameter).":                                                             "top 关键词搜索的写法：flat（每个条件一个参数）或 wholesale-json（全部写入一个 JSON 参数）。",
	"Longest time for one attempt, from connecting to the answer's last byte.":                                                                                                    "单次尝试的最长时间，从连接到收完应答。",
	"Most attempts for one question.":                                                         "一次查询最多尝试的次数。",
	"Wait before the second attempt; it doubles for each further one.":                        "第二次尝试前的等待时间；之后每次加倍。",
	"Longest wait between two attempts.":                                                      "两次尝试之间的最长等待时间。",
	"Proxy for upstream calls: none, env (HTTPS_PROXY and similar variables), or an address.": "上游调用的代理：none、env（HTTPS_PROXY 等环境变量）或代理地址。",
	"Largest upstream answer that is read.":                                                   "可读取的最大上游应答。",
	"Largest page the upstream serves, 1 to 50.":                                              "上游每页最多商品数，1 到 50。",
	"How many goods of one search can be reached by pages at the upstream.":                   "一次搜索中上游最多可翻到多少件商品。",
	"What the upstream means by undocumented codes and words: a map with success (codes that mean success), faults and phrases (what an error code, or words of a message, mean), scopes (what a limit holds for), ban_max (longest ban that is a rate limit) and token_codes. A map in the file; YAML in one line elsewhere. See OPERATIONS.md.": "未公开的上游代码和文字的含义：一个映射，含 success（表示成功的代码）、faults 和 phrases（错误代码或消息文字的含义）、scopes（限额的适用范围）、ban_max（仍算限流的最长封禁）和 token_codes。在文件中写成映射，其他地方写成一行 YAML。见 OPERATIONS.md。",
	"API that aop asks for a product in detail.":             "aop 查询商品详情的 API。",
	"API that aop asks for a seller's goods.":                "aop 查询卖家商品的 API。",
	"API that aop asks for the facets of a search.":          "aop 查询搜索可选属性的 API。",
	"API that aop asks for what is searched for most.":       "aop 查询热搜词的 API。",
	"API that aop asks for related goods.":                   "aop 查询相关商品的 API。",
	"Method that top asks for a product in detail.":          "top 查询商品详情的方法。",
	"Parameter of top-detail-method that names the product.": "top-detail-method 中指定商品的参数。",
	"Method that top asks for a seller's goods.":             "top 查询卖家商品的方法。",
	"Parameter of top-seller-method that names the seller.":  "top-seller-method 中指定卖家的参数。",

	// Quota and cache.
	"Most upstream calls in any second, retries included; 0 is no limit.":                                                                                                                                                               "任意一秒内最多的上游调用次数，含重试；0 表示不限。",
	"Most upstream calls in a calendar day of China; 0 is no limit. The count survives a restart.":                                                                                                                                      "中国时间一天内最多的上游调用次数；0 表示不限。重启后继续计数。",
	"Further limits of single APIs, for example com.alibaba.fenxiao.crossborder:product.search.imageQuery-1=2/5000.":                                                                                                                    "单个 API 的额外限额，例如 com.alibaba.fenxiao.crossborder:product.search.imageQuery-1=2/5000。",
	"Smallest part of the rate that is left unused, 0 to 0.45, because calls may arrive closer together than they left. When the upstream throttles, the part grows, up to 0.25; half of this growth is given up again in a day.":       "速率中至少留空的比例，0 到 0.45，因为调用到达时可能比发出时更密集。上游限流时会自动增大，最多到 0.25，并每天放回一半。",
	"Redis that holds limits, answers and access tokens (encrypted) for all replicas, as redis://user:password@host:port/0 or rediss://. Unset: this process counts alone, and processes that share tokens by OAuth need one data-dir.": "为所有副本保存限额、应答和访问令牌（加密）的 Redis，格式 redis://用户:密码@主机:端口/0 或 rediss://。未设置：本进程单独计数，共享 OAuth 令牌的进程须使用同一 data-dir。",
	"What happens while Redis is lost: deny (calls fail as UNAVAILABLE) or share (each replica takes the limit divided by quota-replicas, which a partition may exceed).":                                                               "Redis 失联时的做法：deny（调用以 UNAVAILABLE 失败）或 share（每个副本取限额除以 quota-replicas，网络分区时可能超额）。",
	"How many replicas share the limit, for redis-lost share.":                                                                                                                                                                          "共享限额的副本数，用于 redis-lost share。",
	"Store no answers, and do not join equal questions.":                                                                                                                                                                                "不缓存应答，相同的查询也各自调用上游。",
	"Answers kept in memory, in bytes.": "内存中缓存的应答，单位字节。",
	"Where answers are kept beyond memory: none, disk (in data-dir, survives restarts), redis (redis-url, shared by replicas), or auto: redis if redis-url is set, else disk; none for the sandbox.": "内存之外的缓存位置：none、disk（在 data-dir 中，重启后仍在）、redis（redis-url，各副本共享），或 auto：设置了 redis-url 时为 redis，否则为 disk；沙箱为 none。",
	"Answers kept on disk, in bytes.": "磁盘上缓存的应答，单位字节。",
	"How long answers count as fresh, by kind: KeywordSearch, ImageSearch, GetProduct, ListSellerProducts, ListSearchFacets, ListTopKeywords, ListRelatedProducts. For example KeywordSearch=10m,GetProduct=1h.": "各类应答的有效时间：KeywordSearch、ImageSearch、GetProduct、ListSellerProducts、ListSearchFacets、ListTopKeywords、ListRelatedProducts。例如 KeywordSearch=10m,GetProduct=1h。",
	"Name of a pool of App Keys whose answers are interchangeable. Unset: this App Key alone.":                                                                                                                   "应答可以互换的一组 App Key 的名称。未设置：只有本 App Key。",

	// Pictures.
	"Largest accepted image.": "接受的最大图片。",
	"Most pixels an image may have. They are read from its header, before it is decoded.":                                                                            "图片最多的像素数；解码前从文件头得知。",
	"Largest image that the upstream accepts. Larger ones are shrunk.":                                                                                               "上游接受的最大图片，更大的会被缩小。",
	"Memory that all images in progress may take together: a quarter for receiving them, the rest for decoding.":                                                     "处理中的全部图片合计可用的内存：四分之一用于接收，其余用于解码。",
	"How long an image waits for that memory before it is refused.":                                                                                                  "图片等待上述内存的最长时间，超时则拒绝。",
	"Where images are stored while they are needed, in files without names, which never outlive the process. By default the system's directory for temporary files.": "需要时存放图片的位置：使用无名文件，进程结束即消失。默认为系统的临时目录。",
	"Most bytes of images that are stored for further searches by their image_id. The oldest are removed first.":                                                     "为按 image_id 再次查询而保留的图片总字节数；最旧的先删除。",
	"How long an image_id is valid.":                            "image_id 的有效时间。",
	"How long an upload may send nothing before it is cut off.": "上传多久没有数据就被中断。",
	"Hosts whose images the upstream fetches itself: exact names, with :port if it is not the scheme's default. Images on other hosts are fetched by this server.": "由上游自行抓取图片的主机：须写完整名称，非默认端口加 :端口。其他主机的图片由本服务器抓取。",
	"Fetch no images: an image_url of any other host is refused.": "不抓取图片：其他主机的 image_url 一律拒绝。",
	"Longest time for fetching one image.":                        "抓取一张图片的最长时间。",
	"Ports that images are fetched from.":                         "允许抓取图片的端口。",
	"Measure no likeness: do not fetch the images of offers from image-hosts to compare them. Combos then confirm nothing.": "不计算相似度：不从 image-hosts 抓取商品图片作比较，组合查询不会有证实的结果。",
	"Largest image of an offer that is fetched to be compared.":                                                             "为比较而抓取的商品图片的最大大小。",

	// Price watches.
	"PostgreSQL that keeps price watches for all replicas, as postgres://user:password@host:port/database. Unset: a SQLite file in data-dir, for one process: pricewatch.db, or pricewatch-sandbox.db with the sandbox.": "为所有副本保存价格监控的 PostgreSQL，形如 postgres://user:password@host:port/database。未设置：使用 data-dir 中的 SQLite 文件，仅供一个进程使用：pricewatch.db，沙箱为 pricewatch-sandbox.db。",
	"Shortest interval of a price watch, 1s to 720h. With the sandbox it is 1s unless it is set.":                                                                                                                        "价格监控的最短间隔，1s 至 720h。使用沙箱且未设置时为 1s。",
	"How long every observation and event of price watches is kept. Of older observations one a day is kept.":                                                                                                            "价格监控的每条观测记录和事件的保留时间。更早的观测记录每天保留一条。",
	"How long that one observation a day is kept, counted from when it was due.":                                                                                                                                         "每天保留的那一条观测记录的保留时间，自其应观测时间算起。",
	"Most bytes of observations of all price watches together; the oldest go first. 0 is no bound. The database needs up to twice as much.":                                                                              "所有价格监控的观测记录合计的最大字节数，最早的先删除。0 表示不限。数据库所需空间最多为其两倍。",
	"Most price watches of one caller.":                              "每个调用方最多的价格监控数量。",
	"How many price watches this process observes at the same time.": "本进程同时观测的价格监控数量。",
	"Hosts that webhooks may be sent to wherever they are, in the company's own network too, and by plain http: exact names, with :port where it is not 80 or 443. Webhooks elsewhere must be https on port 443 of the public internet.": "无论位于何处（包括公司内网）都可以作为 webhook 目标、并可使用普通 http 的主机：精确名称，端口不是 80 或 443 时带 :port。其他 webhook 必须是公网上 443 端口的 https。",

	// Serving.
	"Where gRPC is served. Port 0 takes a free one.":                                                          "gRPC 的监听地址。端口 0 表示自选空闲端口。",
	"Where REST is served. Port 0 takes a free one.":                                                          "REST 的监听地址。端口 0 表示自选空闲端口。",
	"Web origins whose pages may call REST from a browser, exact, such as https://shop.example. Unset: none.": "允许其网页在浏览器中调用 REST 的来源（Origin），须写完整，例如 https://shop.example。未设置：都不允许。",
	"Where operators find metrics, profiles and health, without a key and without TLS: callers should not reach it. If the default port is in use, a free one is chosen and logged.": "运维人员查看指标、性能分析和健康状态的地址，无需密钥且不加密，不应让调用方访问。默认端口被占用时自选空闲端口，并写入日志。",
	"Serve gRPC alone.":                      "只提供 gRPC。",
	"Certificate chain (PEM) of both ports.": "两个端口共用的证书链（PEM）。",
	"Private key (PEM) of the certificate.":  "证书的私钥（PEM）。",
	"Certificates (PEM) that sign callers' certificates. Set: a caller without one is refused.":                                            "签发调用方证书的证书（PEM）。设置后，没有证书的调用方会被拒绝。",
	"Allow an address off loopback without TLS and authenticated callers: whoever reaches the port spends the quota.":                      "允许在没有 TLS 和调用方认证时监听本机以外可达的地址：任何能访问端口的人都会消耗配额。",
	"Largest request, over gRPC and REST. The default has room for an image of 3 MiB as base64 in JSON. Uploads have bounds of their own.": "gRPC 和 REST 的最大请求。默认可容纳 JSON 中以 base64 编码的 3 MiB 图片；上传另有限制。",
	"How long a request may take if its caller sets no deadline.":                                                                          "没有自带期限的请求的最长时间。",
	"Longest time a request may take, whatever deadline its caller set.":                                                                   "请求的最长时间，无论调用方设置的期限是多少。",
	"How long a batch, or a whole result that is streamed, may take when its caller set no deadline. 0 is as long as stream-timeout-max.":  "调用方未设期限时，批量查询或流式的完整结果的最长时间；0 表示与 stream-timeout-max 相同。",
	"Longest time a batch, or a whole result that is streamed, may take, whatever deadline its caller set. 0 is no limit.":                 "批量查询或流式的完整结果的最长时间，无论调用方设置的期限是多少；0 表示不限。",
	"How long the server still accepts requests after its health checks report that it stops.":                                             "告知健康检查即将停止后，仍接受请求的时间。",
	"How long requests in progress may take to end after that, before they are cut off.":                                                   "此后处理中的请求最多还可进行多久，超时则中断。",
	"Where files are kept that survive a restart. By default $XDG_DATA_HOME/zhaohuo, else ~/.local/share/zhaohuo; it is made when something is first kept. Each replica keeps its copy of the access tokens here: give each its own if redis-url is set, and all on one machine the same if it is not.": "存放重启后仍需保留的文件的目录。默认 $XDG_DATA_HOME/zhaohuo，否则 ~/.local/share/zhaohuo；首次保存时创建。每个副本在此保存访问令牌的副本：设置了 redis-url 时各用各的目录，未设置时同一台机器上的副本共用一个。",
	"Most connections of callers, over gRPC and REST together, and never more than half of the files that this process may have open. When all are taken, a new one takes the place of the one that has been idle for longest.":                                                                         "gRPC 和 REST 合计的最多连接数，且不超过本进程可打开文件数的一半。全部占用时，新连接取代空闲最久的连接。",
	"How long a connection may be open without a request under way before it is closed.":                                                                                  "连接没有进行中的请求时可保持多久，超时则关闭。",
	"Memory that the bodies of requests under way may take together, over gRPC and REST. Uploads are held in photo-memory.":                                               "gRPC 和 REST 处理中的请求正文合计可用的内存。上传使用 photo-memory。",
	"How long the body of a request may take to arrive before it is cut off. Uploads may take longer.":                                                                    "请求正文最多可传输多久，超时则中断。上传可以更久。",
	"Fewest bytes a second at which a body or an upload may arrive, on average after its first upload-idle-timeout, before it is cut off; 0 is no bound.":                 "正文或上传在首个 upload-idle-timeout 之后每秒平均至少的字节数，低于此值则中断；0 表示不限。",
	"YAML or JSON list of API keys by their hashes, as zhaohuo keys new writes them. Set: a caller without a good key is refused. Changes are noticed without a restart.": "API key 列表文件（YAML 或 JSON，按哈希保存），由 zhaohuo keys new 生成。设置后，没有有效密钥的调用方会被拒绝。修改后无需重启。",
	"Such a list itself instead of a file, for example [{name: shop, sha256: 9f86…, weight: 2}].":                                                                         "直接给出上述列表而不用文件，例如 [{name: shop, sha256: 9f86…, weight: 2}]。",
	"Most requests a second of each caller: an API key that has no rate of its own, or an IP address where there are no keys. 0 is no limit.":                             "每个调用方每秒最多请求数：没有自己速率的 API key，或没有密钥时的 IP 地址。0 表示不限。",

	// The sandbox, logs and traces.
	"How long each step of the sandbox's moving prices lasts: at every second step an offer costs something else, and some offers go away for a while. 0 has prices stand still, so that equal questions have equal answers.": "沙箱价格每步变动的时长：每两步每件商品换一次价，有些商品会暂时下架。0 表示价格不变，同样的问题得到同样的回答。",
	"Calls a second that the sandbox accepts before it throttles; 0 is no limit.":                                  "沙箱每秒接受多少次调用，超出则回答调用过快；0 表示不限。",
	"How long the sandbox waits before each answer.":                                                               "沙箱每次应答前的等待时间。",
	"Folder with goods of your own for the sandbox: offers.jsonl or offers.csv, and photos. Unset: made-up goods.": "供沙箱使用的自己商品的文件夹：offers.jsonl 或 offers.csv，以及图片。未设置：虚构的商品。",
	"Lowest level that is logged: debug, info, warn or error.":                                                     "记录的最低日志级别：debug、info、warn 或 error。",
	"Form of the log on standard error: text or json.":                                                             "标准错误输出的日志格式：text 或 json。",
	"OTLP collector (gRPC) for traces, as http://host:4317 or https://host:4317. Unset: no traces.":                "接收追踪数据的 OTLP 收集器（gRPC），例如 http://host:4317 或 https://host:4317。未设置：不追踪。",
}

// chineseSections are the headings of groups of flags in the help.
//
//nolint:gosec // Words about tokens, and none of them.
var chineseSections = map[string]string{
	"Account at 1688": "1688 账号", "Access tokens": "访问令牌", "Upstream": "上游", "Upstream: products and sellers": "上游：商品和卖家",
	"Quota": "配额", "Cache": "缓存", "Images": "图片", "Price watches": "价格监控", "Serving": "监听", "Connections and bodies": "连接和请求正文", "Callers": "调用方",
	"Sandbox": "沙箱", "Logs and traces": "日志和追踪", "Server": "服务器",
}

// chineseFrame are the texts that the command line parser puts around the help of a command.
var chineseFrame = map[string]string{
	"Usage: %s": "用法：%s", "Arguments:": "参数：", "Flags:": "选项：", "Commands:": "命令：",
	`Run "%s" for more information.`: `运行 "%s" 查看更多。`, `Run "%s" for more information on a command.`: `运行 "%s" 查看命令的说明。`,
}
