// Package analyze is the analyser (研判): it cuts a post into words, tells its topic, its
// risk and its places with the evidence for each, indexes it, and joins posts about one
// matter into events.
//
// It is two stages. The Scorer reads TopicPosts, assesses each post by itself, writes it
// to the Index and passes it on to TopicAssessed under opinion.MatterKey. The Clusterer
// reads that, so that one instance sees all posts and the corrections by hand among them,
// keeps the open events in memory, and signals an event that is new or became graver. What
// it knows can be read from the Index again; see Clusterer.Handle, and changes for what
// happens when a process ends half-way.
//
// The Analyzer is a pure function between the two: post in, assessment out. Its models
// stand in the child packages segment, lexicon, topic, risk, place and event, know neither
// clock nor files, and can be replaced one by one.
package analyze
