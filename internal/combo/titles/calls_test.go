package titles

import "testing"

// TestWhatBelongsToGoodsIsNotThem has parts, covers, tools and other goods that share words with goods. A lexicon cannot
// have all of them: the bounds are what is promised.
func TestWhatBelongsToGoodsIsNotThem(t *testing.T) {
	r := NewReader()
	var found, kept int
	var missed, taken []string
	for _, c := range []struct{ goods, right, wrong []string }{
		{
			[]string{"304不锈钢保温杯大容量商务泡茶杯定制logo", "保温杯男女学生便携水杯真空车载杯批发", "316保温杯带茶隔礼品杯定制"},
			[]string{"智能测温保温杯学生礼品", "儿童保温杯带吸管水杯", "真空保温杯500ml 一件代发", "咖啡杯保温杯随行杯定制"},
			[]string{"保温杯刷长柄杯刷清洁刷", "保温杯套水杯套保护套杯袋", "保温杯盖配件通用杯盖", "保温杯密封圈硅胶圈配件", "保温杯吸管替换吸管", "保温杯收纳架厨房置物架", "保温杯清洁剂除垢剂", "保温杯包装盒彩盒定制", "保温杯贴纸防水水杯贴", "保温杯提绳杯绳挂绳", "保温杯内胆不锈钢内胆", "保温杯杯垫硅胶底座", "保温杯激光打标机", "保温杯把手配件", "适用保温杯的茶漏滤网", "适用于保温杯 杯刷", "保温杯印刷机丝印机", "杯子架保温杯沥水架", "保温壶不锈钢暖水瓶", "保温饭盒学生"},
		},
		{
			[]string{"懒人手机支架桌面折叠平板通用", "磁吸手机支架桌面铝合金旋转", "车载手机支架出风口重力导航支架"},
			[]string{"桌面手机支架直播追剧", "手机懒人支架床头", "ipad平板手机支架铝合金"},
			[]string{"手机支架贴片磁吸引磁片", "手机支架引磁环铁片", "手机支架包装盒", "手机支架螺丝配件", "三脚架自拍杆蓝牙遥控", "手机支架底座亚克力展示架", "电视支架壁挂架", "显示器支架桌面升降", "手机壳支架一体磁吸保护壳", "手机支架硅胶垫防滑垫", "手机支架模具开模", "无人机手机支架延长杆"},
		},
		{
			[]string{"TWS无线蓝牙耳机入耳式降噪运动", "蓝牙耳机挂耳式骨传导运动无线耳机", "私模蓝牙耳机华强北跨境"},
			[]string{"真无线耳机蓝牙半入耳", "头戴式蓝牙耳机降噪", "运动蓝牙耳机挂脖"},
			[]string{"蓝牙耳机保护套硅胶耳机套", "蓝牙耳机收纳盒耳机包", "蓝牙耳机充电线Type-C", "蓝牙耳机海绵套耳套", "蓝牙耳机防丢绳挂绳", "蓝牙耳机耳塞帽硅胶套", "蓝牙耳机清洁笔", "蓝牙耳机展示架", "蓝牙耳机主板方案PCBA", "蓝牙耳机电池纽扣电池", "有线耳机入耳式线控", "蓝牙耳机测试仪", "蓝牙耳机包装盒彩盒", "蓝牙音箱重低音", "蓝牙耳机贴纸", "蓝牙耳机麦克风海绵"},
		},
		{
			[]string{"夏季冰丝防晒袖套男女冰袖", "防晒冰丝袖套女冰袖开车", "跨境冰丝袖套防晒薄款冰袖"},
			[]string{"莱卡防晒冰袖", "防晒袖套大码冰丝", "骑行冰丝袖套护臂"},
			[]string{"冰丝袖套包装袋opp袋", "冰丝面料袖套布料", "袖套机织袖机", "厨房防污袖套棉布家用", "冰丝防晒口罩", "袖套收纳袋", "冰丝手套防晒", "护袖劳保袖套电焊", "冰袖印花机热转印机"},
		},
		{
			[]string{"户外月亮椅折叠椅便携露营", "高背月亮椅铝合金露营折叠椅", "月亮椅折叠野餐钓鱼椅"},
			[]string{"加高月亮椅带枕头", "露营椅月亮椅太空椅"},
			[]string{"月亮椅收纳袋配件", "月亮椅椅布替换布", "月亮椅枕头靠枕", "月亮椅脚垫脚套", "月亮椅杯架置物架", "月亮椅坐垫加厚", "办公椅电脑椅", "月亮灯小夜灯", "月亮椅支架铝管", "儿童餐椅折叠椅宝宝椅"},
		},
	} {
		reading := r.Read(c.goods)
		for _, title := range c.right {
			if reading.Names(title) {
				found++
			} else {
				missed = append(missed, title)
			}
		}
		for _, title := range c.wrong {
			if reading.Names(title) {
				taken = append(taken, title)
			} else {
				kept++
			}
		}
	}
	if got := percent(found, found+len(missed)); got < 75 {
		t.Errorf("%.1f %% of the goods are recognised; not %q", got, missed)
	}
	if got := percent(kept, kept+len(taken)); got < 80 {
		t.Errorf("%.1f %% of what is not the goods is left out; not %q", got, taken)
	}
	t.Logf("%d of %d goods are recognised, %d of %d others are left out", found, found+len(missed), kept, kept+len(taken))
}

func TestCall(t *testing.T) {
	reading := NewReader().Read([]string{"冰丝袖套防晒男女", "防晒冰袖冰丝袖套骑行", "夏季冰丝袖套冰袖透气"})
	for title, want := range map[string]Call{
		"冰丝袖套防晒 现货": Named, "防晒袖套男": Named, "厨房袖套防油": Unnamed, "冰袖贴纸": Beside, "适用于冰袖的夹子": Beside,
		"冰丝袖套补差价专拍": Beside, "邮费补拍链接": Unnamed, "": Unnamed, "口罩": Unnamed,
	} {
		if got := reading.Call(title); got != want {
			t.Errorf("%s: %d, want %d", title, got, want)
		}
	}
	if got := (Reading{}).Call("冰丝袖套"); got != Unnamed {
		t.Errorf("an empty reading: %d", got)
	}
}
