// Rewriting of queries: filters of the search page are fields of the query language, so
// that what is searched is always what stands in the box. The pieces are told apart by
// the rules of the server's own lexer.

/** Filter is a field with its value that all posts found must have. */
export type Filter = { field: string; value: string };

type Token = { start: number; end: number; kind: "open" | "close" | "or" | "and" | "not" | "field" | "other"; field?: string; value?: string };

const and = new Set(["AND", "与", "且"]);
const or = new Set(["OR", "或"]);
const not = new Set(["NOT", "非"]);
const space = /\s/u;
const quote = /["“”]/;

/** filters lists the fields that every post found must have: those that stand outside of
 * brackets, alternatives and negations. */
export function filters(query: string): Filter[] {
  return found(query).map(({ field, value }) => ({ field, value }));
}

/** filterValue returns the value that a query demands of a field, if any. */
export function filterValue(query: string, field: string): string | undefined {
  return filters(query).find((f) => f.field === field)?.value;
}

/** withFilter demands a value of a field, in place of the one demanded before. */
export function withFilter(query: string, field: string, value: string): string {
  const rest = withoutFilter(query, field);
  const wanted = `${field}:${quoted(value)}`;
  if (rest === "") return wanted;
  return `${hasAlternative(rest) ? `(${rest})` : rest} ${wanted}`;
}

/** withoutFilter takes the demand back, with a value only when it is that value. */
export function withoutFilter(query: string, field: string, value?: string): string {
  let out = query;
  for (const f of found(query).reverse()) {
    if (f.field !== field || (value !== undefined && f.value !== value)) continue;
    out = `${out.slice(0, f.start)} ${out.slice(f.end)}`;
  }
  return unwrap(tidy(out));
}

/** toggled demands a value of a field, or takes the demand back where it stands. */
export function toggled(query: string, field: string, value: string): string {
  return filters(query).some((f) => f.field === field && f.value === value)
    ? withoutFilter(query, field, value)
    : withFilter(query, field, value);
}

function quoted(value: string): string {
  return /^[\p{L}\p{N}._<>=-]+$/u.test(value) ? value : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function tidy(query: string): string {
  // An operator that a removed field leaves at an end joins nothing any more.
  let tokens = tokenize(query);
  let out = query;
  const joins = (t: Token | undefined) => t !== undefined && t.kind === "and";
  while (joins(tokens[0])) {
    out = out.slice(tokens[0]!.end);
    tokens = tokenize(out);
  }
  while (joins(tokens.at(-1))) {
    out = out.slice(0, tokens.at(-1)!.start);
    tokens = tokenize(out);
  }
  for (let i = 0; i + 1 < tokens.length; i++) {
    if (tokens[i]!.kind === "and" && tokens[i + 1]!.kind === "and") {
      return tidy(out.slice(0, tokens[i]!.start) + out.slice(tokens[i]!.end));
    }
  }
  return collapse(out);
}

/** collapse makes one space of many, outside of quotation marks. */
function collapse(query: string): string {
  return query.split(/("(?:\\.|[^"\\])*"|[“”][^“”]*[“”])/u).map((part, i) => (i % 2 ? part : part.replace(/\s+/gu, " "))).join("").trim();
}

/** unwrap takes away brackets that hold the whole query. */
function unwrap(query: string): string {
  const tokens = tokenize(query);
  if (tokens[0]?.kind !== "open" || tokens.at(-1)?.kind !== "close") return query;
  let depth = 0;
  for (const t of tokens.slice(0, -1)) {
    depth += t.kind === "open" ? 1 : t.kind === "close" ? -1 : 0;
    if (depth === 0) return query;
  }
  return query.slice(tokens[0].end, tokens.at(-1)!.start).trim();
}

function hasAlternative(query: string): boolean {
  let depth = 0;
  return tokenize(query).some((t) => {
    depth += t.kind === "open" ? 1 : t.kind === "close" ? -1 : 0;
    return depth === 0 && t.kind === "or";
  });
}

function found(query: string): (Filter & { start: number; end: number })[] {
  if (hasAlternative(query)) return [];
  const out: (Filter & { start: number; end: number })[] = [];
  let depth = 0;
  let negated = false;
  for (const t of tokenize(query)) {
    if (t.kind === "open") depth++;
    if (t.kind === "close") depth--;
    if (t.kind === "field" && depth === 0 && !negated && t.value) {
      out.push({ field: t.field ?? "", value: t.value, start: t.start, end: t.end });
    }
    negated = t.kind === "not";
  }
  return out;
}

function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const c = query[at] as string;
    const start = at;
    if (space.test(c)) {
      at++;
    } else if (c === "(" || c === "（") {
      tokens.push({ start, end: ++at, kind: "open" });
    } else if (c === ")" || c === "）") {
      tokens.push({ start, end: ++at, kind: "close" });
    } else if (/[|｜]/.test(c)) {
      at += /[|｜]/.test(query[at + 1] ?? "") ? 2 : 1;
      tokens.push({ start, end: at, kind: "or" });
    } else if (/^[&＆]{2}/.test(query.slice(at))) {
      tokens.push({ start, end: (at += 2), kind: "and" });
    } else if (quote.test(c)) {
      at = endOfPhrase(query, at);
      tokens.push({ start, end: at, kind: "other" });
    } else if (/[-!！]/.test(c)) {
      tokens.push({ start, end: ++at, kind: "not" });
    } else {
      while (at < query.length && !endsWord(query, at)) at++;
      tokens.push(word(query, start, at));
      at = tokens.at(-1)!.end;
    }
  }
  return tokens;
}

function word(query: string, start: number, end: number): Token {
  const text = query.slice(start, end);
  if (and.has(text)) return { start, end, kind: "and" };
  if (or.has(text)) return { start, end, kind: "or" };
  if (not.has(text)) return { start, end, kind: "not" };
  const field = /^([A-Za-z_]+)[:：]/.exec(text);
  if (!field) return { start, end, kind: "other" };
  const name = (field[1] as string).toLowerCase();
  let value = text.slice(field[0].length);
  if (value === "" && quote.test(query[end] ?? "")) {
    const close = endOfPhrase(query, end);
    value = query.slice(end + 1, close - 1).replace(/\\(.)/gu, "$1");
    return { start, end: close, kind: "field", field: name, value };
  }
  return { start, end, kind: "field", field: name, value };
}

function endOfPhrase(query: string, open: number): number {
  const closes = query[open] === '"' ? /"/ : /[“”]/;
  for (let at = open + 1; at < query.length; at++) {
    if (query[at] === "\\") at++;
    else if (closes.test(query[at] as string)) return at + 1;
  }
  return query.length;
}

function endsWord(query: string, at: number): boolean {
  const c = query[at] as string;
  return space.test(c) || quote.test(c) || /[()（）|｜]/.test(c) || /^[&＆]{2}/.test(query.slice(at));
}
