import { useEffect, useState } from 'preact/hooks';

const moved = 'fairway:moved';

/** The path of the page; links within Fairway change it without loading anew. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const update = (): void => setPath(location.pathname);
    window.addEventListener('popstate', update);
    window.addEventListener(moved, update);
    document.addEventListener('click', followLink);
    return () => {
      window.removeEventListener('popstate', update);
      window.removeEventListener(moved, update);
      document.removeEventListener('click', followLink);
    };
  }, []);
  return path;
}

export function goTo(path: string): void {
  history.pushState(null, '', path);
  window.dispatchEvent(new Event(moved));
  window.scrollTo(0, 0);
}

function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.defaultPrevented;
  if (!link || !plain || link.origin !== location.origin || link.target !== '' || link.pathname.startsWith('/api/'))
    return;
  event.preventDefault();
  goTo(link.pathname);
}
