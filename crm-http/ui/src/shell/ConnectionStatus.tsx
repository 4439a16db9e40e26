import { useLingui } from "@lingui/react/macro";

import { useConnection } from "../data/live";

/** Whether changes by others are seen as they happen. */
export function ConnectionStatus() {
  const { t } = useLingui();
  const connection = useConnection();
  const text = { live: t`Live`, connecting: t`Connecting…`, offline: t`Offline` }[connection];
  return (
    <span className={`connection ${connection}`} role="status">
      {text}
    </span>
  );
}
