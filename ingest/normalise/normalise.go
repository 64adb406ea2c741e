package normalise

// Text normalises a text of several lines and returns how many bytes of it were not
// valid UTF-8.
func Text(s string) (string, int) { return normalise(s, true) }

// Line normalises a text of one line, such as a title: line breaks become spaces.
func Line(s string) (string, int) { return normalise(s, false) }

func normalise(s string, lines bool) (string, int) { return s, 0 }
