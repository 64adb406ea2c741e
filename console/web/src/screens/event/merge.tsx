import { useId, useState } from "react";
import type { Schemas } from "../../api/client";
import { useEvents, useMergeEvent } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { LevelBadge } from "../../parts/badges";
import { FailurePanel, Loading } from "../../parts/nothing";
import { number } from "../../parts/time";
import { When } from "../../parts/when";
import { EditForm } from "./editform";

type Row = Schemas["EventRow"];

/** MergePanel makes this event part of another one, which is looked for by name. */
export function MergePanel({ event: e }: { event: Schemas["EventDetail"] }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  if (!open) return <p className="edit-start no-print"><button type="button" className="button" onClick={() => setOpen(true)}>{t("edit.merge")}</button></p>;
  return <Merge event={e} close={() => setOpen(false)} />;
}

function Merge({ event: e, close }: { event: Schemas["EventDetail"]; close: () => void }) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState("");
  const [q, setQ] = useState("");
  const [into, setInto] = useState<Row>();
  const merge = useMergeEvent(e.id);
  return (
    <section className="panel edit no-print" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("edit.merge")}</h2>
      <p className="quiet">{t("edit.merge.hint")}</p>
      <form role="search" className="edit-search" onSubmit={(event) => {
        event.preventDefault();
        setQ(text.trim());
      }}>
        <label htmlFor={id}>{t("edit.merge.find")}</label>
        <input id={id} type="search" autoFocus maxLength={100} value={text} placeholder={t("events.name.hint")} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button">{t("search.submit")}</button>
      </form>
      <Targets q={q} except={e.id} chosen={into} choose={setInto} />
      <EditForm submit={t("edit.merge.send")} blocked={into ? undefined : t("edit.merge.choose")} pending={merge.isPending} error={merge.error} close={close}
        send={(reason) => into && merge.mutate({ into: into.id, reason }, { onSuccess: close })} />
    </section>
  );
}

type TargetProps = { q: string; except: string; chosen: Row | undefined; choose: (event: Row) => void };

/** Targets are the events that may be chosen: those of the name, or the latest. */
function Targets({ q, except, chosen, choose }: TargetProps) {
  const t = useT();
  const name = useId();
  const list = useEvents(q ? { q } : {}, "last");
  const found = (list.data?.pages[0]?.events ?? []).filter((x) => x.id !== except).slice(0, 8);
  if (list.isPending) return <Loading />;
  if (list.isError) return <FailurePanel error={list.error} retry={() => void list.refetch()} />;
  return (
    <fieldset className="targets">
      <legend>{t("edit.merge.target")}</legend>
      {found.length === 0 && <p className="quiet">{t("events.empty.filtered.title")}</p>}
      {found.map((x) => (
        <label key={x.id} className="target">
          <input type="radio" name={name} checked={chosen?.id === x.id} onChange={() => choose(x)} />
          <span>{x.name || t("post.untitled")}<span className="quiet target-facts"><LevelBadge level={x.level} />{t("events.posts", { n: number(x.posts, language()) })} <When at={x.last_at} />{x.case && ` ${x.case.number}`}</span></span>
        </label>
      ))}
    </fieldset>
  );
}
