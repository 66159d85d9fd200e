import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signIn } from './api-client.ts';
import { goTo } from './navigation.ts';

/** `#token=…` signs in by itself: what stands behind # is never sent to a server or written to its log. */
export function LoginPage({ entered }: { entered: () => void }) {
  const [refusal, setRefusal] = useState('');
  const enter = async (token: string): Promise<void> => {
    try {
      await signIn(token);
      if (location.pathname === '/login') goTo('/');
      entered();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (!token) return;
    history.replaceState(null, '', location.pathname);
    void enter(token);
  }, []);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void enter(String(new FormData(event.currentTarget).get('token') ?? ''));
  };
  return (
    <form class="card login" onSubmit={submit}>
      <h1>Sign in</h1>
      <label>
        Token
        <input name="token" type="password" autocomplete="current-password" required />
      </label>
      {refusal !== '' && <p class="notice bad">{refusal}</p>}
      <button type="submit">Sign in</button>
    </form>
  );
}
