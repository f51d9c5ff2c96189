package scenario_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// stall is what is offered under the photo of one kind of goods.
type stall struct {
	kind string
	// same are titles of offers with the photo, likewise those of other photos of such goods.
	same, likewise []string
	// beside are titles of parts and payments with the photo; strangers have other photos.
	beside, strangers []string
	// words are searched first; the second search is by the head noun with another qualifier.
	head, words, why string
}

func stalls() []stall {
	return []stall{
		{
			kind:     "arm sleeves",
			same:     []string{"夏季冰丝防晒袖套男女户外骑行开车冰袖护臂厂家批发", "防晒冰丝袖套夏季透气户外冰袖手臂套印logo", "UPF50+防晒冰丝袖套女宽松薄款骑行冰袖批发"},
			likewise: []string{"冰丝袖套女士夏天防晒手臂套大码礼品定制", "跨境运动冰丝袖套男防晒冰袖跑步骑行", "莱卡防晒冰丝袖套渐变色户外骑行地摊货批发"},
			beside:   []string{"冰丝袖套补差价专拍"}, strangers: []string{"冰丝防晒口罩夏季薄款", "厨房防油围裙防污"},
			head: "冰丝袖套", words: "冰丝袖套 防晒", why: "name the goods 冰丝袖套; 防晒 is in",
		},
		{
			kind:     "phone stands",
			same:     []string{"磁吸手机支架桌面铝合金折叠旋转ipad平板适用苹果15", "懒人手机支架桌面磁吸可折叠伸缩直播床头批发", "桌面手机支架磁吸折叠便携学生网课一件代发"},
			likewise: []string{"车载手机支架2026新款磁吸出风口导航", "360度旋转磁吸车载手机支架汽车仪表台真空吸盘", "手机支架折叠桌面亚克力卡通可爱定制logo"},
			beside:   []string{"手机支架贴纸磁吸引磁贴片"}, strangers: []string{"显示器支架桌面升降旋转", "自拍杆三脚架落地补光灯直播"},
			head: "手机支架", words: "手机支架 磁吸", why: "name the goods 手机支架; 磁吸 is in",
		},
		{
			kind:     "earphones",
			same:     []string{"TWS无线蓝牙耳机5.3入耳式降噪运动跑步跨境私模", "私模蓝牙耳机Air Pro无线降噪半入耳式华强北礼品批发", "LED数显TWS蓝牙耳机M10无线降噪立体声触摸电竞"},
			likewise: []string{"跨境蓝牙耳机挂耳式OWS骨传导运动无线耳机", "蓝牙耳机无线双耳运动降噪游戏低延迟适用华为小米"},
			beside:   []string{"蓝牙耳机保护套硅胶收纳", "蓝牙耳机包装盒彩盒定制"}, strangers: []string{"蓝牙音箱重低音无线", "有线话筒直播降噪"},
			head: "蓝牙耳机", words: "蓝牙耳机 无线", why: "name the goods 蓝牙耳机; 无线 is in",
		},
		{
			kind:     "thermos cups",
			same:     []string{"304不锈钢保温杯男女士大容量商务泡茶杯车载便携水杯定制logo礼品批发"},
			likewise: []string{"保温杯不锈钢大容量学生便携水杯礼品", "真空保温杯304不锈钢车载商务礼品定制"},
			beside:   []string{"保温杯密封圈硅胶配件", "保温杯杯刷清洁刷"}, strangers: []string{"礼品袋手提纸袋定制", "商务礼品笔记本套装"},
			head: "保温杯", words: "保温杯 304不锈钢", why: "name the goods 保温杯; 304不锈钢 is in",
		},
	}
}

// TestWordsOfRunOnTitles sells goods whose titles run on without spaces, and asks for each kind who competes with it, in
// both dialects and over both transports. Each row says by which words the market is searched, and what it counts.
func TestWordsOfRunOnTitles(t *testing.T) {
	folder := sell(t, stalls())
	for _, dialect := range []string{"aop", "top"} {
		t.Run(dialect, func(t *testing.T) {
			running := start(t, map[string]string{"ZHAOHUO_DIALECT": dialect, "ZHAOHUO_SANDBOX_CATALOG": folder})
			for i, s := range stalls() {
				t.Run(s.kind, func(t *testing.T) {
					named := len(s.same) + len(s.likewise)
					c := scenario.Case{
						RPC: "ComboService/AnalyzeCompetitors", REST: []string{"POST /v1/combo:analyzeCompetitors"},
						Request: map[string]any{"image": map[string]any{"content": shot(t, i, 0, 92)}},
					}
					play(t, c, scenario.Expect{Code: "OK", Checks: []scenario.Check{
						{Path: "words.0.word", Equals: s.words},
						{Path: "words.1.word", Matches: "^" + s.head + " "},
						{Path: "words.#(searched==true)#.headNoun", Equals: []any{s.head, s.head}},
						{Path: "words.0.why", Contains: s.why},
						{Path: "market.products", Equals: named},
						{Path: "market.leftOut.#(reason==LEFT_OUT_REASON_ACCESSORY).count", Equals: len(s.beside)},
					}}, func() *runningService { return running })
				})
			}
		})
	}
}

// sell writes a catalogue of the stalls' offers and returns its folder.
func sell(t *testing.T, all []stall) string {
	t.Helper()
	folder := t.TempDir()
	var list bytes.Buffer
	w := csv.NewWriter(&list)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Write([]string{"id", "title", "price", "supplier", "image"}))
	id := 1000
	for i, s := range all {
		offer := func(title string, photo int) {
			id++
			name := fmt.Sprintf("%d.jpg", id)
			must(os.WriteFile(filepath.Join(folder, name), shot(t, i, photo, 70+id%25), 0o600))
			must(w.Write([]string{strconv.Itoa(id), title, strconv.Itoa(5 + id%40), fmt.Sprintf("seller %d", id), name}))
		}
		for _, title := range append(s.same, s.beside...) {
			offer(title, 0)
		}
		for n, title := range append(s.likewise, s.strangers...) {
			offer(title, n+1)
		}
	}
	w.Flush()
	must(w.Error())
	must(os.WriteFile(filepath.Join(folder, "offers.csv"), list.Bytes(), 0o600))
	return folder
}

// shot is a photo of something with a pattern on white, as JPEG of this quality. Each number of a kind is another pattern.
func shot(t *testing.T, kind, number, quality int) []byte {
	t.Helper()
	const side, tiles = 400, 9
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	rng := rand.New(rand.NewPCG(uint64(kind), uint64(number)))
	inside := image.Rect(40+20*kind, 50, 360-10*number, 370-25*kind)
	for range tiles * tiles {
		at := image.Pt(inside.Min.X+rng.IntN(inside.Dx()-30), inside.Min.Y+rng.IntN(inside.Dy()-30))
		tile := image.Rectangle{at, at.Add(image.Pt(10+rng.IntN(50), 10+rng.IntN(50)))}.Intersect(inside)
		paint := color.RGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
		draw.Draw(img, tile, image.NewUniform(paint), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
