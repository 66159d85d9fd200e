/** A component that a tool renders, as files in memory. */
export interface ToolFolder {
  /** What is to be built, e.g. `cluster/manifests/web`. */
  folder: string;
  /** All that the tool may read, by path. */
  files: ReadonlyMap<string, Uint8Array>;
}

export interface ChartRelease {
  name: string;
  namespace: string;
  /** YAML texts over the chart's own values; later ones win. */
  values: readonly string[];
}

export type ToolOutcome =
  | { outcome: 'rendered'; text: string }
  /** In the tool's own words. */
  | { outcome: 'refused'; message: string };

/**
 * The official programs that turn a folder into manifests. They see the given files only: no network, no cluster, nothing else
 * of the machine. Throws FairwayError `unavailable` when a program can't be had.
 */
export interface ManifestTools {
  kustomize(input: ToolFolder, signal: AbortSignal): Promise<ToolOutcome>;
  helm(chart: ToolFolder, release: ChartRelease, signal: AbortSignal): Promise<ToolOutcome>;
}
