// Package eval measures models on labelled rows (评测): how often they are right, where
// they are wrong, how far their probabilities can be trusted, and how that compares with
// the agreement of two people who labelled the same rows.
//
// It knows no model. Whoever runs it hands over Models, a set of functions from a Row to
// an answer, and gets a Result: the predictions in the order of the rows, the metrics
// under their fixed names, and a report in Markdown. A task whose function is nil is
// refused with a clear error.
//
// Everything here is a pure function of its input, without clock or files, so that a
// figure in a report can be recomputed to the last digit.
//
// # Conventions
//
// Metrics are over the rows that carry a label of the task; the others are predicted
// only. A metric that has no value (no labelled row, no row of the class asked for) is
// null, never 0. Where a formula leaves open what 0/0 is, this package says it at the
// function.
//
// Macro-averages are over the classes that the gold labels hold, as scikit-learn's
// f1_score with average="macro" gives it when labels are the gold classes. A class that
// is predicted and never gold costs precision nowhere else than in its rows, which are
// counted as misses of their gold classes.
package eval
