package elastic

import (
	"strings"

	"github.com/huiying/huiying/opinion"
)

// compile writes a query in the query DSL, for filter context.
func compile(n opinion.Node, tok opinion.Tokenizer) (object, error) {
	switch n := n.(type) {
	case nil:
		return object{"match_all": object{}}, nil
	case opinion.And:
		return compileList("filter", n.Nodes, tok)
	case opinion.Or:
		if len(n.Nodes) == 0 {
			return object{"match_none": object{}}, nil
		}
		return compileList("should", n.Nodes, tok)
	case opinion.Not:
		return compileList("must_not", []opinion.Node{n.Node}, tok)
	case opinion.Term:
		fields := []string{"title", "text"}
		if n.TitleOnly {
			fields = fields[:1]
		}
		return termQuery(tok, n.Text, fields...), nil
	case opinion.Match:
		return compileMatch(n)
	case opinion.Range:
		return compileRange(n)
	case opinion.Dates:
		bounds := object{}
		if !n.From.IsZero() {
			bounds["gte"] = n.From.UnixMilli()
		}
		if !n.To.IsZero() {
			bounds["lt"] = n.To.UnixMilli()
		}
		return object{"range": object{"published": bounds}}, nil
	default:
		return nil, opinion.Errorf(opinion.CodeInvalid, "the index cannot answer a %T", n)
	}
}

func compileList(clause string, nodes []opinion.Node, tok opinion.Tokenizer) (object, error) {
	list := make([]object, len(nodes))
	for i, c := range nodes {
		var err error
		if list[i], err = compile(c, tok); err != nil {
			return nil, err
		}
	}
	return object{"bool": object{clause: list}}, nil
}

// termQuery matches the phrases of a term in one of the fields.
func termQuery(tok opinion.Tokenizer, text string, fields ...string) object {
	phrases := opinion.TermPhrases(tok, text)
	if len(phrases) == 0 {
		return object{"match_none": object{}}
	}
	var list []object
	for _, f := range fields {
		for _, p := range phrases {
			list = append(list, phraseQuery(f, p))
		}
	}
	return object{"bool": object{"should": list}}
}

// maxExpansions is how many words of the index the open end of a phrase may stand for.
// The default, 50, would lose posts.
const maxExpansions = 100_000

func phraseQuery(field string, p opinion.Phrase) object {
	text := strings.Join(p.Tokens, " ")
	switch {
	case !p.Prefix:
		return object{"match_phrase": object{field: text}}
	case len(p.Tokens) == 1:
		return object{"prefix": object{field: text}}
	default:
		return object{"match_phrase_prefix": object{field: object{"query": text, "max_expansions": maxExpansions}}}
	}
}

func compileMatch(m opinion.Match) (object, error) {
	switch m.Field {
	case opinion.FacetTopic, opinion.FacetSource, opinion.FacetChannel, opinion.FacetKind, opinion.FacetIntent, opinion.FacetStreet:
		return object{"term": object{m.Field: m.Value}}, nil
	case opinion.FacetArea:
		return compileArea(m.Value), nil
	case opinion.FieldEvent, opinion.FieldID:
		return object{"term": object{m.Field: m.Value}}, nil
	case opinion.FieldHistory:
		return object{"term": object{m.Field: m.Value == "true"}}, nil
	default:
		return nil, opinion.Errorf(opinion.CodeInvalid, "the index has no field %q", m.Field)
	}
}

// compileArea asks for the posts of an area. Those that were written before there was this
// field count as ours.
func compileArea(value string) object {
	elsewhere := object{"term": object{opinion.FacetArea: opinion.AreaElsewhere}}
	switch value {
	case opinion.AreaElsewhere:
		return elsewhere
	case opinion.AreaOurs:
		return object{"bool": object{"must_not": []object{elsewhere}}}
	default:
		return object{"match_none": object{}}
	}
}

var rangeOps = map[opinion.Op]string{
	opinion.OpLess: "lt", opinion.OpLessEqual: "lte", opinion.OpGreater: "gt", opinion.OpGreaterEqual: "gte",
}

func compileRange(r opinion.Range) (object, error) {
	switch r.Field {
	case opinion.FacetRisk, opinion.FacetSentiment, opinion.FieldScore:
	default:
		return nil, opinion.Errorf(opinion.CodeInvalid, "the index has no number %q", r.Field)
	}
	if r.Op == opinion.OpEqual {
		return object{"term": object{r.Field: r.Value}}, nil
	}
	op, ok := rangeOps[r.Op]
	if !ok {
		return nil, opinion.Errorf(opinion.CodeInvalid, "the index cannot compare with %q", r.Op)
	}
	return object{"range": object{r.Field: object{op: r.Value}}}, nil
}

// relevance lists the clauses whose boosts add up to opinion's relevance.
func relevance(q opinion.Query, tok opinion.Tokenizer) []object {
	var list []object
	weigh := func(text, field string, weight int) {
		list = append(list, object{"constant_score": object{"filter": termQuery(tok, text, field), "boost": weight}})
	}
	for _, t := range q.Terms() {
		weigh(t.Text, "title", opinion.RelevanceTitle)
		if !t.TitleOnly {
			weigh(t.Text, "text", opinion.RelevanceText)
		}
	}
	return list
}
