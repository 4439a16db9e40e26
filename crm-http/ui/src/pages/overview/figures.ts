import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { keys } from "../../data/keys";
import { type QueryOf, service } from "../../data/service";

const common = { placeholderData: keepPreviousData, staleTime: 30_000 } as const;

export const useFigures = () => useQuery({ ...common, queryKey: keys.figure("overview"), queryFn: ({ signal }) => service(signal).analytics.overview() });

export const useSeries = (query: QueryOf<"analytics_timeseries">) =>
  useQuery({ ...common, queryKey: keys.figure("timeseries", query), queryFn: ({ signal }) => service(signal).analytics.timeseries(query) });

export const useFunnel = (from: string) =>
  useQuery({ ...common, queryKey: keys.figure("funnel", { from }), queryFn: ({ signal }) => service(signal).analytics.funnel({ from }) });

export const useForecast = () => useQuery({ ...common, queryKey: keys.figure("forecast"), queryFn: ({ signal }) => service(signal).analytics.forecast() });

export const useLeaderboard = (from: string) =>
  useQuery({ ...common, queryKey: keys.figure("leaderboard", { from }), queryFn: ({ signal }) => service(signal).analytics.leaderboard({ from }) });
