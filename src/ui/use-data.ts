import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, api } from './api-client.ts';

export type Data<T> =
  | { state: 'loading' }
  /** `status` is 0 when the server does not answer. */
  | { state: 'error'; status: number; message: string }
  | { state: 'ready'; value: T };

/** Loads a page of the API, and again every `refresh` milliseconds while the page can be seen. */
export function useData<T>(path: string, refresh?: number): [Data<T>, reload: () => void] {
  const [data, setData] = useState<Data<T>>({ state: 'loading' });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const left = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const value = await api<T>(path, { signal: left.signal });
        if (!left.signal.aborted) setData({ state: 'ready', value });
      } catch (error) {
        if (!left.signal.aborted) setData(failure(error));
      }
    };
    void load();
    const timer = refresh === undefined ? 0 : window.setInterval(() => document.hidden || void load(), refresh);
    return () => {
      left.abort();
      window.clearInterval(timer);
    };
  }, [path, refresh, turn]);
  return [data, useCallback(() => setTurn((current) => current + 1), [])];
}

function failure(error: unknown): Data<never> {
  if (error instanceof ApiError) return { state: 'error', status: error.status, message: error.message };
  return { state: 'error', status: 0, message: 'the server does not answer; trying again' };
}
