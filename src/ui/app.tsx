import { signOut } from './api-client.ts';
import { ChannelsPage } from './channels-page.tsx';
import { ClustersPage } from './clusters-page.tsx';
import { Loaded } from './loaded.tsx';
import { LoginPage } from './login-page.tsx';
import { usePath } from './navigation.ts';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { useData } from './use-data.ts';

export interface Reader {
  user: string;
  role: 'viewer' | 'operator' | 'administrator';
}

const places = [
  { path: '/', name: 'Runs' },
  { path: '/channels', name: 'Channels' },
  { path: '/clusters', name: 'Clusters' },
];

export function App() {
  const path = usePath();
  const [reader, reload] = useData<Reader>('/api/v1/me');
  const stranger = reader.state === 'error' && reader.status === 401;
  return (
    <>
      <header>
        <a class="name" href="/">
          Fairway
        </a>
        <nav>
          {places.map(({ path: place, name }) => (
            <a key={place} href={place} aria-current={isIn(path, place) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        {reader.state === 'ready' && (
          <span class="reader" title={`role: ${reader.value.role}`}>
            {reader.value.user}{' '}
            <button type="button" onClick={() => void signOut().then(reload, reload)}>
              Sign out
            </button>
          </span>
        )}
      </header>
      <main>
        {stranger || path === '/login' ? (
          <LoginPage entered={reload} />
        ) : (
          <Loaded data={reader}>{(reader) => <Page path={path} reader={reader} />}</Loaded>
        )}
      </main>
    </>
  );
}

function isIn(path: string, place: string): boolean {
  return place === '/' ? path === '/' || path.startsWith('/runs') : path.startsWith(place);
}

function Page({ path, reader }: { path: string; reader: Reader }) {
  const run = /^\/runs\/([^/]+)$/.exec(path)?.[1];
  if (run !== undefined) return <RunPage key={run} id={run} reader={reader} />;
  if (path === '/' || path === '/runs/') return <RunsPage />;
  if (path === '/channels') return <ChannelsPage reader={reader} />;
  if (path === '/clusters') return <ClustersPage />;
  return <p class="notice">There is no page {path}.</p>;
}
