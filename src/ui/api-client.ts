/** What the server refused; `message` is its sentence. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks the API with the reader's session. */
export async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } });
  if (response.ok) return response.status === 204 ? (undefined as T) : response.json();
  const problem: { detail?: string } = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem.detail ?? `the server answered ${response.status}`);
}

export function post<T>(path: string, body?: object): Promise<T> {
  if (body === undefined) return api<T>(path, { method: 'POST' });
  return api<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

/** Ends the session. */
export function signOut(): Promise<void> {
  return api('/logout', { method: 'POST' });
}

/** The token travels in the body; the answer sets the session's cookie. */
export function signIn(token: string): Promise<void> {
  return api('/login', { method: 'POST', body: new URLSearchParams({ token }) });
}
