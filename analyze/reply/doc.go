// Package reply judges the quality of an official reply to a post (答复质量): does it speak
// to the matter, does it answer every demand, does it explain, does it say what was or will
// be done, or is it an empty phrase or a pointer elsewhere.
//
// It judges the answer of an organ, never the person who wrote it, and it judges what the
// reply says: whether that is true, and whether the citizen was content, it cannot know.
//
// The rules read a reply in pieces between punctuation marks. Pieces that every reply has
// (greeting, receipt, transfer, thanks, date) are its frame; what is left is its substance,
// and only substance counts. Every grade comes with the words that it rests on. The words
// were collected from replies of county and city offices of 2011 to 2022; no grade was
// learned from labels.
//
// The package is pure: the same texts give the same Quality.
package reply
