// Places in China to which goods are sent, in both languages: the capitals and the largest cities of trade. A code is that of a central
// district (GB/T 2260), because 1688 asks for a district.
import { language } from "../state/session";

const places = [
  ["110101", "北京市东城区", "Beijing (Dongcheng)"],
  ["120101", "天津市和平区", "Tianjin (Heping)"],
  ["130102", "石家庄市长安区", "Shijiazhuang (Chang'an)"],
  ["140105", "太原市小店区", "Taiyuan (Xiaodian)"],
  ["150102", "呼和浩特市新城区", "Hohhot (Xincheng)"],
  ["210102", "沈阳市和平区", "Shenyang (Heping)"],
  ["210202", "大连市中山区", "Dalian (Zhongshan)"],
  ["220102", "长春市南关区", "Changchun (Nanguan)"],
  ["230102", "哈尔滨市道里区", "Harbin (Daoli)"],
  ["310101", "上海市黄浦区", "Shanghai (Huangpu)"],
  ["320102", "南京市玄武区", "Nanjing (Xuanwu)"],
  ["320508", "苏州市姑苏区", "Suzhou (Gusu)"],
  ["330102", "杭州市上城区", "Hangzhou (Shangcheng)"],
  ["330203", "宁波市海曙区", "Ningbo (Haishu)"],
  ["330302", "温州市鹿城区", "Wenzhou (Lucheng)"],
  ["330782", "义乌市", "Yiwu"],
  ["340102", "合肥市瑶海区", "Hefei (Yaohai)"],
  ["350102", "福州市鼓楼区", "Fuzhou (Gulou)"],
  ["350203", "厦门市思明区", "Xiamen (Siming)"],
  ["350502", "泉州市鲤城区", "Quanzhou (Licheng)"],
  ["360102", "南昌市东湖区", "Nanchang (Donghu)"],
  ["370102", "济南市历下区", "Jinan (Lixia)"],
  ["370202", "青岛市市南区", "Qingdao (Shinan)"],
  ["410102", "郑州市中原区", "Zhengzhou (Zhongyuan)"],
  ["420102", "武汉市江岸区", "Wuhan (Jiang'an)"],
  ["430102", "长沙市芙蓉区", "Changsha (Furong)"],
  ["440103", "广州市荔湾区", "Guangzhou (Liwan)"],
  ["440303", "深圳市罗湖区", "Shenzhen (Luohu)"],
  ["440604", "佛山市禅城区", "Foshan (Chancheng)"],
  ["441900", "东莞市", "Dongguan"],
  ["450102", "南宁市兴宁区", "Nanning (Xingning)"],
  ["460105", "海口市秀英区", "Haikou (Xiuying)"],
  ["500103", "重庆市渝中区", "Chongqing (Yuzhong)"],
  ["510104", "成都市锦江区", "Chengdu (Jinjiang)"],
  ["520102", "贵阳市南明区", "Guiyang (Nanming)"],
  ["530102", "昆明市五华区", "Kunming (Wuhua)"],
  ["540102", "拉萨市城关区", "Lhasa (Chengguan)"],
  ["610102", "西安市新城区", "Xi'an (Xincheng)"],
  ["620102", "兰州市城关区", "Lanzhou (Chengguan)"],
  ["630102", "西宁市城东区", "Xining (Chengdong)"],
  ["640104", "银川市兴庆区", "Yinchuan (Xingqing)"],
  ["650102", "乌鲁木齐市天山区", "Urumqi (Tianshan)"],
] as const;

export interface Place {
  /** 6 digits. */
  code: string;
  name: string;
}

/** placesOf are the places in the language of the page: in English by name, in Chinese by code, which is their usual order. */
export function placesOf(): Place[] {
  const english = language.value === "en";
  const all = places.map(([code, zh, en]) => ({ code, name: english ? en : zh }));
  return english ? all.sort((a, b) => a.name.localeCompare(b.name, "en")) : all;
}
