import { named, translate, type Key } from "../catalogue/language";

// What the server expected at the character of a mistake, in its words, and how the
// catalogue says it. The names are those of the groups.
const known: [pattern: RegExp, key: Key, names: string[]][] = [
  [/there is no search by author/, "mistake.author", []],
  [/^expected a word, a phrase, a field or "\(", found (.*?)(?: \(put it .*)?$/, "mistake.word", ["found"]],
  [/^expected "\)" for the "\(" at character (\d+)/, "mistake.close", ["open"]],
  [/^expected the end of the query, found .* without "\("/, "mistake.open", []],
  [/^expected the quotation mark that closes the one at character (\d+)/, "mistake.quote", ["open"]],
  [/^expected words between the quotation marks/, "mistake.empty_quote", []],
  [/^expected a value right after "(.*?)"/, "mistake.no_value", ["field"]],
  [/^expected one of the fields .*, found "(.*?)"/, "mistake.no_field", ["found"]],
  [/^expected a word right after '(.*?)'/, "mistake.sign", ["sign"]],
  [/^expected (?:the end: a query has|a word, phrase or value of|) ?at most/, "mistake.too_long", []],
];
const badValue = /^expected .* after "(\w+):", found "(.*)"$/;

/** mistakeText says in the chosen language what is wrong with a query. Words of the server
 * that the catalogue does not know are shown as they are. */
export function mistakeText(expected: string): string {
  for (const [pattern, key, names] of known) {
    const groups = pattern.exec(expected);
    if (groups) return translate(key, Object.fromEntries(names.map((name, i) => [name, thing(groups[i + 1] ?? "")])));
  }
  const value = badValue.exec(expected);
  const [, field = "", found = ""] = value ?? [];
  const want = named("want", field);
  return value && want !== field ? translate("mistake.value", { field: `${field}:`, found, want }) : expected;
}

function thing(found: string): string {
  return found === "the end of the query" ? translate("mistake.end") : found;
}
