import type { BareRepository } from './bare-repository.ts';

export interface FileChange {
  path: string;
  previousPath: string | undefined;
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  sha: string;
  additions: number;
  deletions: number;
  /** Hunks without the file header, as GitHub shows them; undefined for binary files and pure renames. */
  patch: string | undefined;
}

/** What changed between two commits, file by file. */
export async function changedFiles(repository: BareRepository, from: string, to: string): Promise<FileChange[]> {
  const range = ['-r', '-M', '--no-ext-diff', from, to];
  const raw = (await repository.git(['diff-tree', '--raw', '--no-abbrev', '-z', ...range])).split('\0');
  const numbers = await lineCounts(repository, range);
  const patches = (await repository.git(['diff-tree', '-p', ...range])).split(/^diff --git .*\n/m).slice(1);
  const changes: FileChange[] = [];
  for (let at = 0; at + 1 < raw.length; ) {
    const [, newMode = '', , newSha = '', letter = ''] = (raw[at] ?? '').split(' ');
    const renamed = letter.startsWith('R') || letter.startsWith('C');
    const first = raw[at + 1] ?? '';
    const path = renamed ? (raw[at + 2] ?? '') : first;
    const counts = numbers.get(path) ?? { additions: 0, deletions: 0 };
    const hunks = patches[changes.length] ?? '';
    changes.push({
      path,
      previousPath: renamed ? first : undefined,
      status: statusOf(letter, newMode),
      sha: newSha,
      ...counts,
      patch: hunks.includes('@@') ? hunks.slice(hunks.search(/^@@/m)).trimEnd() : undefined,
    });
    at += renamed ? 3 : 2;
  }
  return changes;
}

export interface DiffSize {
  files: number;
  additions: number;
  deletions: number;
}

/** How much changed between two commits, without the patches. */
export async function diffSize(repository: BareRepository, from: string, to: string): Promise<DiffSize> {
  const counts = await lineCounts(repository, ['-r', '-M', from, to]);
  const size = { files: counts.size, additions: 0, deletions: 0 };
  for (const { additions, deletions } of counts.values()) {
    size.additions += additions;
    size.deletions += deletions;
  }
  return size;
}

async function lineCounts(repository: BareRepository, range: string[]) {
  const parts = (await repository.git(['diff-tree', '--numstat', '-z', ...range])).split('\0');
  const counts = new Map<string, { additions: number; deletions: number }>();
  for (let at = 0; at + 1 < parts.length; at++) {
    const [additions, deletions, path = ''] = (parts[at] ?? '').split('\t');
    // A rename prints an empty path and then the old and the new one.
    const name = path || (parts[at + 2] ?? '');
    if (!path) at += 2;
    counts.set(name, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  }
  return counts;
}

function statusOf(letter: string, newMode: string): FileChange['status'] {
  if (letter.startsWith('A')) return 'added';
  if (letter.startsWith('D') || newMode === '000000') return 'removed';
  if (letter.startsWith('R')) return 'renamed';
  if (letter.startsWith('T')) return 'changed';
  return 'modified';
}
