package mask

import "strings"

// provinces are the characters that plates begin with.
const provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

// wordProvinces are those that are words of their own too (新MATE20): they need more.
const wordProvinces = "新黑青贵云吉宁川蒙"

const plateEnds = "学警挂港澳领使"

// plate finds a vehicle plate: province, letter, five characters or six (new energy).
func (sc *scanner) plate(i int) int {
	if a := sc.at(i + 1); !letter(a) || a == 'I' || a == 'i' {
		return i + 1
	}
	j := i + 2
	for n := 0; n < 2 && isSeparator(sc.at(j)); n++ {
		j++
	}
	start, digits := j, 0
	for ; letter(sc.at(j)) || digit(sc.at(j)) >= 0; j++ {
		if digit(sc.at(j)) >= 0 {
			digits++
		}
	}
	n := j - start
	if n == 4 && strings.ContainsRune(plateEnds, sc.at(j)) && sc.at(j) != 0 {
		n, j = 5, j+1
	}
	need := 1
	if strings.ContainsRune(wordProvinces, sc.text[i]) {
		need = 3
	}
	if n != 5 && n != 6 || digits < need || n == 6 && digits < 3 {
		return i + 1
	}
	if c := sc.at(j); c != 0 && strings.ContainsRune(plateEnds, c) && n == 5 && c != '使' && c != '领' && c != '学' {
		j++
	}
	return sc.add(Plate, i, j)
}
