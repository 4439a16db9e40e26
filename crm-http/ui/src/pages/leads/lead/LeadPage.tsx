import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";

import { config } from "../../../config";
import { type Lead, useCan, usePipeline, useRecord } from "../../../data";
import { titleOf } from "../../../format";
import { Answer, Button, Icon, Loading, Menu, Tabs } from "../../../kit";
import { History } from "../../../kit/History";
import { partOf } from "../../../kit/partOf";
import { useDelete } from "../deleting";
import { useMove } from "../moving";
import { StageBadge } from "../StageBadge";
import { Facts } from "./Facts";
import { StageHistory } from "./StageHistory";
import { StageStepper } from "./StageStepper";

const EditLead = lazy(() => import("../EditLead"));
const ConvertDialog = lazy(() => import("./ConvertDialog"));
const Timeline = partOf<{ lead: string }>("interactions", () => import("./Timeline"));
const RecordTasks = partOf<{ of: { lead_id: string } }>("tasks", () => import("../../tasks/RecordTasks"));

function Header({ lead, onEdit, onConvert }: { lead: Lead; onEdit(): void; onConvert(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const { stages } = usePipeline();
  const [, navigate] = useLocation();
  const remove = useDelete();
  const stage = stages.find(({ key }) => key === lead.stage);
  const isConverted = lead.customer_id !== null && stage?.kind === "won";
  const drop = (): void => {
    remove(lead);
    navigate("/leads");
  };
  return (
    <div className="page-header">
      <div className="lead-heading">
        <p>
          <Link href="/leads">{t`Leads`}</Link> <span className="muted">/</span> <span className="muted numeric">{lead.lead_id}</span>
        </p>
        <h1>{titleOf(lead)}</h1>
        <StageBadge stages={stages} stage={lead.stage} />
      </div>
      <div className="toolbar">
        {can("update:leads") && can("create:customers") && !isConverted && (
          <Button variant="primary" icon="customers" onClick={onConvert}>
            {t`Convert to customer`}
          </Button>
        )}
        {can("update:leads") && (
          <Button icon="edit" onClick={onEdit}>
            {t`Edit`}
          </Button>
        )}
        {can("delete:leads") && <Menu label={t`More`} items={[{ id: "delete", label: t`Delete lead`, icon: "trash", isDanger: true, act: drop }]} />}
      </div>
    </div>
  );
}

function Page({ lead }: { lead: Lead }) {
  const { t } = useLingui();
  const can = useCan();
  const { stages } = usePipeline();
  const move = useMove();
  const [tab, setTab] = useState<"timeline" | "changes">("timeline");
  const [opened, setOpened] = useState<"edit" | "convert" | null>(null);
  const close = (): void => setOpened(null);
  const title = `${lead.lead_id} ${titleOf(lead)}`;
  useEffect(() => {
    document.title = `${title} · ${config.name}`;
  }, [title]);
  return (
    <div className="lead-page">
      <Header lead={lead} onEdit={() => setOpened("edit")} onConvert={() => setOpened("convert")} />
      <StageStepper lead={lead} stages={stages} onMove={can("update:leads") ? (stage) => void move(lead, stage) : null} />
      <div className="lead-columns">
        <section className="card lead-main" aria-label={t`What happened`}>
          <h2 className="visually-hidden">{t`What happened`}</h2>
          <Tabs<"timeline" | "changes">
            label={t`What happened`}
            selected={tab}
            onSelect={setTab}
            tabs={[
              { key: "timeline", label: t`Timeline` },
              { key: "changes", label: t`Changes` },
            ]}
          >
            <Suspense fallback={<Loading />}>{tab === "timeline" ? <Timeline lead={lead.id} /> : <History kind="leads" id={lead.id} />}</Suspense>
          </Tabs>
        </section>
        <div className="lead-side">
          <Facts lead={lead} />
          {config.pages.includes("tasks") && can("read:tasks") && (
            <Suspense fallback={<Loading lines={3} />}>
              <RecordTasks of={{ lead_id: lead.id }} />
            </Suspense>
          )}
          <StageHistory lead={lead} />
        </div>
      </div>
      <Suspense>
        {opened === "edit" && <EditLead lead={lead} onClose={close} />}
        {opened === "convert" && <ConvertDialog lead={lead} onClose={close} />}
      </Suspense>
    </div>
  );
}

export default function LeadPage({ id }: { id: string }) {
  const { t } = useLingui();
  const lead = useRecord("leads", id);
  return (
    <>
      <Answer query={lead} lines={10} isPage>
        {(found) => <Page lead={found} />}
      </Answer>
      {!lead.data && lead.error && (
        <p className="lead-back">
          <Link href="/leads">
            <Icon name="left" size={14} /> {t`All leads`}
          </Link>
        </p>
      )}
    </>
  );
}
