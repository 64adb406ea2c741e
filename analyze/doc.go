// Package analyze is the analyser (研判): it cuts a post into words, tells its topic, its
// risk and its places with the evidence for each, indexes it, and joins posts that say
// the same into events.
//
// It is two stages. The Scorer reads TopicPosts, assesses each post by itself, writes it
// to the Index and passes it on to TopicAssessed under its topic as key. The Clusterer
// reads that, so that one instance sees all posts of a topic, keeps the open events of its
// topics in memory, and signals an event that is new or became graver.
//
// The Analyzer is a pure function between the two: post in, assessment out. Its models
// stand in the child packages segment, lexicon, topic, risk, place and event, know neither
// clock nor files, and can be replaced one by one.
package analyze
