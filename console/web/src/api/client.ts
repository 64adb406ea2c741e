import createClient from "openapi-fetch";
import { language } from "../catalogue/language";
import { noteServerTime } from "../parts/clock";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** api calls the server with the types of its OpenAPI document. */
export const api = createClient<paths>({
  baseUrl: "",
  credentials: "same-origin",
  querySerializer: { array: { style: "form", explode: false } },
});

api.use({
  onRequest({ request }) {
    request.headers.set("Accept-Language", language());
    return request;
  },
  onResponse({ response }) {
    noteServerTime(response.headers.get("Date"));
  },
});

/** Failure is an answer that is no success, or no answer at all (status 0). */
export class Failure extends Error {
  readonly status: number;
  readonly problem: Schemas["Problem"] | undefined;

  constructor(status: number, problem?: Schemas["Problem"]) {
    super(problem?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }

  get reason(): string {
    return this.problem?.reason ?? "";
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** ask returns the body of a successful answer and throws a Failure otherwise. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw new Failure(0);
  }
  if (!answer.response.ok) {
    throw new Failure(answer.response.status, isProblem(answer.error) ? answer.error : undefined);
  }
  return answer.data as T;
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "detail" in body && "code" in body;
}
