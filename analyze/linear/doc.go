// Package linear trains and applies linear models of short Chinese texts (线性模型): any number
// of questions about a text, called heads, over one vocabulary of words and character
// n-grams, answered by one reading of it, and explained by the words that decided.
//
// # Use
//
// Training reads texts into a Corpus once. A Head is a question with the rows it is learned
// from; a row of the corpus may serve any of them, or none, and then helps to tell how rare
// a feature is and which features go together:
//
//	c := linear.NewCorpus(texts, spec)
//	topics := linear.Head{
//		Name: "topic31", Classes: ids, Kind: linear.OneOf,
//		Samples: []linear.Sample{{Row: 0, Class: 2, Weight: 1}, …},
//		Extras: points, ExtraNames: names, // by row of the corpus; may be left out
//		Config: linear.Config{Cost: 0.5, Features: 30_000, Latent: 64, Place: 2, Seed: 1},
//	}
//	margins := c.CrossValidate(topics, folds)         // of rows not trained on
//	t := linear.Temperature(topics.Samples, margins)  // calibrated
//	voc := c.Choose([]linear.Head{topics, moods}, 60_000)
//	m, err := linear.Join([]*linear.Fitted{c.Fit(topics, voc), c.Fit(moods, voc)}, []float64{t, u})
//	data, err := m.Encode(card)                       // the model file
//
// Applying needs the model and memory that is used again:
//
//	m, card, err := linear.Decode(data)
//	topics := m.Head("topic31")
//	m.Read(text, &scratch)                            // once, for all heads
//	margins = m.Margins(margins[:0], topics, extras, &scratch)
//	p = m.Probabilities(p[:0], topics, margins)       // they sum to 1
//	m.Explain(text, topics, class, 5, 1, &scratch)    // the words for a class
//
// A Model is read-only and safe for concurrent use, a Scratch belongs to one goroutine at a
// time. Everything is a pure function of its arguments: no clock, no files, and no random
// numbers but those of the seed, so that equal rows, settings and seed give equal model
// files to the byte (on one processor architecture; others may round a logarithm
// differently). What a text gives a class is reckoned in whole numbers, and is the same on
// every machine.
//
// # Features
//
// See Spec. A feature counts with 1+ln(tf) times its inverse document frequency, and a text
// has length 1 (Salton and Buckley 1988, "Term-weighting approaches in automatic text
// retrieval"). Extras are numbers of the caller's own beside them, for example how many
// keywords of a topic stand in the text.
//
// # Size
//
// The classes of all heads together are at most 64: one byte each, one cache line a feature.
package linear
