import t from 'tap';
import { GroupCommit } from './group-commit.ts';

const megabyte = 1024 * 1024;

/** Commits that are recorded, and upper-cased; an item that begins with `!` can't be committed. */
function recorded(sizeOf: (item: string) => number = () => 1) {
  const commits: string[][] = [];
  const group = new GroupCommit<string, string>(async (items) => {
    commits.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const bad = items.find((item) => item.startsWith('!'));
    if (bad !== undefined) throw new Error(`${bad} can't be stored`);
    return items.map((item) => item.toUpperCase());
  }, sizeOf);
  return { commits, group };
}

t.test('what comes in at once is committed at once, and each is told its own result', async (t) => {
  const { commits, group } = recorded();
  t.same(await Promise.all(['a', 'b', 'c'].map((item) => group.add(item))), ['A', 'B', 'C']);
  t.same(commits, [['a', 'b', 'c']]);
  t.equal(await group.add('d'), 'D');
  t.same(commits.at(-1), ['d']);
});

t.test('what comes in during a commit is in the next one', async (t) => {
  const { commits, group } = recorded();
  const first = group.add('a');
  await new Promise((resolve) => setTimeout(resolve, 2));
  await Promise.all([first, group.add('b'), group.add('c')]);
  t.same(commits, [['a'], ['b', 'c']]);
});

t.test('what can not be committed fails alone', async (t) => {
  const { group } = recorded();
  const outcomes = await Promise.allSettled(['a', '!b', 'c'].map((item) => group.add(item)));
  t.match(outcomes, [
    { status: 'fulfilled', value: 'A' },
    { status: 'rejected', reason: { message: "!b can't be stored" } },
    { status: 'fulfilled', value: 'C' },
  ]);
  t.equal(await group.add('d'), 'D');
});

t.test('large ones are committed by themselves, many in parts', async (t) => {
  const large = recorded(() => 5 * megabyte);
  await Promise.all(['a', 'b'].map((item) => large.group.add(item)));
  t.same(large.commits, [['a'], ['b']]);
  const many = recorded();
  await Promise.all(Array.from({ length: 501 }, (_, index) => many.group.add(`${index}`)));
  t.same(
    many.commits.map((items) => items.length),
    [500, 1],
  );
});
