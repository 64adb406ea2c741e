// Package linear trains and applies linear classifiers of short Chinese texts (线性模型):
// one support vector machine a class over words and character n-grams, with probabilities
// that were calibrated on rows the model had not seen, and with an explanation of every
// answer by the words that decided it.
//
// # Use
//
// Training reads texts into a Corpus once, and fits any number of models on any part of
// its rows:
//
//	c := linear.NewCorpus(texts, spec, extras)             // features of all rows
//	labels := []linear.Label{{Row: 0, Class: 2, Weight: 1}, …}
//	cv := c.CrossValidate(labels, folds, classes, config)  // margins of rows not trained on
//	m := c.Fit(labels, classes, config).Model()            // rounded to 8 bits
//	m.Temperature = linear.Temperature(cv)                 // calibrated
//	data, err := m.Encode(card)                            // the model file
//
// Applying needs the model and memory that is used again:
//
//	m, card, err := linear.Decode(data)
//	m.Read(text, extras, &scratch)          // scratch.Margins, one a class
//	m.Probabilities(&scratch)               // scratch.Probabilities, they sum to 1
//	m.Explain(text, class, limit, &scratch) // the words for a class
//
// A Model is read-only after training and safe for concurrent use, a Scratch belongs to one
// goroutine at a time. Everything is a pure function of its arguments: no clock, no files,
// and no random numbers but those of the seed, so that equal rows, settings and seed give
// equal model files to the byte (on one processor architecture; others may round a
// logarithm differently).
//
// Two or more classes of which exactly one holds are one model. Labels of which any number
// may hold are one model of two classes each.
//
// # Features
//
// See Spec. A feature counts with 1+ln(tf) times its inverse document frequency, and a text
// has length 1 (Salton and Buckley 1988, "Term-weighting approaches in automatic text
// retrieval"). Extras are numbers of the caller's own beside them, for example how many
// keywords of a topic stand in the text.
package linear
