import { createRoot } from "react-dom/client";

import { config } from "./config";
import { MultiTenantCRMDashboard } from "./dashboard";
import { speak } from "./i18n";
import { applyTheme } from "./shell/preferences";
import "./styles/index.css";

document.title = config.name;
applyTheme();
await speak();
const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(<MultiTenantCRMDashboard />);
