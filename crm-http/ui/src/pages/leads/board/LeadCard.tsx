import { useLingui } from "@lingui/react/macro";
import { type RefObject, memo, useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import type { Lead, Stage, User } from "../../../data";
import { formatDate, formatMoney, titleOf } from "../../../format";
import { Avatar, Icon, Menu, classes } from "../../../kit";
import { draggable } from "../../../kit/draggable";
import { useLeadMenu } from "../LeadMenu";
import { isOverdue } from "../overdue";

export interface LeadCardProps {
  lead: Lead;
  stages: readonly Stage[];
  owner: User | undefined;
  canMove: boolean;
  /** The id of the lead that has just been moved, until its card has taken the focus, so that one can go on from there. */
  moved: RefObject<string | null>;
  onMove(lead: Lead, stage: Stage): void;
  onEdit(lead: Lead): void;
  onDelete(lead: Lead): void;
}

function Card({ lead, stages, owner, canMove, moved, onMove, onEdit, onDelete }: LeadCardProps) {
  const { t } = useLingui();
  const card = useRef<HTMLElement>(null);
  const [isDragged, setDragged] = useState(false);
  const [isMoved, setMoved] = useState(false);
  const items = useLeadMenu(lead, stages, { onMove, onEdit, onDelete });
  const stage = stages.find(({ key }) => key === lead.stage);
  const title = titleOf(lead);
  const isLate = stage?.kind === "open" && isOverdue(lead.expected_close);

  const current = useRef(lead);
  useEffect(() => {
    current.current = lead;
  });
  useEffect(() => {
    const element = card.current;
    if (!element || !canMove) return;
    return draggable({
      element,
      // Its menu is in front of the board, and no part of what is dragged.
      canDrag: ({ input }) => !document.elementFromPoint(input.clientX, input.clientY)?.closest("[role=menu]"),
      getInitialData: () => ({ lead: current.current }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [canMove]);

  useEffect(() => {
    if (moved.current !== lead.id) return;
    moved.current = null;
    setMoved(true);
    card.current?.querySelector("a")?.focus();
  }, [moved, lead.id]);

  return (
    <article ref={card} data-lead={lead.id} className={classes("lead-card", isDragged && "is-dragged", isMoved && "is-moved", canMove && "is-movable")}>
      <div className="lead-card-head">
        <span className="muted numeric">{lead.lead_id}</span>
        {items.length > 0 && (
          <Menu label={canMove ? t`Move to: ${lead.lead_id}` : t`What to do with ${lead.lead_id}`} items={items}>
            {canMove ? t`Move to` : <Icon name="more" />}
            <Icon name="down" size={14} />
          </Menu>
        )}
      </div>
      <Link href={`/leads/${lead.id}`} className="lead-card-title" draggable={false} aria-describedby={`${lead.id}-about`}>
        {title}
      </Link>
      <div className="lead-card-who">
        <span className="muted truncate">{lead.name !== title && lead.name}</span>
        {owner && (
          <span className="lead-owner" title={titleOf(owner)}>
            <Avatar name={titleOf(owner)} size="small" />
            <span className="visually-hidden">{t`Owner: ${titleOf(owner)}`}</span>
          </span>
        )}
      </div>
      <div className="lead-card-foot" id={`${lead.id}-about`}>
        {lead.value !== null && <strong className="numeric">{formatMoney(lead.value)}</strong>}
        {lead.expected_close !== null && (
          <span className={classes("lead-close", isLate ? "is-late" : "muted")}>
            <Icon name={isLate ? "warning" : "calendar"} size={14} />
            {isLate && <span className="visually-hidden">{t`overdue since`}</span>}
            {formatDate(lead.expected_close)}
          </span>
        )}
      </div>
    </article>
  );
}

// What is called back does the same after every render.
export const LeadCard = memo(Card, (before, after) => (["lead", "stages", "owner", "canMove"] as const).every((name) => before[name] === after[name]));
