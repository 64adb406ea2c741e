import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Failure } from "./api/client";
import { App } from "./app";
import { markDocument } from "./catalogue/language";
import "./styles/base.css";
import "./styles/parts.css";

// A 401 anywhere means that the session has ended: the sign-in page then takes the place
// of the page, which keeps its address and its drafts.
function noticeEnd(error: unknown): void {
  if (error instanceof Failure && error.status === 401 && error.reason !== "wrong_password") {
    client.setQueryData(["session-ended"], true);
    client.setQueryData(["session"], null);
  }
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({ onError: noticeEnd }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // Only what may pass by itself is tried again.
      retry: (count, error) => count < 2 && error instanceof Failure && (error.status === 0 || error.status === 503 || error.status === 429),
    },
  },
});

markDocument();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
}
