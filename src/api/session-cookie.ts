const name = 'fairway_session';
/** Browsers take a cookie of this name only from the host itself, over TLS: no neighbour under the same domain can set it. */
const secureName = `__Host-${name}`;

/** The cookie that carries a session's id, which scripts can't read. `secure`: people reach us over TLS. */
export function sessionCookie(id: string, { secure, seconds }: { secure: boolean; seconds: number }): string {
  const place = 'Path=/; HttpOnly; SameSite=Strict';
  return `${secure ? secureName : name}=${id}; ${place}; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
}

/** Of a session that has ended. */
export function endedCookie({ secure }: { secure: boolean }): string {
  return sessionCookie('', { secure, seconds: 0 });
}

/** The session's id that a request carries. */
export function sessionIdOf(cookies: string | undefined, { secure }: { secure: boolean }): string | undefined {
  const wanted = secure ? secureName : name;
  for (const pair of (cookies ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === wanted && value) return value;
  }
  return undefined;
}
