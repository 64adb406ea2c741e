package opinion

import "testing"

func TestLevelsRankFromNoneToTheGravest(t *testing.T) {
	for want, l := range []Level{LevelNone, LevelIV, LevelIII, LevelII, LevelI} {
		if got := l.Rank(); got != want {
			t.Errorf("level %q ranks %d, want %d", l, got, want)
		}
	}
	if got := Level("V").Rank(); got != -1 {
		t.Errorf("what is no level ranks %d", got)
	}
}
