import type { Row } from '../forge-tables.ts';
import type { ForgeUrls } from '../forge-urls.ts';
import { nodeId } from './node-id.ts';

export function checkRunJson(urls: ForgeUrls, fullName: string, check: Row<'checkRuns'>) {
  const url = `${urls.repository(fullName)}/check-runs/${check.id}`;
  return {
    id: check.id,
    node_id: nodeId('CheckRun', check.id),
    name: check.name,
    head_sha: check.sha,
    external_id: check.externalId,
    url,
    html_url: urls.page(fullName, 'commit', check.sha),
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: {
      title: check.title,
      summary: check.summary,
      text: check.text,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: check.id, head_sha: check.sha },
    app: null,
    pull_requests: [],
  };
}
