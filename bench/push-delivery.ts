/** A push event as large as GitHub's usually are: 8 KB. */
export function pushDelivery(): Buffer {
  const repository = {
    id: 1,
    full_name: 'example/config',
    ...Object.fromEntries(
      [
        'archive',
        'branches',
        'commits',
        'compare',
        'contents',
        'deployments',
        'forks',
        'hooks',
        'issues',
        'labels',
      ].map((name) => [`${name}_url`, `https://api.github.com/repos/example/config/${name}{/sha}`]),
    ),
  };
  const author = { name: 'A Developer', email: 'developer@example.org', username: 'developer' };
  const commits = Array.from({ length: 10 }, (_, index) => ({
    id: String(index).repeat(40),
    tree_id: String(9 - index).repeat(40),
    message: `feat: change number ${index}\n\nWhat it does, and why it does it, in a line or two.`,
    timestamp: '2026-11-20T10:00:00+01:00',
    url: `https://github.com/example/config/commit/${String(index).repeat(40)}`,
    author,
    committer: author,
    added: [],
    removed: [],
    modified: [`cluster/manifests/component-${index}/deployment.yaml`, 'cluster/config-defaults.yaml'],
  }));
  const push = { ref: 'refs/heads/dev', before: '0'.repeat(40), after: '9'.repeat(40), repository, commits };
  return Buffer.from(JSON.stringify(push));
}
