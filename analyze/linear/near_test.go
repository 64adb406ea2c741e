package linear

import (
	"slices"
	"testing"
)

func TestGroupsFindsWhatIsAlike(t *testing.T) {
	long := []string{"阳光", "花园", "小区", "门口", "路灯", "坏了", "一个", "多月", "晚上", "漆黑", "希望", "尽快", "修理"}
	texts := []Text{
		textOf(long, false),
		textOf(slices.Concat(long, []string{"，", "谢谢"}), true),
		textOf([]string{"学校", "收费", "太高", "家长", "反映", "没有", "答复", "请问", "哪里", "可以", "投诉", "老师", "回复"}, false),
		textOf(long[4:], false), // nine of thirteen
		textOf(long[9:], false), // four of thirteen
		textOf([]string{"路灯"}, false),
		textOf([]string{"路灯"}, false),
		textOf([]string{"井盖"}, false),
		textOf(nil, false),
		textOf(nil, false),
	}
	if got, want := Groups(texts, 0.55), []int{0, 0, 2, 0, 4, 5, 5, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestMeasure(t *testing.T) {
	samples := []Sample{{Class: 0, Weight: 1}, {Class: 1, Weight: 1}, {Class: 1, Weight: 1}, {Class: 2, Weight: 0.5}, {Class: 2, Weight: 1}}
	margins := [][]float64{{1, 0, 0, 0}, {1, 0, 2, 3}, {0, 1, 0, 0}, {9, 9, 0, 9}, nil}
	got := Measure(samples, margins, 4)
	// class 0: 1 of 1, said once; class 1: 1 of 2, said once
	want := map[string]float64{"rows": 3, "accuracy": 2.0 / 3, "top3": 2.0 / 3, "macro_f1": (1 + 2.0/3) / 2}
	for name, x := range want {
		if d := got[name] - x; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s %v, want %v", name, got[name], x)
		}
	}
}
